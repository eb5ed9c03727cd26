import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../eventually.ts';
import { crossings, faultsOf, recordsOf } from '../measures.ts';
import type { Nat } from '../network/segment.ts';
import { TurnServer } from '../servers/turn-server.ts';
import { type Pair, Stage } from '../stage.ts';
import { nowMs } from '../stations/program.ts';
import { slowedRow } from './rows.ts';
import type { Row, Scenario } from './scenario.ts';

const WRITING_MS = 20_000;
const WRITE_INTERVAL_MS = 50;
const PATIENCE_MS = 30_000;

/** Kitchen and till, each behind NAT of its own, with signaling, STUN and TURN beyond. */
export function behindNat(name: string, title: string, nat: Nat): Scenario {
  return {
    name,
    title,
    async run(contestants, keep) {
      const stage = await Stage.open(contestants, 'internet');
      try {
        const turn = await TurnServer.start(await stage.lan.host('turn', stage.lan.internet.main), stage.lan.folder);
        const [kitchenWing, tillWing] = [await stage.lan.segment('east', nat), await stage.lan.segment('west', nat)];
        const kitchen = await stage.lan.host('kitchen', kitchenWing.main);
        const till = await stage.lan.host('till', tillWing.main);
        const rows: Row[] = [];
        for (const contestant of contestants) {
          const pair = await stage.pair(contestant, till, kitchen, turn.iceServers);
          rows.push(await exchange(pair));
          await keep(contestant, [pair.writer, pair.reader]);
        }
        return rows;
      } finally {
        await stage.close();
      }
    },
  };
}

async function exchange({ contestant, writer, reader }: Pair): Promise<Row> {
  await writer.write(WRITE_INTERVAL_MS);
  await sleep(WRITING_MS);
  await writer.stopWriting();
  const faults = async () => faultsOf(await recordsOf([writer, reader]));
  await eventually(async () => (await faults()).lost === 0, PATIENCE_MS);
  const records = await recordsOf([writer, reader]);
  const result = { contestant, faults: await faults(), overAtMs: nowMs() };
  const row = slowedRow({ ...result, crossings: crossings(records, writer.name, reader.name) });
  return { ...row, path: (await reader.path()) ?? 'none' };
}
