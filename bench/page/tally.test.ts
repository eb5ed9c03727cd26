import { describe, expect, it } from 'vitest';
import { createPayload, kinds, parsePayload } from './payload.ts';
import { createTally } from './tally.ts';

const item = (value: number, sizeBytes = 64) => createPayload(kinds.item, value, sizeBytes);

function tallyOf(payloads: Uint8Array[]) {
  const { tally, count } = createTally(64);
  for (const payload of payloads) count(parsePayload(payload), payload.byteLength);
  return tally;
}

describe('the tally of a stream', () => {
  it('finds nothing wrong with a whole stream in order', () => {
    expect(tallyOf([item(0), item(1), item(2)])).toEqual({ received: 3, damaged: 0, outOfTurn: 0 });
  });

  it('notices messages that are cut off or put together from two', () => {
    const mixed = Uint8Array.of(...item(1).subarray(0, 32), ...item(5).subarray(32));
    expect(tallyOf([item(0, 63), mixed])).toMatchObject({ received: 2, damaged: 2 });
  });

  it('notices repetition, gaps and disorder', () => {
    expect(tallyOf([item(0), item(0)]).outOfTurn).toBe(1);
    expect(tallyOf([item(0), item(2)]).outOfTurn).toBe(1);
    expect(tallyOf([item(1), item(0)]).outOfTurn).toBe(2);
  });

  it('reads a message that lies within a larger buffer', () => {
    const buffer = new Uint8Array(100);
    buffer.set(item(7), 10);
    expect(parsePayload(buffer.subarray(10, 74))).toEqual({ kind: kinds.item, value: 7, isWhole: true });
  });
});
