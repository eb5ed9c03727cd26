import { randomId, seededRandom } from '@innmesh/kit';
import { describe, expect, it } from 'vitest';
import { ownOfferWins } from './glare.ts';

describe('of two offers that cross', () => {
  it('exactly one wins, whichever two devices made them', () => {
    const random = seededRandom(1);
    for (let pairs = 0; pairs < 1_000; pairs++) {
      const [a, b] = [randomId(random, 26), randomId(random, 26)];
      expect(ownOfferWins(a, b)).not.toBe(ownOfferWins(b, a));
    }
  });

  it('that of the device with the smaller id wins [L1]', () => {
    expect([ownOfferWins('a', 'b'), ownOfferWins('b', 'a')]).toEqual([true, false]);
  });
});
