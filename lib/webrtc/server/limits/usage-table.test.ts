import { ManualClock } from '@innmesh/kit';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { UsageTable } from './usage-table.ts';

let clock: ManualClock;
let table: UsageTable<{ used: number }>;

beforeEach(() => {
  clock = new ManualClock();
  table = new UsageTable({ create: () => ({ used: 0 }), clock, keepIdleMs: 1_000, maxIdle: 100 });
});

const visit = (key: string) => {
  table.hold(key).used += 1;
  table.release(key);
};

describe('a usage table', () => {
  it('remembers a key that is held, however long and however many others come', () => {
    table.hold('held').used = 7;
    for (let index = 0; index < 10_000; index++) visit(`k${index}`);
    clock.advance(1_000_000);
    table.sweep();
    expect([table.peek('held'), table.holdersOf('held')]).toEqual([{ used: 7 }, 1]);
  });

  it('remembers a key that nobody holds for as long as was asked, and forgets it by twice as long', () => {
    visit('visitor');
    clock.advance(999);
    table.sweep();
    expect(table.peek('visitor')).toEqual({ used: 1 });
    for (let sweeps = 0; sweeps < 2; sweeps++) {
      clock.advance(1_000);
      table.sweep();
    }
    expect([table.peek('visitor'), table.size]).toEqual([undefined, 0]);
  });

  it('goes on counting for one who comes back in time', () => {
    for (let round = 0; round < 10; round++) {
      visit('regular');
      clock.advance(900);
    }
    expect(table.peek('regular')).toEqual({ used: 10 });
  });

  it('never holds more idle keys than were allowed, though a million come', () => {
    let most = 0;
    for (let index = 0; index < 1_000_000; index++) {
      visit(`k${index}`);
      most = Math.max(most, table.size);
    }
    expect(most).toBeLessThanOrEqual(101);
  });

  it('is held until each holder has let go', () => {
    table.hold('shared');
    table.hold('shared');
    table.release('shared');
    expect(table.holdersOf('shared')).toBe(1);
    table.release('shared');
    table.release('shared');
    table.release('never held');
    expect([table.holdersOf('shared'), table.size]).toEqual([0, 1]);
  });

  it('never counts a holder too few or too many, whatever the order', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c'), holds: fc.boolean(), waitMs: fc.nat(2_000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const holders: Record<string, number> = { a: 0, b: 0, c: 0 };
        for (const { key, holds, waitMs } of steps) {
          clock.advance(waitMs);
          if (holds) table.hold(key);
          else table.release(key);
          holders[key] = Math.max(0, (holders[key] ?? 0) + (holds ? 1 : -1));
          expect(table.holdersOf(key)).toBe(holders[key]);
        }
        for (const [key, count] of Object.entries(holders)) for (let i = 0; i < count; i++) table.release(key);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
