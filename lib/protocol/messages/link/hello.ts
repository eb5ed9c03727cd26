import { fixedBytes, list } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';
import { seqLayout } from './seq.ts';

/** More than any version uses. */
const MAX_LANES = 16;

/** A journal's id: random, new with each journal. */
export const JOURNAL_ID_BYTES = 8;

/**
 * First on each lane, from both sides, once the other side is authenticated; for neither lane waits for the other on its
 * way.
 */
export const hello = message(1, {
  /** The journal that the sender's entries are out of. A device that lost its memory begins another. */
  journal: fixedBytes(JOURNAL_ID_BYTES),
  /** The receiver's journal that the cursors are about. Where it has another by now, they say nothing. */
  knownJournal: fixedBytes(JOURNAL_ID_BYTES),
  /** Per lane, how far the sender has the receiver's entries. What lies beyond is sent, what does not is never sent again. */
  cursors: list(seqLayout, { max: MAX_LANES }),
});
