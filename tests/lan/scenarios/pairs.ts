import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../eventually.ts';
import { type Crossing, crossings, faultsOf, recordsOf } from '../measures.ts';
import type { Host } from '../network/host.ts';
import { type Pair, Stage } from '../stage.ts';
import { nowMs } from '../stations/program.ts';
import type { Keep } from './scenario.ts';

/** Where it happens: the till writes to the kitchen. */
export interface Scene {
  stage: Stage;
  kitchen: Host;
  till: Host;
  pairs: Pair[];
}

export interface Course {
  /** Before anybody is linked. Default: nothing. */
  prepare?(scene: Omit<Scene, 'pairs'>): Promise<void>;
  /** Happens while messages cross; resolves when it is over. */
  trouble(scene: Scene): Promise<void>;
  /** How long messages cross before and after it. */
  beforeMs: number;
  afterMs: number;
  /** How long what is missing may take in the end. */
  patienceMs: number;
}

export interface PairResult {
  contestant: string;
  crossings: Crossing[];
  faults: ReturnType<typeof faultsOf>;
  /** When the trouble was over. */
  overAtMs: number;
}

const WRITE_INTERVAL_MS = 50;

/** A pair of each contestant, all on the same two hosts, so that the same happens to all at the same time. */
export async function runPairs(contestants: string[], course: Course, keep: Keep): Promise<PairResult[]> {
  const stage = await Stage.open(contestants);
  try {
    const [kitchen, till] = [await stage.lan.host('kitchen'), await stage.lan.host('till')];
    await course.prepare?.({ stage, kitchen, till });
    const pairs: Pair[] = [];
    for (const contestant of contestants) pairs.push(await stage.pair(contestant, till, kitchen));
    const overAtMs = await run({ stage, kitchen, till, pairs }, course);
    const results = await Promise.all(pairs.map((pair) => resultOf(pair, overAtMs)));
    for (const { contestant, writer, reader } of pairs) await keep(contestant, [writer, reader]);
    return results;
  } finally {
    await stage.close();
  }
}

async function run(scene: Scene, { trouble, beforeMs, afterMs, patienceMs }: Course): Promise<number> {
  const writers = scene.pairs.map(({ writer }) => writer);
  await Promise.all(writers.map((writer) => writer.write(WRITE_INTERVAL_MS)));
  await sleep(beforeMs);
  await trouble(scene);
  const overAtMs = nowMs();
  await sleep(afterMs);
  await Promise.all(writers.map((writer) => writer.stopWriting()));
  const isWhole = async (pair: Pair) => (await resultOf(pair, overAtMs)).faults.lost === 0;
  await eventually(async () => (await Promise.all(scene.pairs.map(isWhole))).every(Boolean), patienceMs);
  return overAtMs;
}

async function resultOf({ contestant, writer, reader }: Pair, overAtMs: number): Promise<PairResult> {
  const records = await recordsOf([writer, reader]);
  return { contestant, crossings: crossings(records, writer.name, reader.name), faults: faultsOf(records), overAtMs };
}
