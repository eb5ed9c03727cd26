import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closeCodes } from './close-codes.ts';
import { encodeEntry } from './journal/entry.ts';
import * as limits from './limits.ts';
import { applicationMessages, customMessage } from './messages/application/index.ts';
import { linkMessages } from './messages/link/index.ts';
import { deviceMessages, relayMessages, serverMessages } from './messages/signaling/index.ts';
import * as s from './schema/index.ts';
import { describeMessage } from './test-support/describe-layout.ts';
import { describeSchema } from './test-support/describe-schema.ts';
import { cutIntoPieces, packBatch } from './test-support/frames.ts';
import { writeRelayedDescription } from './trust/relayed-description.ts';
import { encodeFrameContext } from './trust/transcripts.ts';
import { PROTOCOL_VERSION, SIGNALING_SUBPROTOCOL } from './version.ts';
import { encodeMessage } from './wire/message-codec.ts';
import type { Definitions } from './wire/record-codec.ts';
import { encodeSealedContent, partKind } from './wire/sealed-content.ts';

const FILE = `${import.meta.dirname}/vectors/version.json`;
const WHAT_TO_DO =
  `What crosses the wire has changed, and PROTOCOL_VERSION is still ${PROTOCOL_VERSION}. ` +
  'Raise it in lib/protocol/version.ts, then run `npm run protocol:record`; or take the change back.';

/** The hash of all that crosses the wire, by the version that speaks it. */
type Recorded = Record<string, string>;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const describeDefinitions = (definitions: Definitions) =>
  Object.entries(definitions).map(([type, definition]) => describeMessage(type, definition));

const entry = {
  writtenAt: 300,
  lifetimeMs: 1_000,
  type: 'x-a',
  audience: { to: 'role' as const, names: ['pos'] },
  body: Uint8Array.of(7),
};

/** The bytes that frames and messages begin with, as the code writes them. */
function describeFrames() {
  const long = new Uint8Array(limits.channelFrameBytes);
  return {
    batch: hex(packBatch([Uint8Array.of(7)])),
    pieces: cutIntoPieces(long, 300).map((frame) => `${hex(frame.subarray(0, 7))} of ${frame.length}`),
    message: hex(encodeMessage({ type: 'ping' })),
    messageWithBytes: hex(encodeMessage({ type: 'x-a', data: Uint8Array.of(7) })),
    entry: hex(encodeEntry(entry)),
    sealed: hex(encodeSealedContent({ takenBytes: 300, kind: partKind(1, false), part: Uint8Array.of(7) })),
    context: hex(encodeFrameContext(7)),
    relayed: writeRelayedDescription(Uint8Array.of(4, 255)),
  };
}

function describeProtocol() {
  return {
    subprotocol: SIGNALING_SUBPROTOCOL.replace(String(PROTOCOL_VERSION), 'VERSION'),
    signaling: [deviceMessages, serverMessages, relayMessages].map((each) => describeDefinitions(each)),
    link: describeDefinitions(linkMessages),
    application: describeSchema({ ...applicationMessages, custom: customMessage }),
    frames: describeFrames(),
    limits: { ...limits },
    closeCodes,
  };
}

const hashOf = (description: unknown) => createHash('sha256').update(JSON.stringify(description)).digest('hex');

function record(recorded: Recorded, hash: string): void {
  const known = recorded[PROTOCOL_VERSION];
  if (known !== undefined && known !== hash) throw new Error(`Not recorded. ${WHAT_TO_DO}`);
  writeFileSync(FILE, `${JSON.stringify({ ...recorded, [PROTOCOL_VERSION]: hash }, null, 2)}\n`);
}

describe('the protocol version', () => {
  it('is raised with every change of what crosses the wire [W7]', () => {
    const recorded: Recorded = JSON.parse(readFileSync(FILE, 'utf8'));
    const hash = hashOf(describeProtocol());
    if (process.env.UPDATE_VECTORS) record(recorded, hash);
    else if (recorded[PROTOCOL_VERSION] === undefined) {
      throw new Error(`Version ${PROTOCOL_VERSION} is not recorded yet: run \`npm run protocol:record\`.`);
    } else if (recorded[PROTOCOL_VERSION] !== hash) throw new Error(WHAT_TO_DO);
  });

  it('comes after every version that was ever recorded', () => {
    const recorded: Recorded = JSON.parse(readFileSync(FILE, 'utf8'));
    expect(Math.max(...Object.keys(recorded).map(Number))).toBe(PROTOCOL_VERSION);
  });

  it('is a function of the schemas: the same on each run, and another for any bound, name or choice', () => {
    const base = () => s.object({ name: s.text({ max: 10 }), kind: s.picklist(['a', 'b']) });
    expect(hashOf(describeSchema(base()))).toBe(hashOf(describeSchema(base())));
    const others = [
      s.object({ name: s.text({ max: 11 }), kind: s.picklist(['a', 'b']) }),
      s.object({ name: s.text({ min: 10 }), kind: s.picklist(['a', 'b']) }),
      s.object({ title: s.text({ max: 10 }), kind: s.picklist(['a', 'b']) }),
      s.object({ name: s.text({ max: 10 }), kind: s.picklist(['a', 'b', 'c']) }),
      s.object({ name: s.optional(s.text({ max: 10 })), kind: s.picklist(['a', 'b']) }),
      s.object({ name: s.textLike(/^a/, 'must'), kind: s.picklist(['a', 'b']) }),
      s.object({ name: s.textLike(/^b/, 'must'), kind: s.picklist(['a', 'b']) }),
      s.object({ name: s.textLike(/^b/, 'must', { max: 10 }), kind: s.picklist(['a', 'b']) }),
      s.object({ name: s.optional(s.text(), 'x'), kind: s.literal('a') }),
      s.object({ name: s.optional(s.text(), 'y'), kind: s.literal('a') }),
      s.object({ name: s.text() }),
      s.strictObject({ name: s.text() }),
      s.object({ name: s.text() }, s.text()),
      s.object({ name: s.text() }, s.number()),
      s.object({ name: s.text() }, s.wholeNumber()),
      s.variant('kind', { a: s.object({ kind: s.literal('a') }) }),
      s.union([s.text(), s.number()], 'must'),
      s.union([s.text(), s.boolean()], 'must'),
      s.list(s.text()),
      s.list(s.number()),
      s.list(s.number(), { max: 1 }),
      s.bytes(),
      s.anything,
    ];
    const hashes = [base(), ...others].map((schema: s.AnySchema) => hashOf(describeSchema(schema)));
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
