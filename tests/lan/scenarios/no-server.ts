import { setTimeout as sleep } from 'node:timers/promises';
import { formatNumber } from '../../../bench/harness/table.ts';
import { eventually } from '../eventually.ts';
import { crossings, faultsOf, latencyMs, type Records, recordsOf, untilNextMs } from '../measures.ts';
import { Stage } from '../stage.ts';
import type { PageStation } from '../stations/page-station.ts';
import { nowMs } from '../stations/program.ts';
import type { Station } from '../stations/station.ts';
import { orNever } from './rows.ts';
import type { Row, Scenario } from './scenario.ts';

const DEVICES = 10;
const PAGES = 2;
const WRITE_INTERVAL_MS = 500;
/** Links that no device has chosen end by themselves after a minute, and are not made again. */
const UNCHOSEN_GONE_MS = 75_000;
const BREAKS = 8;
const BREAK_INTERVAL_MS = 5_000;
const CABLE_OUT_MS = 60_000;
const PATIENCE_MS = 60_000;

/** What is measured, by when it was. */
interface Times {
  downAtMs: number;
  brokenAtMs: number[];
  cableOutAtMs: number;
  cableInAtMs: number;
  upAtMs: number;
}

export const noServer: Scenario = {
  name: 'no-server',
  title: `The signaling server is gone while ${DEVICES} devices write, links of one break, and its cable is out for ${CABLE_OUT_MS / 1_000} s`,
  isForInnmesh: true,
  async run(_, keep) {
    const stage = await Stage.open(['innmesh']);
    try {
      const stations = await openStations(stage);
      const times = await run(stage, stations);
      await keep('innmesh', stations);
      return rows(await recordsOf(stations), times, stations);
    } finally {
      await stage.close();
    }
  },
};

/** The first is the one that gets into trouble. */
async function openStations(stage: Stage): Promise<[PageStation, ...Station[]]> {
  const names = Array.from({ length: DEVICES }, (_, index) => `${index < PAGES ? 'page' : 'node'}-${index + 1}`);
  const [first = '', ...rest] = names;
  const settingsOf = (name: string) => ({ name, readers: names.filter((other) => other !== name) });
  const page = async (name: string) => stage.page(await stage.lan.host(name), 'innmesh', settingsOf(name));
  const node = async (name: string) => stage.node(await stage.lan.host(name), settingsOf(name));
  const stations: [PageStation, ...Station[]] = [await page(first)];
  for (const name of rest) stations.push(await (name.startsWith('page') ? page(name) : node(name)));
  const areLinked = async () => {
    const records = await recordsOf(stations);
    return names.every((name) => isLinkedAfter(records, name, 0) !== undefined);
  };
  await eventually(areLinked);
  return stations;
}

async function run(stage: Stage, stations: [PageStation, ...Station[]]): Promise<Times> {
  const server = await stage.signaling('innmesh');
  await Promise.all(stations.map((station) => station.write(WRITE_INTERVAL_MS)));
  await sleep(5_000);
  await server.stop();
  const downAtMs = nowMs();
  await sleep(UNCHOSEN_GONE_MS);
  const [station] = stations;
  const brokenAtMs: number[] = [];
  for (let count = 0; count < BREAKS; count++) {
    brokenAtMs.push(nowMs());
    await station.breakLink();
    await sleep(BREAK_INTERVAL_MS);
  }
  await station.host.unplug();
  const cableOutAtMs = nowMs();
  await sleep(CABLE_OUT_MS);
  await station.host.plugIn();
  const cableInAtMs = nowMs();
  await eventually(async () => isLinkedAfter(await recordsOf([station]), station.name, cableInAtMs) !== undefined);
  await sleep(30_000);
  await server.startAgain();
  const upAtMs = nowMs();
  await sleep(30_000);
  await Promise.all(stations.map((each) => each.stopWriting()));
  await eventually(async () => faultsOf(await recordsOf(stations)).lost === 0, PATIENCE_MS);
  return { downAtMs, brokenAtMs, cableOutAtMs, cableInAtMs, upAtMs };
}

/** How long after a break of one's link the other end was linked to it again, in ms. */
function mendedAfterMs(records: Records, name: string, brokenAtMs: number): number | undefined {
  const times = [...records.values()]
    .flat()
    .flatMap((line) => (line.kind === 'noted' && line.what === `linked to ${name}` ? [line.atMs - brokenAtMs] : []));
  const first = Math.min(...times.filter((afterMs) => afterMs >= 0));
  return first <= BREAK_INTERVAL_MS ? first : undefined;
}

/** When a station was linked to anybody after that. */
function isLinkedAfter(records: Records, name: string, atMs: number): number | undefined {
  const linked = (records.get(name) ?? []).find(
    (line) => line.kind === 'noted' && line.what.startsWith('linked to') && line.atMs >= atMs,
  );
  return linked?.atMs;
}

function rows(records: Records, times: Times, stations: Station[]): Row[] {
  const [cut = ''] = stations.map(({ name }) => name);
  const between = (fromMs: number, toMs: number, isMeant: (from: string, to: string) => boolean) =>
    pairsOf(stations)
      .filter(([from, to]) => isMeant(from, to))
      .flatMap(([from, to]) => crossings(records, from, to))
      .filter(({ sentAtMs }) => sentAtMs >= fromMs && sentAtMs < toMs);
  const among = (from: string, to: string) => from !== cut && to !== cut;
  const toCut = (_: string, to: string) => to === cut;
  const row = (what: string, all: ReturnType<typeof between>): Row => ({
    messages: what,
    sent: String(all.length),
    missing: String(all.filter(({ handedAtMs }) => handedAtMs === undefined).length),
    'p50 ms': formatNumber(latencyMs(all, 0.5)),
    'p99 ms': formatNumber(latencyMs(all, 0.99)),
    'latest ms': formatNumber(latencyMs(all, 1)),
  });
  const { downAtMs, brokenAtMs, cableOutAtMs, cableInAtMs, upAtMs } = times;
  const faults = faultsOf(records);
  const linkedAtMs = isLinkedAfter(records, cut, cableInAtMs);
  const mended = brokenAtMs.map((atMs) => mendedAfterMs(records, cut, atMs));
  const toTheCut = between(0, Number.POSITIVE_INFINITY, toCut);
  const notes: [string, string][] = [
    ['lost, twice, out of order', `${faults.lost}, ${faults.repeated}, ${faults['out of order']}`],
    [
      `${cut}: a link that broke is there again after ms`,
      mended.map((ms) => (ms === undefined ? 'not made again' : formatNumber(ms))).join(', '),
    ],
    [`${cut}: linked again after its cable's return, ms`, orNever(linkedAtMs && linkedAtMs - cableInAtMs)],
    [`${cut}: server's return after its cable's return, ms`, formatNumber(upAtMs - cableInAtMs)],
    [`${cut}: first message after its cable's return, ms`, orNever(untilNextMs(toTheCut, cableInAtMs))],
  ];
  return [
    row(
      'with the server',
      between(0, downAtMs, () => true),
    ),
    row(
      'without it',
      between(downAtMs, cableOutAtMs, () => true),
    ),
    row('without it, among the others', between(cableOutAtMs, upAtMs, among)),
    row(`without it, to ${cut}`, between(cableOutAtMs, upAtMs, toCut)),
    ...notes.map(([messages, sent]) => ({ messages, sent })),
  ];
}

const pairsOf = (stations: Station[]): [string, string][] =>
  stations.flatMap(({ name: from }) =>
    stations.flatMap(({ name: to }) => (from === to ? [] : [[from, to] as [string, string]])),
  );
