import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { setRepeating } from './clock.ts';
import { ManualClock } from './manual-clock.ts';

describe('ManualClock', () => {
  it('stands still until it is advanced', () => {
    const clock = new ManualClock(1_000);
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1_000, 1_000]);
    clock.advance(5);
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1_005, 1_005]);
  });

  it('fires timers in the order in which they are due, equal ones in the order in which they were set', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 50 }), { maxLength: 40 }), (delays) => {
        const clock = new ManualClock();
        const fired: { index: number; atMs: number }[] = [];
        delays.forEach((delayMs, index) => {
          clock.setTimer(() => fired.push({ index, atMs: clock.nowMs() }), delayMs);
        });
        clock.advance(100);
        const due = delays.map((delayMs, index) => ({ index, atMs: Math.max(0, delayMs) }));
        expect(fired).toEqual(due.toSorted((a, b) => a.atMs - b.atMs || a.index - b.index));
      }),
      { seed: 1 },
    );
  });

  it('fires what a timer sets on the way, when it falls due within the same advance', () => {
    const clock = new ManualClock();
    const firedAt: number[] = [];
    clock.setTimer(() => clock.setTimer(() => firedAt.push(clock.nowMs()), 10), 10);
    clock.advance(19);
    expect(firedAt).toEqual([]);
    clock.advance(1);
    expect(firedAt).toEqual([20]);
  });

  it('does not fire a timer that was taken back, and taking it back again is harmless', () => {
    const clock = new ManualClock();
    let fired = 0;
    const cancel = clock.setTimer(() => fired++, 10);
    cancel();
    cancel();
    clock.advance(100);
    expect([fired, clock.pendingTimers]).toEqual([0, 0]);
  });
});

describe('setRepeating', () => {
  it('runs each interval until it is taken back', () => {
    const clock = new ManualClock();
    const firedAt: number[] = [];
    const cancel = setRepeating(clock, () => firedAt.push(clock.nowMs()), 10);
    clock.advance(35);
    cancel();
    clock.advance(100);
    expect(firedAt).toEqual([10, 20, 30]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('can be taken back from within', () => {
    const clock = new ManualClock();
    let runs = 0;
    const cancel = setRepeating(clock, () => (++runs === 2 ? cancel() : undefined), 10);
    clock.advance(100);
    expect([runs, clock.pendingTimers]).toEqual([2, 0]);
  });

  it('goes on after a run that threw', () => {
    const clock = new ManualClock();
    let runs = 0;
    setRepeating(
      clock,
      () => {
        runs += 1;
        throw new Error('broken');
      },
      10,
    );
    expect(() => clock.advance(10)).toThrow('broken');
    expect(() => clock.advance(10)).toThrow('broken');
    expect(runs).toBe(2);
  });
});
