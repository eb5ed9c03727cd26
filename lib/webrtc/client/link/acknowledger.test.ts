import { type Clock, ManualClock } from '@innmesh/kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { Acknowledger } from './acknowledger.ts';
import { lanes } from './transport.ts';

let clock: ManualClock;
let sent: [lane: number, seq: number, atMs: number][];
let acknowledger: Acknowledger;

beforeEach(() => {
  clock = new ManualClock(1_000);
  sent = [];
  acknowledger = on(clock);
});

function on(time: Clock): Acknowledger {
  return new Acknowledger(time, (lane, seq) => sent.push([lane, seq, time.monotonicMs() - 1_000]));
}

describe('an acknowledgement', () => {
  it('goes out at once after a pause', () => {
    acknowledger.taken(lanes.entries, 1, 10);
    clock.advance(20);
    acknowledger.taken(lanes.entries, 2, 10);
    expect(sent).toEqual([
      [0, 1, 0],
      [0, 2, 20],
    ]);
  });

  it('otherwise waits until 20 ms after the last, and covers what has come by then', () => {
    acknowledger.taken(lanes.entries, 1, 10);
    for (let seq = 2; seq <= 6; seq++) {
      clock.advance(3);
      acknowledger.taken(lanes.entries, seq, 10);
    }
    clock.advance(100);
    expect(sent).toEqual([
      [0, 1, 0],
      [0, 6, 20],
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('goes out at once after 64 entries or 64 KiB', () => {
    for (let seq = 1; seq <= 1 + 64; seq++) acknowledger.taken(lanes.entries, seq, 10);
    expect(sent).toEqual([
      [0, 1, 0],
      [0, 65, 0],
    ]);
    acknowledger.taken(lanes.bulk, 1, 64 * 1024 - 1);
    expect(sent).toHaveLength(2);
    acknowledger.taken(lanes.bulk, 2, 1);
    expect(sent.at(-1)).toEqual([1, 2, 0]);
  });

  it('names each lane that something was taken of, and only those', () => {
    acknowledger.taken(lanes.entries, 1, 10);
    acknowledger.taken(lanes.entries, 2, 10);
    acknowledger.taken(lanes.bulk, 7, 10);
    acknowledger.flush();
    acknowledger.flush();
    expect(sent.slice(1)).toEqual([
      [0, 2, 0],
      [1, 7, 0],
    ]);
  });

  it('does not go out after the link has ended', () => {
    acknowledger.taken(lanes.entries, 1, 10);
    acknowledger.taken(lanes.entries, 2, 10);
    acknowledger.cancel();
    clock.advance(100);
    expect([sent.length, clock.pendingTimers]).toEqual([1, 0]);
  });

  it('does not wait for an hour when the clock of the device is set back by one', () => {
    let wallMs = 5_000_000;
    acknowledger = on({
      nowMs: () => wallMs,
      monotonicMs: () => clock.monotonicMs(),
      setTimer: (callback, delayMs) => clock.setTimer(callback, delayMs),
    });
    acknowledger.taken(lanes.entries, 1, 10);
    wallMs -= 3_600_000;
    acknowledger.taken(lanes.entries, 2, 10);
    clock.advance(20);
    expect(sent.at(-1)).toEqual([0, 2, 20]);
  });
});
