import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@innmesh/kit';
import { below, pick } from '../fuzz/chance.ts';
import type { Failed, Subject } from './subject.ts';

export interface PlannedTrouble {
  atMs: number;
  subject: Subject;
  kind: string;
  forMs: number;
}

const LEAST_INTERVAL_MS = 300;
const MOST_INTERVAL_MS = 2_000;
const LONGEST_MS = 4_000;
/** A device that is not up again so long after its trouble never will be. */
const RECOVERY_MS = 60_000;

/** The same troubles for the same random numbers; `kinds`: empty for all. */
export function planTroubles(
  random: Random,
  subjects: readonly Subject[],
  durationMs: number,
  kinds: readonly string[],
): PlannedTrouble[] {
  const choices = subjects.flatMap((subject) =>
    Object.keys(subject.troubles)
      .filter((kind) => kinds.length === 0 || kinds.includes(kind))
      .map((kind) => ({ subject, kind })),
  );
  if (choices.length === 0) throw new Error('There is no trouble of these kinds');
  const planned: PlannedTrouble[] = [];
  const nextAtMs = (fromMs: number) => fromMs + LEAST_INTERVAL_MS + below(random, MOST_INTERVAL_MS - LEAST_INTERVAL_MS);
  for (let atMs = nextAtMs(0); atMs < durationMs; atMs = nextAtMs(atMs)) {
    planned.push({ atMs, ...pick(random, choices), forMs: below(random, LONGEST_MS) });
  }
  return planned;
}

/** How many there were, by kind and whom they befell. */
export type TroubleCounts = Map<string, number>;

/** Resolves when all are over. One whose subject is still in trouble is left out. */
export async function cause(
  planned: PlannedTrouble[],
  failed: Failed,
  recoveryMs = RECOVERY_MS,
): Promise<TroubleCounts> {
  const counts: TroubleCounts = new Map();
  const running = new Map<Subject, Promise<void>>();
  const startedAtMs = Date.now();
  for (const { atMs, subject, kind, forMs } of planned) {
    await sleep(Math.max(0, startedAtMs + atMs - Date.now()));
    const trouble = subject.troubles[kind];
    if (!trouble || running.has(subject)) continue;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const over = within(forMs + recoveryMs, trouble(forMs))
      .catch((error: Error) => failed(`${subject.name}, ${kind}: ${error.message}`))
      .finally(() => running.delete(subject));
    running.set(subject, over);
  }
  await Promise.all(running.values());
  return counts;
}

async function within(timeMs: number, done: Promise<void>): Promise<void> {
  const waiting = new AbortController();
  const late = sleep(timeMs, undefined, waiting).then(() => {
    throw new Error(`not over after ${timeMs / 1000} s`);
  });
  await Promise.race([done, late]).finally(() => waiting.abort());
}
