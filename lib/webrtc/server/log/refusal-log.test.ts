import { ManualClock } from '@innmesh/kit';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LogEntry } from './log-entry.ts';
import { RefusalLog } from './refusal-log.ts';

let clock: ManualClock;
let entries: LogEntry[];
let log: RefusalLog;

beforeEach(() => {
  clock = new ManualClock();
  entries = [];
  log = new RefusalLog({ clock, write: (entry) => entries.push(entry) });
});

const refuse = (address: string, reason = 'No.') => log.note({ kind: 'origin', code: 403, address, reason });
const told = () => entries.splice(0).map(({ address, repeated }) => [address, repeated]);

describe('the log of refusals', () => {
  it('tells the first of a kind from an address at once, and how many more came every ten seconds', () => {
    for (let times = 0; times < 1_000; times++) refuse('a');
    refuse('b');
    expect(told()).toEqual([
      ['a', undefined],
      ['b', undefined],
    ]);
    clock.advance(10_000);
    expect(told()).toEqual([['a', 999]]);
    refuse('a');
    clock.advance(10_000);
    expect(told()).toEqual([['a', 1]]);
  });

  it('begins anew after ten quiet seconds, and leaves no timer', () => {
    refuse('a');
    clock.advance(20_000);
    expect(clock.pendingTimers).toBe(0);
    refuse('a');
    expect(told()).toEqual([
      ['a', undefined],
      ['a', undefined],
    ]);
  });

  it('is at most some 200 lines in ten seconds, from however many addresses', () => {
    for (let address = 0; address < 100_000; address++) for (let twice = 0; twice < 2; twice++) refuse(`a${address}`);
    clock.advance(10_000);
    expect(entries.length).toBeLessThanOrEqual(201);
    expect(entries.at(-1)).toMatchObject({ kind: 'others', repeated: 2 * (100_000 - 100) });
  });

  it('redacts what it tells', () => {
    refuse('a', `offered: ${'A'.repeat(43)}\nforged`);
    expect(entries[0]?.reason).toBe('offered: [redacted]?forged');
  });

  it('tells the rest when it is closed', () => {
    refuse('a');
    refuse('a');
    log.close();
    expect(told()).toEqual([
      ['a', undefined],
      ['a', 1],
    ]);
    expect(clock.pendingTimers).toBe(0);
  });
});
