import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../eventually.ts';
import { crossings, faultsOf, recordsOf } from '../measures.ts';
import { isLinked, Stage } from '../stage.ts';
import { nowMs } from '../stations/program.ts';
import { runPairs, type Scene } from './pairs.ts';
import { slowedRow } from './rows.ts';
import type { Scenario } from './scenario.ts';

const WRITING_MS = 20_000;
const WRITE_INTERVAL_MS = 50;
const PATIENCE_MS = 30_000;

export const isolated: Scenario = {
  name: 'isolated',
  title: 'Kitchen and till reach the server and not each other',
  async run(contestants, keep) {
    const course = {
      prepare: ({ stage, kitchen, till }: Omit<Scene, 'pairs'>) => stage.lan.isolate(kitchen, till),
      trouble: () => sleep(WRITING_MS),
      beforeMs: 0,
      afterMs: 0,
      patienceMs: PATIENCE_MS,
    };
    return (await runPairs(contestants, course, keep)).map(slowedRow);
  },
};

export const isolatedWithPeer: Scenario = {
  name: 'isolated-with-peer',
  title: 'The same, and a staff tablet reaches both',
  isForInnmesh: true,
  async run(_, keep) {
    const stage = await Stage.open(['innmesh']);
    try {
      const [kitchen, till] = [await stage.lan.host('kitchen'), await stage.lan.host('till')];
      const tablet = await stage.lan.host('tablet');
      await stage.lan.isolate(kitchen, till);
      const reader = await stage.page(kitchen, 'innmesh', { name: 'kitchen', readers: [] });
      const peer = await stage.page(tablet, 'innmesh', { name: 'tablet', readers: [] });
      const writer = await stage.page(till, 'innmesh', { name: 'till', readers: ['kitchen', 'tablet'] });
      await eventually(async () => (await isLinked(peer, reader)) && (await isLinked(peer, writer)));
      await writer.write(WRITE_INTERVAL_MS);
      await sleep(WRITING_MS);
      await writer.stopWriting();
      const faults = async () => faultsOf(await recordsOf([reader, peer, writer]));
      await eventually(async () => (await faults()).lost === 0, PATIENCE_MS);
      await keep('innmesh', [reader, peer, writer]);
      const records = await recordsOf([reader, peer, writer]);
      const result = { faults: await faults(), overAtMs: nowMs() };
      return ['tablet', 'kitchen'].map((name) => ({
        'till to': name,
        ...slowedRow({ contestant: 'innmesh', crossings: crossings(records, 'till', name), ...result }),
      }));
    } finally {
      await stage.close();
    }
  },
};
