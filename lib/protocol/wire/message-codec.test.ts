import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidMessageError, MalformedFrameError, MessageTooLargeError } from '../errors.ts';
import * as limits from '../limits.ts';
import type { ReceivedMessage } from '../messages/application/index.ts';
import { parseMessage } from '../parse-message.ts';
import { applicationSamples } from '../test-support/application-samples.ts';
import { jsonValue } from '../test-support/arbitraries.ts';
import { ByteWriter, encodeText } from './bytes.ts';
import { decodeMessage, encodeMessage } from './message-codec.ts';

const roundTrip = (message: unknown) => parseMessage(decodeMessage(encodeMessage(parseMessage(message))));

function bodyOf(flags: number, json: string, bytes: readonly number[] = []): Uint8Array<ArrayBuffer> {
  const encoded = encodeText(json);
  return Uint8Array.of(flags, encoded.length, ...encoded, ...bytes);
}

describe('a message comes out as it went in', () => {
  it.each(Object.entries(applicationSamples))('%s', (_, message) => {
    expect(roundTrip(message)).toEqual(parseMessage(message));
  });

  it('with any JSON in an own message', () => {
    fc.assert(
      fc.property(jsonValue, (data) => {
        expect(roundTrip({ type: 'x-any', data })).toEqual({ type: 'x-any', data });
      }),
      { seed: 1, numRuns: 1_000 },
    );
  });

  it('with any JSON in a field that an order does not name', () => {
    const { order } = applicationSamples.order as { order: object };
    fc.assert(
      fc.property(jsonValue, (extra) => {
        expect(roundTrip({ type: 'order', order: { ...order, extra } })).toHaveProperty(['order', 'extra'], extra);
      }),
      { seed: 1 },
    );
  });
});

describe('bytes', () => {
  it('cross as they are, with a few bytes around them and no base64', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4_096 }), (bytes) => {
        const data = Uint8Array.from(bytes);
        const body = encodeMessage({ type: 'x-photo', data });
        expect(body.length - data.length).toBeLessThan(40);
        expect(body.subarray(body.length - data.length)).toEqual(data);
        expect(decodeMessage(body)).toEqual({ type: 'x-photo', data });
      }),
      { seed: 1 },
    );
  });

  it("of a print job cross the same way, and leave the sender's message alone", () => {
    const bytes = Uint8Array.of(0x1b, 0x40);
    const job = { jobId: 'j', content: { kind: 'bytes', language: 'esc-pos', bytes } };
    const message = parseMessage({ type: 'print', printJob: job });
    const body = encodeMessage(message);
    expect(body.subarray(-2)).toEqual(bytes);
    expect(message).toHaveProperty(['printJob', 'content', 'bytes'], bytes);
    expect(decodeMessage(body)).toEqual(message);
  });

  it('that are none are told from null', () => {
    expect(roundTrip({ type: 'x-a', data: new Uint8Array() })).toEqual({ type: 'x-a', data: new Uint8Array() });
    expect(roundTrip({ type: 'x-a', data: null })).toEqual({ type: 'x-a', data: null });
  });

  it('that come with a message without a field for them are refused', () => {
    const homeless = [
      '{"type":"ping"}',
      '{"type":"x-a","data":1}',
      '{"type":"print","printJob":{"content":{"bytes":"AA=="}}}',
      '{"type":"print","printJob":null}',
      '{"type":"print","printJob":{"content":null}}',
      'null',
      '[]',
      '"x"',
      '5',
    ];
    for (const json of homeless) {
      expect(() => decodeMessage(bodyOf(1, json, [1])), json).toThrow(
        'A message brings bytes and has no field for them.',
      );
    }
  });

  it('that no flag announces are refused', () => {
    expect(() => decodeMessage(bodyOf(0, '{"type":"x-a","data":null}', [1]))).toThrow(MalformedFrameError);
  });

  it('that are missing leave a print job that its schema refuses', () => {
    const json = '{"type":"print","printJob":{"jobId":"j","content":{"kind":"bytes","language":"pdf","bytes":null}}}';
    expect(() => parseMessage(decodeMessage(bodyOf(0, json)))).toThrow(InvalidMessageError);
  });
});

describe('a body that is no message is refused as malformed', () => {
  it('when it is not JSON, or not UTF-8, or cut', () => {
    expect(() => decodeMessage(bodyOf(0, '{"type":'))).toThrow('A message is not JSON.');
    expect(() => decodeMessage(bodyOf(0, ''))).toThrow('A message is not JSON.');
    expect(() => decodeMessage(Uint8Array.of(0, 1, 0xff))).toThrow('not UTF-8');
    expect(() => decodeMessage(Uint8Array.of(0, 100, 123))).toThrow('shorter than its length fields say');
    expect(() => decodeMessage(new Uint8Array())).toThrow(MalformedFrameError);
  });

  it('when its first byte has a meaning that this version does not know', () => {
    for (const flags of [2, 3, 128, 255]) {
      expect(() => decodeMessage(bodyOf(flags, '{"type":"ping"}'))).toThrow(`No message begins with ${flags}.`);
    }
  });

  it('and one of a million levels neither overflows the stack nor gets past the schema', () => {
    const levels = 1_000_000;
    const json = encodeText(`{"type":"x-a","data":${'['.repeat(levels)}${']'.repeat(levels)}}`);
    const writer = new ByteWriter(json.length + 8);
    writer.byte(0);
    writer.varint(json.length);
    writer.bytes(json);
    const receive = () => parseMessage(decodeMessage(writer.finish()));
    expect(receive).toThrow(/is not JSON|must not be nested/);
  });
});

describe('the limit on a message', () => {
  const padded = (data: ReceivedMessage) => encodeMessage(data).length;

  it('counts its JSON and its bytes, and lets the last byte through', () => {
    const overhead = '{"type":"x-a","data":null}'.length;
    const largest = new Uint8Array(limits.messageBytes - overhead);
    expect(padded({ type: 'x-a', data: largest })).toBeGreaterThan(limits.messageBytes);
    const encodeOver = () => encodeMessage({ type: 'x-a', data: new Uint8Array(largest.length + 1) });
    expect(encodeOver).toThrow(MessageTooLargeError);
    expect(encodeOver).toThrow(`The message is ${limits.messageBytes + 1} bytes long; the limit is 67108864.`);
  });
});
