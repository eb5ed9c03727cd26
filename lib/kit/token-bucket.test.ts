import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from './manual-clock.ts';
import { TokenBucket } from './token-bucket.ts';

describe('TokenBucket', () => {
  it('never lets through more than the burst and what came back since', () => {
    const inputs = {
      burst: fc.integer({ min: 1, max: 50 }),
      perSecond: fc.integer({ min: 1, max: 50 }),
      waits: fc.array(fc.nat({ max: 500 }), { maxLength: 200 }),
    };
    fc.assert(
      fc.property(fc.record(inputs), ({ burst, perSecond, waits }) => {
        const clock = new ManualClock();
        const bucket = new TokenBucket({ burst, perSecond }, clock);
        let taken = 0;
        for (const waitMs of waits) {
          clock.advance(waitMs);
          if (bucket.take()) taken += 1;
          expect(taken).toBeLessThanOrEqual(burst + (clock.nowMs() / 1_000) * perSecond + 1e-6);
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('fills up again to the burst and no further', () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket({ burst: 3, perSecond: 1 }, clock);
    const takeAll = () => [1, 2, 3, 4].map(() => bucket.take());
    expect(takeAll()).toEqual([true, true, true, false]);
    clock.advance(1_000_000);
    expect(takeAll()).toEqual([true, true, true, false]);
  });

  it('takes several at once, or none', () => {
    const bucket = new TokenBucket({ burst: 10, perSecond: 1 }, new ManualClock());
    expect([bucket.take(7), bucket.take(4), bucket.take(3), bucket.take()]).toEqual([true, false, true, false]);
  });

  it('tells how long until one may pass, and then lets it', () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket({ burst: 1, perSecond: 0.4 }, clock);
    expect([bucket.waitMs(), bucket.take(), bucket.waitMs()]).toEqual([0, true, 2_500]);
    clock.advance(2_499);
    expect(bucket.take()).toBe(false);
    clock.advance(bucket.waitMs());
    expect(bucket.take()).toBe(true);
  });

  it('gives nothing for a clock that is set back', () => {
    const times = [10_000, 10_000, 0];
    const clock = Object.assign(new ManualClock(), { nowMs: () => times.shift() ?? 0 });
    const bucket = new TokenBucket({ burst: 1, perSecond: 1_000 }, clock);
    expect([bucket.take(), bucket.take()]).toEqual([true, false]);
  });
});
