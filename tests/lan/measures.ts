import { percentile } from '../../bench/harness/statistics.ts';
import type { Ledgers, Line } from '../soak/ledger.ts';
import { type Fault, judge } from '../soak/verdict.ts';
import type { StationLine } from './stations/program.ts';
import type { Station } from './stations/station.ts';

/** A message on its way from one station to another. */
export interface Crossing {
  number: number;
  sentAtMs: number;
  /** The first time; absent: never. */
  handedAtMs?: number;
}

/** What stations have recorded, by their names. */
export type Records = ReadonlyMap<string, readonly StationLine[]>;

export async function recordsOf(stations: readonly Station[]): Promise<Records> {
  return new Map(await Promise.all(stations.map(async (station) => [station.name, await station.lines()] as const)));
}

/** All of one writer's messages, in the order in which they were sent. */
export function crossings(records: Records, writer: string, reader: string): Crossing[] {
  const handedAtMs = new Map<number, number>();
  for (const line of records.get(reader) ?? []) {
    if (line.kind !== 'handed' || line.from !== writer || handedAtMs.has(line.number)) continue;
    handedAtMs.set(line.number, line.atMs);
  }
  return (records.get(writer) ?? []).flatMap((line) => {
    if (line.kind !== 'stored') return [];
    const arrived = handedAtMs.get(line.number);
    return [{ number: line.number, sentAtMs: line.atMs ?? 0, ...(arrived !== undefined && { handedAtMs: arrived }) }];
  });
}

/** By the soak's judge: all that was sent has to reach whom it is for, once, in the order of its writer. */
export function faultsOf(records: Records): Record<Fault, number> {
  const isOfLedger = (line: StationLine): line is Line => line.kind !== 'noted';
  const ledgers: Ledgers = new Map([...records].map(([name, lines]) => [name, lines.filter(isOfLedger)]));
  const { violations } = judge(ledgers);
  const count = (fault: Fault) => violations.filter((violation) => violation.fault === fault).length;
  return {
    lost: count('lost'),
    repeated: count('repeated'),
    'out of order': count('out of order'),
    strayed: count('strayed'),
    'wrong id': count('wrong id'),
    'other peer id': count('other peer id'),
  };
}

const handedTimes = (all: readonly Crossing[]) =>
  all.flatMap(({ handedAtMs }) => handedAtMs ?? []).sort((a, b) => a - b);

/** From then until the next message is handed over. */
export function untilNextMs(all: readonly Crossing[], atMs: number): number | undefined {
  const next = handedTimes(all).find((handedAtMs) => handedAtMs >= atMs);
  return next === undefined ? undefined : next - atMs;
}

/** From then until all is there that was sent before it. */
export function untilWholeMs(all: readonly Crossing[], atMs: number): number | undefined {
  const before = all.filter(({ sentAtMs }) => sentAtMs < atMs);
  if (before.some(({ handedAtMs }) => handedAtMs === undefined)) return undefined;
  return Math.max(0, (handedTimes(before).at(-1) ?? atMs) - atMs);
}

/** The longest time between two hand-overs, while messages were sent. */
export function longestSilenceMs(all: readonly Crossing[]): number | undefined {
  const times = handedTimes(all);
  const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] ?? atMs));
  return gaps.length > 0 ? Math.max(...gaps) : undefined;
}

export function latencyMs(all: readonly Crossing[], fraction: number): number | undefined {
  const latencies = all.flatMap(({ sentAtMs, handedAtMs }) =>
    handedAtMs === undefined ? [] : [handedAtMs - sentAtMs],
  );
  return latencies.length > 0 ? percentile(latencies, fraction) : undefined;
}
