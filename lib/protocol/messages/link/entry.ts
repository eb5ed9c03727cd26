import { rest, varint } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';
import { seqLayout, streamLayout } from './seq.ts';

/** An entry of the sender's own journal, in its order; who it is from, the link has proven. */
export const entry = message(2, {
  stream: streamLayout,
  seq: seqLayout,
  /** How far behind the last one that the receiver was sent, or has by its hello: between the two is nothing for it. */
  distance: varint({ min: 1 }),
  /** For how long it has been written, in milliseconds. */
  ageMs: varint(),
  /** As `encodeEntry` writes it. */
  bytes: rest,
});
