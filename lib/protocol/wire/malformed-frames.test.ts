import { describe, expect, it } from 'vitest';
import { MalformedFrameError } from '../errors.ts';
import * as limits from '../limits.ts';
import { deviceSamples, linkSamples, type Named, relaySamples, serverSamples } from '../test-support/samples.ts';
import { ByteWriter } from './bytes.ts';
import { decodeLinkMessage, encodeLinkMessage } from './link-codec.ts';
import { decodeForDevice, decodeForServer, encodeSignaling, openRelayFrame } from './signaling-codec.ts';

type Frame = Uint8Array<ArrayBuffer>;

const encoded = <Message>(samples: Named<Message>, encode: (message: Message) => Frame) =>
  Object.entries(samples).map(([name, message]) => ({ name, frame: encode(message) }));

/** Each message with the decoder of the side that it is for. An `entry` and a `frame` have no end of their own, so they stand apart. */
const cases = [
  ...encoded(deviceSamples, encodeSignaling).map((sample) => ({ ...sample, decode: decodeForServer })),
  ...encoded(serverSamples, encodeSignaling).map((sample) => ({ ...sample, decode: decodeForDevice })),
  ...encoded(relaySamples, encodeSignaling)
    .filter(({ name }) => name !== 'frame')
    .map((sample) => ({ ...sample, decode: decodeForDevice })),
  ...encoded(linkSamples, encodeLinkMessage)
    .filter(({ name }) => !name.startsWith('entry'))
    .map((sample) => ({ ...sample, decode: decodeLinkMessage })),
];

function frameOf(write: (writer: ByteWriter) => void): Frame {
  const writer = new ByteWriter();
  write(writer);
  return writer.finish();
}

function writeText(writer: ByteWriter, bytes: readonly number[]): void {
  writer.varint(bytes.length);
  writer.bytes(Uint8Array.from(bytes));
}

describe('a frame that is no message is refused as malformed', () => {
  it.each(cases)('$name, cut at any length [W1]', ({ frame, decode }) => {
    for (let length = 0; length < frame.length; length++) {
      expect(() => decode(frame.subarray(0, length)), `${length} bytes`).toThrow(MalformedFrameError);
    }
  });

  it.each(cases)('$name, with a byte behind its end [W1]', ({ frame, decode }) => {
    expect(() => decode(Uint8Array.of(...frame, 0))).toThrow(/goes on for 1 bytes after its end/);
  });

  it.each(encoded(serverSamples, encodeSignaling).filter(({ name }) => name !== 'heartbeat'))(
    "$name sent to the server, which is the server's own to say",
    ({ frame }) => {
      expect(() => decodeForServer(frame)).toThrow(/No message of this direction has the code/);
    },
  );

  it.each(encoded(relaySamples, encodeSignaling))('$name taken for a message to the server itself', ({ frame }) => {
    expect(() => decodeForServer(frame)).toThrow(/No message of this direction/);
  });

  it('a join sent to a device', () => {
    const [join] = encoded(deviceSamples, encodeSignaling);
    expect(() => decodeForDevice(join?.frame ?? new Uint8Array())).toThrow(/No message of this direction/);
  });

  it.each([
    ['to the server', decodeForServer, [0, 15, 19]],
    ['to a device', decodeForDevice, [0, 15, 22]],
    ['over a link', decodeLinkMessage, [0, 17, 19]],
  ] as const)('an unknown code, %s [W1]', (_, decode, unknown) => {
    for (const code of [...unknown, 127, 128, 255]) {
      expect(() => decode(Uint8Array.of(code))).toThrow(`has the code ${code}.`);
    }
  });

  it('an empty one', () => {
    for (const decode of [decodeForServer, decodeForDevice, decodeLinkMessage, openRelayFrame]) {
      expect(() => decode(new Uint8Array())).toThrow(MalformedFrameError);
    }
  });
});

describe('what a frame says of its own length is not believed', () => {
  it('a count of items that the frame cannot hold, before room is made for them [W3]', () => {
    const forged = frameOf((writer) => {
      writer.byte(1);
      writer.varint(Number.MAX_SAFE_INTEGER);
    });
    expect(() => decodeLinkMessage(forged)).toThrow('The frame announces more items than it can hold.');
  });

  it('a text longer than the frame [W3]', () => {
    const forged = frameOf((writer) => {
      writer.byte(1);
      writer.varint(limits.signalingFrameBytes);
    });
    expect(() => decodeForServer(forged)).toThrow('The frame is shorter than its length fields say.');
  });
});

describe('fields outside their bounds are refused with the name of the field', () => {
  const join = (tenantId: readonly number[], deviceType = 'staff') =>
    frameOf((writer) => {
      const encode = (text: string) => [...new TextEncoder().encode(text)];
      writer.byte(1);
      for (const bytes of [tenantId, encode(deviceType), encode('iPad')]) writeText(writer, bytes);
      writer.varint(0);
      writer.varint(0);
      writer.bytes(new Uint8Array(65 + 64));
    });

  it('text that is not UTF-8 [W2]', () => {
    const wrong = [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]];
    for (const bytes of wrong) {
      expect(() => decodeForServer(join(bytes))).toThrow('The frame holds text that is not UTF-8.');
    }
  });

  it('an empty tenant, an unknown kind of device', () => {
    expect(() => decodeForServer(join([]))).toThrow('In a "join" message "tenantId" must have at least 1 character');
    expect(() => decodeForServer(join([120], 'toaster'))).toThrow(/"device.type" must be one of .*, not "toaster"\.$/);
  });

  it('more items than the list may have', () => {
    const hello = (series: number) =>
      frameOf((writer) => {
        writer.byte(1);
        writer.varint(1);
        writer.bytes(new Uint8Array(32 + 8));
        writer.varint(series);
        writer.bytes(new Uint8Array(series));
      });
    expect(decodeLinkMessage(hello(16))).toMatchObject({ journals: [{ cursors: { length: 16 } }] });
    expect(() => decodeLinkMessage(hello(17))).toThrow(
      'In a "hello" message "journals[0].cursors" must have at most 16 entries, not 17.',
    );
  });

  it("a stranger's text comes into the reason shortened and escaped", () => {
    const attempt = () => decodeForServer(join([120], `\n${'x'.repeat(1_000)}`));
    expect(attempt).toThrow(/not "\\nx{39}"… \(1001 characters\)\.$/);
  });

  it('an attempt over 32 bits', () => {
    const offer = frameOf((writer) => {
      writer.bytes(Uint8Array.of(16, 0));
      writer.varint(2 ** 32);
      writer.bytes(new Uint8Array(16));
      writer.varint(0);
    });
    expect(() => decodeForDevice(offer)).toThrow('In a "offer" message "attempt" must be at most 4294967295');
  });
});
