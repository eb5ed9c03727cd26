import { type Clock, ManualClock, seededRandom } from '@innmesh/kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { CursorReports } from './cursor-reports.ts';
import type { Stream } from './replica.ts';
import { streamOf } from './test-support/streams.ts';

let clock: ManualClock;
let sent: [stream: Stream, atMs: number][];
let reports: CursorReports;
let [desk, bar]: Stream[] = [];

beforeEach(async () => {
  clock = new ManualClock(1_000);
  sent = [];
  [desk, bar] = [await streamOf('desk'), await streamOf('bar')];
  reports = on(clock);
});

function on(time: Clock): CursorReports {
  return new CursorReports(time, (stream) => sent.push([stream, time.monotonicMs() - 1_000]));
}

const taken = (stream = desk as Stream, sizeBytes = 10) => reports.taken(stream, 1, sizeBytes);
const times = () => sent.map(([, atMs]) => atMs);

describe('how far this device is, to whom hands a stream on', () => {
  it('is said at once after a pause', () => {
    taken();
    clock.advance(20);
    taken();
    expect(times()).toEqual([0, 20]);
  });

  it('otherwise waits until 20 ms after the last time, and covers what has come by then', () => {
    taken();
    for (let count = 0; count < 5; count += 1) {
      clock.advance(3);
      taken();
    }
    clock.advance(100);
    expect(times()).toEqual([0, 20]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is said at once after 64 entries or 64 KiB', () => {
    for (let count = 0; count < 1 + 64; count += 1) taken();
    expect(times()).toEqual([0, 0]);
    taken(bar, 64 * 1024 - 1);
    expect(sent).toHaveLength(2);
    taken(bar, 1);
    expect(sent.at(-1)).toEqual([bar, 0]);
  });

  it('is said of each stream of which something was taken, once', () => {
    taken();
    taken();
    taken(bar);
    reports.flush();
    reports.flush();
    expect(sent.slice(1)).toEqual([
      [desk, 0],
      [bar, 0],
    ]);
  });

  it('does not wait for an hour when the clock of the device is set back by one', () => {
    let wallMs = 5_000_000;
    reports = on({
      nowMs: () => wallMs,
      monotonicMs: () => clock.monotonicMs(),
      setTimer: (callback, delayMs) => clock.setTimer(callback, delayMs),
    });
    taken();
    wallMs -= 3_600_000;
    taken();
    clock.advance(20);
    expect(times()).toEqual([0, 20]);
  });
});

it('others hear at most ten times a second how far this device is, and all of it at once', () => {
  const random = seededRandom(1);
  for (let count = 0; count < 100; count += 1) {
    reports.news(random.unit() < 0.5 ? (desk as Stream) : (bar as Stream));
    clock.advance(5);
  }
  clock.advance(100);
  expect(new Set(times()).size).toBeLessThanOrEqual(5);
  expect(sent.slice(-2).map(([stream]) => stream.origin)).toHaveLength(2);
  expect(new Set(sent.slice(-2).map(([stream]) => stream))).toEqual(new Set([desk, bar]));
});

it('nothing is said after the link has ended', () => {
  taken();
  taken();
  reports.news(bar as Stream);
  reports.cancel();
  clock.advance(200);
  expect([sent.length, clock.pendingTimers]).toEqual([1, 0]);
});
