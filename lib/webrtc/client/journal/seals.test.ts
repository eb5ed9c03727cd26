import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRound, encodeRound, expectOrdered, type SealRound } from './seals.ts';

const signature = fc.uint8Array({ minLength: 64, maxLength: 64 }).map((bytes) => Uint8Array.from(bytes));
const seqs = fc
  .uniqueArray(fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 2 ** 53 - 1 })), { maxLength: 8 })
  .map((numbers) => numbers.sort((one, other) => one - other));
const round: fc.Arbitrary<SealRound> = fc.record({
  after: fc.maxSafeNat(),
  upTo: fc.maxSafeNat(),
  groups: fc.array(fc.record({ seqs, signature }), { maxLength: 4 }),
});

describe('a round of seals', () => {
  it('is kept as it was made', () => {
    fc.assert(
      fc.property(round, (made) => {
        expect(decodeRound(made.upTo, encodeRound(made))).toEqual(made);
      }),
      { seed: 1 },
    );
  });

  it.each<[string, number[][]]>([
    ['that go down', [[5, 4]]],
    ['that come twice', [[4, 4]]],
    ['from before it', [[3]]],
    ['from behind it', [[4, 5], [7]]],
  ])('with numbers %s is none [L20]', (_, groups) => {
    expect(() => expectOrdered(groups, 4, 6)).toThrow('Sealed entries are not in order.');
  });

  it('has the numbers of each of its groups in order, and of different groups between each other [L20]', () => {
    expect(() => expectOrdered([[4, 6], [5], []], 4, 6)).not.toThrow();
  });
});
