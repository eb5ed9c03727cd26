import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { type Crossing, crossings, faultsOf, type Records, recordsOf, untilNextMs } from './measures.ts';
import { needProgram, whyNoLan } from './network/requirements.ts';
import { moveKitchen, moveKitchenAway, pullCable } from './scenarios/interruptions.ts';
import { type Course, runPairs } from './scenarios/pairs.ts';
import { TurnServer } from './servers/turn-server.ts';
import { INNMESH_IN_NODE, isLinked, Stage } from './stage.ts';
import type { Station } from './stations/station.ts';

const reason = await whyNoLan();
if (reason) console.log(`Not tested, what becomes of messages on a hotel's network: ${reason}`);

const hasCoturn = !reason && (await needProgram('turnserver', 'coturn'));

const none = { lost: 0, repeated: 0, 'out of order': 0, strayed: 0, 'wrong id': 0, 'other peer id': 0 };

const WRITE_INTERVAL_MS = 50;
const PATIENCE_MS = 60_000;

/** The till writes to the kitchen; it takes whatever time it takes. */
async function goThrough(contestants: string[], trouble: Course['trouble'], prepare?: Course['prepare']) {
  const course = { beforeMs: 2_000, afterMs: 3_000, patienceMs: PATIENCE_MS, trouble, ...(prepare && { prepare }) };
  return runPairs(contestants, course, async () => {});
}

async function withStage(run: (stage: Stage) => Promise<void>, serverIn?: 'internet'): Promise<void> {
  const stage = await Stage.open(['innmesh'], serverIn);
  try {
    await run(stage);
  } finally {
    await stage.close();
  }
}

/** Resolves when nothing is missing any more, or patience is at an end. */
async function settled(stations: Station[]): Promise<Records> {
  await eventually(async () => faultsOf(await recordsOf(stations)).lost === 0, PATIENCE_MS);
  return recordsOf(stations);
}

const sentAfter = (all: Crossing[], atMs: number) => all.filter(({ sentAtMs }) => sentAtMs > atMs);

describe.skipIf(reason)('on a hotel’s network, two linked devices', { timeout: 180_000 }, () => {
  it.each([
    ['a cable is out for ten seconds', ['innmesh', INNMESH_IN_NODE], pullCable(10)],
    ['one of them goes to another access point and has another address', ['innmesh'], moveKitchen()],
    ['one of them goes to another subnet', ['innmesh'], moveKitchenAway],
  ])('lose, repeat and disorder nothing when %s, and go on', async (_, contestants, trouble) => {
    const results = await goThrough(contestants, trouble);
    for (const { contestant, faults, crossings, overAtMs } of results) {
      expect(faults, contestant).toEqual(none);
      expect(untilNextMs(crossings, overAtMs), contestant).toBeDefined();
      expect(sentAfter(crossings, overAtMs).length, contestant).toBeGreaterThan(0);
    }
  });

  it('lose, repeat and disorder nothing when one packet in twenty is lost', async () => {
    const results = await goThrough(
      ['innmesh', INNMESH_IN_NODE],
      () => sleep(10_000),
      async ({ kitchen, till }) => {
        for (const host of [kitchen, till]) await host.lose(0.05);
      },
    );
    for (const { contestant, faults, crossings } of results) {
      expect(faults, contestant).toEqual(none);
      expect(crossings.length, contestant).toBeGreaterThan(0);
    }
  });
});

describe.skipIf(reason)('on a hotel’s network, devices', { timeout: 180_000 }, () => {
  it('that are kept from each other reach each other by way of a third', () =>
    withStage(async (stage) => {
      const [kitchen, till] = [await stage.lan.host('kitchen'), await stage.lan.host('till')];
      await stage.lan.isolate(kitchen, till);
      const reader = await stage.page(kitchen, 'innmesh', { name: 'kitchen', readers: [] });
      const printer = await stage.node(await stage.lan.host('printer'), { name: 'printer', readers: [] });
      const writer = await stage.page(till, 'innmesh', { name: 'till', readers: ['kitchen', 'printer'] });
      await writer.write(WRITE_INTERVAL_MS);
      await sleep(3_000);
      await writer.stopWriting();
      const records = await settled([reader, printer, writer]);
      expect(faultsOf(records)).toEqual(none);
      expect(crossings(records, 'till', 'kitchen').length).toBeGreaterThan(0);
      expect(await isLinked(writer, reader)).toBe(false);
    }));

  it('that are linked go on without the server', () =>
    withStage(async (stage) => {
      const names = ['tablet', 'till', 'printer'];
      const stations: Station[] = [];
      for (const name of names) {
        const settings = { name, readers: names.filter((other) => other !== name) };
        const host = await stage.lan.host(name);
        const isInNode = name === 'printer';
        stations.push(await (isInNode ? stage.node(host, settings) : stage.page(host, 'innmesh', settings)));
      }
      const areLinked = async () => {
        const links = stations.flatMap((one) => stations.map((other) => one === other || isLinked(one, other)));
        return (await Promise.all(links)).every(Boolean);
      };
      expect(await eventually(areLinked)).toBe(true);
      await stage.server.unplug();
      for (const station of stations) await station.write(WRITE_INTERVAL_MS);
      await sleep(3_000);
      for (const station of stations) await station.stopWriting();
      const records = await settled(stations);
      expect(faultsOf(records)).toEqual(none);
      for (const name of names) expect(records.get(name)?.some(({ kind }) => kind === 'stored')).toBe(true);
    }));

  it.skipIf(!hasCoturn)('that no packet gets to directly reach each other through a TURN server', () =>
    withStage(async (stage) => {
      const { lan } = stage;
      const turn = await TurnServer.start(await lan.host('turn', lan.internet.main), lan.folder);
      const kitchen = await lan.host('kitchen', (await lan.segment('east', 'symmetric')).main);
      const till = await lan.host('till', (await lan.segment('west', 'symmetric')).main);
      const { writer, reader } = await stage.pair('innmesh', till, kitchen, turn.iceServers);
      await writer.write(WRITE_INTERVAL_MS);
      await sleep(3_000);
      await writer.stopWriting();
      const records = await settled([writer, reader]);
      expect(faultsOf(records)).toEqual(none);
      expect(crossings(records, 'till', 'kitchen').length).toBeGreaterThan(0);
      expect(await reader.path()).toContain('relay');
    }, 'internet'),
  );
});
