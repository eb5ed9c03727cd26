import type { Parsed } from './payload.ts';

export interface Tally {
  received: number;
  /** Of the wrong length, or not whole. */
  damaged: number;
  /** Not the one after its predecessor: repeated, overtaken, or after a gap. */
  outOfTurn: number;
}

/** Counts the messages of one stream; the n-th carries the number n, beginning with 0. */
export function createTally(sizeBytes: number) {
  const tally: Tally = { received: 0, damaged: 0, outOfTurn: 0 };
  let next = 0;
  return {
    tally,
    count(item: Parsed, itemBytes: number) {
      tally.received += 1;
      if (itemBytes !== sizeBytes || !item.isWhole) tally.damaged += 1;
      if (item.value !== next) tally.outOfTurn += 1;
      next = item.value + 1;
    },
  };
}
