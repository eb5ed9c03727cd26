import { ManualClock, seededRandom } from '@innmesh/kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { HandOver } from './hand-over.ts';
import { readTaken, type Stream, takenAs } from './replica.ts';
import { entryOf, streamOf } from './test-support/streams.ts';

let clock: ManualClock;
let stream: Stream;
let other: Stream;
let tried: string[];
let failures: unknown[];
let moved: number;
/** What the application refuses, as `type seq`. */
let refused: Set<string>;
let slow: Map<string, PromiseWithResolvers<void>>;
let handOver: HandOver;

beforeEach(async () => {
  clock = new ManualClock(1_000);
  [stream, other] = [await streamOf('desk'), await streamOf('bar')];
  [tried, failures, moved, refused, slow] = [[], [], 0, new Set(), new Map()];
  handOver = begin();
});

function begin(): HandOver {
  return new HandOver({
    clock,
    random: seededRandom(1),
    deliver: ({ seq, entry: { type } }) => {
      const what = `${type} ${seq}`;
      tried.push(what);
      if (refused.has(what)) throw new Error(`no paper for ${what}`);
      return slow.get(what)?.promise;
    },
    failed: (error) => failures.push((error as Error).message),
    moved: () => {
      moved += 1;
    },
  });
}

function add(seq: number, type = 'order', of = stream, expiresAtMs = 1_000_000): void {
  handOver.add({ stream: of, seq, entry: entryOf(type), expiresAtMs });
}

/** As the next run of the device finds it. */
function restart(): void {
  handOver.stop();
  const [, text] = takenAs(stream, handOver.taken(stream));
  handOver = begin();
  handOver.begin(stream, readTaken(text));
  handOver.caughtUp(stream);
  tried = [];
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('an entry is handed over', () => {
  it('once, in the turn in which it comes, in order of its writer', () => {
    for (const seq of [1, 2, 2, 3]) add(seq);
    expect(tried).toEqual(['order 1', 'order 2', 'order 3']);
    expect([handOver.taken(stream).upTo, moved, clock.pendingTimers]).toEqual([3, 3, 0]);
  });

  it('also behind a gap: what lies between is not for this device', () => {
    add(3);
    handOver.pass(stream, 7);
    add(9);
    expect([tried, handOver.taken(stream).upTo]).toEqual([['order 3', 'order 9'], 9]);
  });

  it('again with a growing pause where the application did not take it, and each failure is told of', () => {
    refused.add('order 1');
    add(1);
    const pauses: number[] = [];
    for (let count = 0; count < 8; count += 1) {
      const before = { tries: tried.length, atMs: clock.monotonicMs() };
      while (tried.length === before.tries) clock.advance(100);
      pauses.push(clock.monotonicMs() - before.atMs);
    }
    expect(pauses[0]).toBeLessThanOrEqual(1_500);
    expect(pauses.at(-1)).toBeGreaterThan(10_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(45_000);
    expect(failures).toEqual(Array(9).fill('no paper for order 1'));
    refused.clear();
    clock.advance(60_000);
    expect([handOver.taken(stream).upTo, clock.pendingTimers]).toEqual([1, 0]);
  });

  it('behind one of its writer and type that was not taken, while other types and writers go on', () => {
    refused.add('order 1');
    for (const [seq, type] of [
      [1, 'order'],
      [2, 'order'],
      [3, 'print'],
      [4, 'order'],
    ] as const) {
      add(seq, type);
    }
    add(2, 'order', other);
    expect(tried).toEqual(['order 1', 'print 3', 'order 2']);
    refused.clear();
    clock.advance(2_000);
    expect(tried.slice(3)).toEqual(['order 1', 'order 2', 'order 4']);
    expect([handOver.taken(stream).upTo, handOver.taken(other).upTo]).toEqual([4, 2]);
  });

  it('not before the promise of the one before it has resolved', async () => {
    slow.set('order 1', Promise.withResolvers());
    for (const seq of [1, 2]) add(seq);
    add(3, 'print');
    await settled();
    expect([tried, handOver.taken(stream).upTo]).toEqual([['order 1', 'print 3'], 0]);
    slow.get('order 1')?.resolve();
    await settled();
    expect([tried, handOver.taken(stream).upTo]).toEqual([['order 1', 'print 3', 'order 2'], 3]);
  });

  it('again where its promise rejects', async () => {
    slow.set('order 1', Promise.withResolvers());
    add(1);
    slow.get('order 1')?.reject(new Error('no paper'));
    await settled();
    expect(failures).toEqual(['no paper']);
    slow.clear();
    clock.advance(2_000);
    expect([tried, handOver.taken(stream).upTo]).toEqual([['order 1', 'order 1'], 1]);
  });

  it('no more when its time is over, and what waits behind it goes on', () => {
    refused.add('order 1');
    add(1, 'order', stream, 1_500);
    add(2);
    clock.advance(5_000);
    expect([tried, handOver.taken(stream).upTo]).toEqual([['order 1', 'order 2'], 2]);
  });

  it('and so are thousands that wait behind one, when that is taken at last', () => {
    refused.add('order 1');
    for (let seq = 1; seq <= 20_000; seq += 1) add(seq);
    refused.clear();
    clock.advance(2_000);
    expect([failures.length, tried.length, handOver.taken(stream).upTo]).toEqual([1, 20_001, 20_000]);
  });
});

describe('after a restart', () => {
  it('nothing is handed over that an earlier run has handed over', () => {
    for (const seq of [1, 2]) add(seq);
    restart();
    for (const seq of [1, 2, 3]) add(seq);
    expect(tried).toEqual(['order 3']);
  });

  it('what was not taken is handed over again, and what other types had come behind it is not', () => {
    refused.add('order 2');
    add(1);
    add(2);
    add(3, 'print');
    add(4, 'x-a:b');
    add(5);
    expect(handOver.taken(stream).upTo).toBe(1);
    restart();
    refused.clear();
    for (const [seq, type] of [
      [1, 'order'],
      [2, 'order'],
      [3, 'print'],
      [4, 'x-a:b'],
      [5, 'order'],
      [6, 'print'],
    ] as const) {
      add(seq, type);
    }
    expect(tried).toEqual(['order 2', 'order 5', 'print 6']);
    expect(takenAs(stream, handOver.taken(stream))[1]).toBe('6@0');
  });
});

it('what comes while an entries of an earlier run are still being read waits behind those, and comes once', () => {
  handOver.begin(stream, { upTo: 1, byType: new Map() });
  add(4);
  handOver.pass(stream, 5);
  expect([tried, handOver.taken(stream).upTo]).toEqual([[], 1]);
  for (const seq of [2, 4]) {
    handOver.addOld({ stream, seq, entry: entryOf('order'), expiresAtMs: 1_000_000 });
  }
  handOver.caughtUp(stream);
  add(6);
  expect([tried, handOver.taken(stream).upTo]).toEqual([['order 2', 'order 4', 'order 6'], 6]);
});

it('nothing is handed over once the device has stopped, nor tried again', async () => {
  refused.add('order 1');
  add(1);
  slow.set('print 2', Promise.withResolvers());
  add(2, 'print');
  handOver.stop();
  slow.get('print 2')?.resolve();
  await settled();
  add(3, 'notification');
  clock.advance(60_000);
  expect([tried, clock.pendingTimers, handOver.taken(stream).upTo]).toEqual([['order 1', 'print 2'], 0, 0]);
});
