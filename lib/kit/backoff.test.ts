import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDelayMs } from './backoff.ts';
import { type Random, seededRandom } from './random.ts';

const always = (unit: number): Random => ({ unit: () => unit, bytes: (length) => new Uint8Array(length) });

describe('backoffDelayMs', () => {
  it('stays in the upper half of the exponential delay and never over the maximum, at any attempt', () => {
    const inputs = {
      attempt: fc.nat({ max: 2_000 }),
      baseMs: fc.integer({ min: 1, max: 60_000 }),
      maxMs: fc.integer({ min: 1, max: 3_600_000 }),
      factor: fc.double({ min: 1, max: 10, noNaN: true }),
      seed: fc.nat(),
    };
    fc.assert(
      fc.property(fc.record(inputs), ({ attempt, baseMs, maxMs, factor, seed }) => {
        const delayMs = backoffDelayMs(attempt, { baseMs, maxMs, factor }, seededRandom(seed));
        const fullMs = Math.min(maxMs, baseMs * factor ** attempt);
        expect(delayMs).toBeGreaterThanOrEqual(fullMs / 2);
        expect(delayMs).toBeLessThanOrEqual(fullMs);
      }),
      { seed: 1, numRuns: 1_000 },
    );
  });

  it('doubles unless told otherwise', () => {
    const delays = [0, 1, 2, 3, 4].map((attempt) => backoffDelayMs(attempt, { baseMs: 100, maxMs: 1_000 }, always(0)));
    expect(delays).toEqual([50, 100, 200, 400, 500]);
  });

  it('spreads two devices that lost the same server', () => {
    const options = { baseMs: 5_000, maxMs: 5_000 };
    expect(backoffDelayMs(0, options, seededRandom(1))).not.toBe(backoffDelayMs(0, options, seededRandom(2)));
  });
});
