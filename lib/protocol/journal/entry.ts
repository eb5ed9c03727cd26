import { MalformedFrameError } from '../errors.ts';
import * as s from '../schema/index.ts';
import { ByteReader } from '../wire/bytes.ts';
import { rest, struct, text, varint, written } from '../wire/layout.ts';
import { type Audience, audienceLayout, packAudience, unpackAudience } from './audience.ts';

/** The longest time to live, in milliseconds: 30 days. */
export const MAX_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * What an entry's bytes say, and its writer signs. Whose it is and its number stand beside it. How old it is does not:
 * clocks differ, so that each device tells the next.
 */
const entryLayout = struct({
  /** A hybrid logical time (see `HybridClock`). */
  writtenAt: varint(),
  /** From when it was written until nobody wants it any more. */
  lifetimeMs: varint({ max: MAX_LIFETIME_MS }),
  /** The message's, readable without the message, so that a device hands on what it does not know yet. */
  type: text(s.text({ min: 1, max: 64 })),
  audience: audienceLayout,
  /** As `encodeMessage` writes it. */
  body: rest,
});

/** A durable message as it lies in its writer's journal. */
export interface Entry {
  readonly writtenAt: number;
  readonly lifetimeMs: number;
  readonly type: string;
  readonly audience: Audience;
  readonly body: Uint8Array<ArrayBuffer>;
}

export function encodeEntry(entry: Entry): Uint8Array<ArrayBuffer> {
  return written(entryLayout, { ...entry, audience: packAudience(entry.audience) });
}

/** Throws `MalformedFrameError`. */
export function decodeEntry(bytes: Uint8Array<ArrayBuffer>): Entry {
  const entry = s.refusing(
    () => entryLayout.read(new ByteReader(bytes)),
    (path, problem) => new MalformedFrameError(`In an entry "${path}" ${problem}.`),
  );
  const { kind, names } = entry.audience;
  if (kind === 0 && names.length > 0) throw new MalformedFrameError('An entry is for all, and for some.');
  return { ...entry, audience: unpackAudience(entry.audience) };
}
