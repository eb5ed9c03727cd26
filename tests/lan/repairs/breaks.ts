import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../eventually.ts';
import type { ConnectionCount } from '../stations/page-trace.ts';
import { KITCHENS, pagesOf, type RepairsScene } from './scene.ts';

/** How a link of the till that was broken came to stand again. */
export interface Mended {
  /** ICE was restarted. */
  restarted: number;
  /** Another connection has taken the place of the one that had no path any more. */
  replaced: number;
  /** It had ended, and another one was made. */
  madeAnew: number;
}

export type Way = keyof Mended;

/** How many of a hundred repairs; those that take more time are fewer. */
const shares: Mended = { restarted: 40, replaced: 20, madeAnew: 40 };

/** Of which there are too few so far. */
export function nextWay(mended: Mended): Way {
  const ways = Object.keys(shares) as Way[];
  return ways.reduce((one, other) => (mended[other] / shares[other] < mended[one] / shares[one] ? other : one));
}

/**
 * A silence is noticed after 1.2 s, and after 2 s more the restart of ICE is given up. Both want the path back by then: names
 * that are asked for while there is none are not asked for again. And SCTP tries after 0.4, 1.2, 2.8 and 6 s; what it gets
 * through in between leaves nothing to mend.
 */
const APART_MS = { restarted: 1_100, replaced: 3_050 };

type Break = (scene: RepairsScene, before: ConnectionCount, round: number) => Promise<void>;

/** Breaks all links of the till; resolves when nothing is in the way of mending them. */
const breaks: Record<Way, Break> = {
  restarted: (scene) => keepApart(scene, APART_MS.restarted),
  replaced: (scene) => keepApart(scene, APART_MS.replaced),
  /** At the till, and in the other rounds at the kitchens, which end those between them, too. */
  madeAnew: async ({ till, kitchens }, before, round) => {
    const closing = round % 2 === 0 ? [till] : kitchens;
    await Promise.all(closing.map((page) => page.closeConnections()));
    await eventually(async () => newSince(before, await till.countConnections()) >= KITCHENS);
  },
};

/** The two hosts reach everyone but each other. */
async function keepApart({ stage, tillHost, kitchenHost }: RepairsScene, forMs: number): Promise<void> {
  await stage.lan.isolate(tillHost, kitchenHost);
  await sleep(forMs);
  await stage.lan.reunite(tillHost, kitchenHost);
}

/** Breaks the till's links and waits until messages have crossed in every direction; how they were mended. */
export async function breakAndMend(scene: RepairsScene, way: Way, round: number): Promise<Mended> {
  const before = await scene.till.countConnections();
  await breaks[way](scene, before, round);
  if (!(await scene.progress.caughtUp(60_000))) throw new Error(`Round ${round}: messages do not cross any more.`);
  const mended = await howMended(scene, before, way);
  // What they tell of themselves is fetched, so that it does not count as theirs.
  await Promise.all(pagesOf(scene).map((page) => page.trace()));
  return mended;
}

async function howMended({ till }: RepairsScene, before: ConnectionCount, way: Way): Promise<Mended> {
  const now = await till.countConnections();
  const other = Math.min(KITCHENS, newSince(before, now));
  const restarted = Math.min(KITCHENS - other, restartedSince(before, now));
  const hasEnded = way === 'madeAnew';
  return { restarted, replaced: hasEnded ? 0 : other, madeAnew: hasEnded ? other : 0 };
}

function restartedSince(before: ConnectionCount, now: ConnectionCount): number {
  const times = new Map(before.negotiated.map((each) => [each.number, each.times]));
  return now.negotiated.filter((each) => each.times > (times.get(each.number) ?? Number.POSITIVE_INFINITY)).length;
}

function newSince(before: ConnectionCount, now: ConnectionCount): number {
  const known = new Set(before.negotiated.map(({ number }) => number));
  return now.negotiated.filter(({ number, isConnected }) => isConnected && !known.has(number)).length;
}
