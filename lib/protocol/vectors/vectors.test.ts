import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { applicationMessages } from '../messages/application/index.ts';
import { linkMessages } from '../messages/link/index.ts';
import { deviceMessages, relayMessages, serverMessages } from '../messages/signaling/index.ts';
import { parseMessage } from '../parse-message.ts';
import { applicationSamples } from '../test-support/application-samples.ts';
import { cutIntoPieces, packBatch } from '../test-support/frames.ts';
import { deviceSamples, linkSamples, type Named, relaySamples, serverSamples } from '../test-support/samples.ts';
import { PROTOCOL_VERSION } from '../version.ts';
import { RecordAssembler } from '../wire/channel-frame.ts';
import { decodeLinkMessage, encodeLinkMessage } from '../wire/link-codec.ts';
import { decodeMessage, encodeMessage } from '../wire/message-codec.ts';
import { decodeForDevice, decodeForServer, encodeSignaling } from '../wire/signaling-codec.ts';

/* The golden files tell a second implementation, and our own next version, which bytes a message is. */

type Frame = Uint8Array<ArrayBuffer>;
interface Vector {
  name: string;
  message: unknown;
  hex: string;
}
interface GoldenFile {
  version: number;
  vectors: Vector[];
}
interface Golden<Message = unknown> {
  samples: Named<Message>;
  /** The types that the samples must cover. */
  types: string[];
  encode(message: Message): Frame;
  decode(frame: Frame): unknown;
}

const golden: Record<string, Golden> = {
  'device-to-server': suite({
    samples: deviceSamples,
    types: Object.keys(deviceMessages),
    encode: encodeSignaling,
    decode: decodeForServer,
  }),
  'server-to-device': suite({
    samples: serverSamples,
    types: Object.keys(serverMessages),
    encode: encodeSignaling,
    decode: decodeForDevice,
  }),
  relayed: suite({
    samples: relaySamples,
    types: Object.keys(relayMessages),
    encode: encodeSignaling,
    decode: decodeForDevice,
  }),
  link: suite({
    samples: linkSamples,
    types: Object.keys(linkMessages),
    encode: encodeLinkMessage,
    decode: decodeLinkMessage,
  }),
  application: suite({
    samples: Object.fromEntries(
      Object.entries(applicationSamples).map(([name, message]) => [name, parseMessage(message)]),
    ),
    types: Object.keys(applicationMessages),
    encode: encodeMessage,
    decode: (frame) => parseMessage(decodeMessage(frame)),
  }),
};

function suite<Message>(golden: Golden<Message>): Golden {
  return golden as unknown as Golden;
}

const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

/** As it stands in a golden file: JSON, with bytes as `{ "hex": "…" }`. */
const readable = (message: unknown): unknown =>
  JSON.parse(JSON.stringify(message, (_, value) => (value instanceof Uint8Array ? { hex: toHex(value) } : value)));

const pathOf = (name: string) => `${import.meta.dirname}/${name}.json`;
const read = (name: string): GoldenFile => JSON.parse(readFileSync(pathOf(name), 'utf8'));

/** New vectors may come at any time; what a version's bytes once were, they stay. */
function record(name: string, { samples, encode }: Golden): void {
  const vectors = Object.entries(samples).map(([name, message]) => ({
    name,
    message: readable(message),
    hex: toHex(encode(message)),
  }));
  const recorded = existsSync(pathOf(name)) ? read(name) : null;
  if (recorded?.version === PROTOCOL_VERSION) {
    const changed = recorded.vectors.filter(
      (old) => vectors.find((vector) => vector.name === old.name)?.hex !== old.hex,
    );
    if (changed.length > 0) throw new Error(notRecorded(name, changed));
  }
  writeFileSync(pathOf(name), `${JSON.stringify({ version: PROTOCOL_VERSION, vectors }, null, 2)}\n`);
}

const notRecorded = (file: string, changed: Vector[]) =>
  `Not recorded: in ${file}.json the bytes of ${changed.map(({ name }) => `"${name}"`).join(', ')} have changed, and ` +
  `PROTOCOL_VERSION is still ${PROTOCOL_VERSION}. Raise it in lib/protocol/version.ts first, or take the change back.`;

describe.each(Object.entries(golden))('golden file %s.json', (file, { samples, types, encode, decode }) => {
  if (process.env.UPDATE_VECTORS) record(file, { samples, types, encode, decode });
  const { version, vectors } = read(file);

  it('belongs to this version and has every sample', () => {
    expect(version).toBe(PROTOCOL_VERSION);
    expect(vectors.map(({ name }) => name)).toEqual(Object.keys(samples));
  });

  it('has every type of message', () => {
    const covered = vectors.map(({ message }) => (message as { type: string }).type);
    expect(covered).toEqual(expect.arrayContaining(types));
  });

  it.each(vectors)('$name: these bytes, and this message', ({ name, message, hex }) => {
    const sample = samples[name];
    expect(readable(sample)).toEqual(message);
    expect(toHex(encode(sample))).toBe(hex);
    expect(decode(fromHex(hex))).toEqual(sample);
  });
});

describe('channel frames', () => {
  it('a batch is a 0, then each record with its length before it', () => {
    expect(toHex(packBatch([fromHex('0102'), fromHex(''), fromHex('ff')]))).toBe('000201020001ff');
    expect(packBatch([new Uint8Array(300)]).subarray(0, 3)).toEqual(fromHex('00ac02'));
  });

  it('a long record is a 1, its stream, its length and the first of it; then 2, its stream and more of it', () => {
    const frames = cutIntoPieces(new Uint8Array(16_382 * 2).fill(9), 5);
    expect(frames.map(({ length }) => length)).toEqual([16_384, 16_384, 5]);
    expect(frames.map((frame) => toHex(frame.subarray(0, 6)))).toEqual(['0105fcff0109', '020509090909', '0205090909']);
    const receiver = new RecordAssembler(100_000);
    expect(frames.map((frame) => receiver.receive(frame).length)).toEqual([0, 0, 1]);
  });
});
