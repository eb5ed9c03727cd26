import { ManualClock } from '@innmesh/kit';
import { beforeEach, expect, it } from 'vitest';
import { News } from './news.ts';

let clock: ManualClock;
let sent: string[];
let news: News;

const frameOf = (text: string) => new TextEncoder().encode(text);
const tell = (text: string) => news.tell(frameOf(text));
/** What was sent since the last look, `afterMs` later. */
const after = (afterMs: number) => {
  clock.advance(afterMs);
  return sent.splice(0);
};

beforeEach(() => {
  clock = new ManualClock();
  sent = [];
  news = new News(clock, (frame) => sent.push(new TextDecoder().decode(frame)));
});

it('the first is sent at once; what follows within a second, at its end and in order', () => {
  tell('b');
  expect(after(0)).toEqual(['b']);
  clock.advance(300);
  tell('c');
  clock.advance(300);
  tell('d');
  expect(clock.pendingTimers).toBe(1);
  expect(after(399)).toEqual([]);
  expect(after(1)).toEqual(['c', 'd']);
  clock.advance(999);
  tell('e');
  expect(after(0)).toEqual([]);
  expect(after(1)).toEqual(['e']);
});

it('is sent at once again when a second has passed without any', () => {
  tell('b');
  clock.advance(1_000);
  sent = [];
  tell('c');
  expect([after(0), clock.pendingTimers]).toEqual([['c'], 0]);
});

it('that waits can be sent earlier, once, and counts from then', () => {
  tell('b');
  tell('c');
  clock.advance(600);
  sent = [];
  news.flush();
  news.flush();
  expect(after(0)).toEqual(['c']);
  tell('d');
  expect(after(999)).toEqual([]);
  expect(after(1)).toEqual(['d']);
});

it('that waits is gone when it is stopped', () => {
  tell('b');
  tell('c');
  sent = [];
  news.stop();
  expect([after(5_000), clock.pendingTimers]).toEqual([[], 0]);
});
