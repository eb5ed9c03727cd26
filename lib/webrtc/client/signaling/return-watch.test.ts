import { ManualClock } from '@innmesh/kit';
import { beforeEach, expect, it } from 'vitest';
import { ReturnWatch } from './return-watch.ts';

const PATIENCE_MS = 1_000;
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

let clock: ManualClock;
let answers: PromiseWithResolvers<boolean>[];
let asked: string[];
let backs: number;

beforeEach(() => {
  clock = new ManualClock();
  [answers, asked, backs] = [[], [], 0];
});

function watchOver(urls: string[], mayAsk: (url: string) => boolean = () => true): ReturnWatch {
  const answersAt = (url: string, timeoutMs: number) => {
    asked.push(url);
    const answer = Promise.withResolvers<boolean>();
    clock.setTimer(() => answer.resolve(false), timeoutMs);
    answers.push(answer);
    return answer.promise;
  };
  return new ReturnWatch(urls, { clock, mayAsk, answersAt }, () => {
    backs += 1;
  });
}

it('asks at once, and twice a second though the requests before go nowhere', async () => {
  watchOver(['ws://a']).start();
  clock.advance(PATIENCE_MS);
  await settled();
  expect([asked.length, backs]).toEqual([3, 0]);
  answers[2]?.resolve(true);
  await settled();
  clock.advance(10_000);
  expect([asked.length, backs]).toEqual([3, 1]);
});

it('asks more often for a while where it is told of the network, and as before then', async () => {
  const watch = watchOver(['ws://a']);
  watch.hurry();
  expect(asked).toEqual([]);
  watch.start();
  clock.advance(400);
  watch.hurry();
  clock.advance(1_500);
  // At 0, then at 400, 550, 700 … 1,900.
  expect(asked.length).toBe(12);
  clock.advance(499);
  expect(asked.length).toBe(12);
  clock.advance(1);
  expect(asked.length).toBe(13);
});

it('tells once of several answers, and of none that comes too late', async () => {
  const watch = watchOver(['ws://a', 'ws://b']);
  watch.start();
  for (const answer of answers) answer.resolve(true);
  await settled();
  expect(backs).toBe(1);
  watch.start();
  watch.stop();
  watch.start();
  answers[2]?.resolve(true);
  await settled();
  expect([backs, watch.isWaiting]).toEqual([1, true]);
});

it('asks nothing, and waits for nothing, where it may ask nobody', () => {
  const watch = watchOver(['ws://a'], () => false);
  watch.start();
  expect([asked, watch.isWaiting, clock.pendingTimers]).toEqual([[], false, 0]);
});

it('knows whether it asks all', () => {
  const isA = (url: string) => url === 'ws://a';
  expect(watchOver(['ws://a'], isA).asksAll).toBe(true);
  const ofTwo = watchOver(['ws://a', 'ws://b'], isA);
  ofTwo.start();
  expect([ofTwo.asksAll, asked]).toEqual([false, ['ws://a']]);
});
