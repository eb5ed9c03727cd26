import { expect, it } from 'vitest';
import { HybridClock, ManualClock, msOfHybridTime } from './index.ts';

it('gives later and later times, also within one millisecond and when the clock is set back', () => {
  const clock = new ManualClock(1_000);
  const times = new HybridClock(clock);
  const given = [times.next(), times.next(), times.next()];
  expect(given).toEqual([...given].sort((one, other) => one - other));
  expect(new Set(given).size).toBe(3);
  expect(new HybridClock(new ManualClock(10), given[2]).next()).toBeGreaterThan(given[2] as number);
});

it('gives a time later than one that was seen, of a device whose clock is minutes ahead', () => {
  const ahead = new HybridClock(new ManualClock(300_000)).next();
  const behind = new HybridClock(new ManualClock(1_000));
  behind.witness(ahead);
  expect(behind.next()).toBeGreaterThan(ahead);
});

it('is not dragged along by a time that cannot be right', () => {
  const times = new HybridClock(new ManualClock(1_000));
  times.witness(new HybridClock(new ManualClock(10_000_000)).next());
  expect(msOfHybridTime(times.next())).toBe(1_000);
});
