import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@innmesh/kit';
import { SoakHotel } from './hotel.ts';
import type { Ledgers } from './ledger.ts';
import type { SoakOptions } from './options.ts';
import { cause, planTroubles, type TroubleCounts } from './troubles.ts';
import { judge, type Verdict } from './verdict.ts';

export interface SoakResult extends Verdict {
  ledgers: Ledgers;
  /** How often each device was started. */
  starts: Map<string, number>;
  troubles: TroubleCounts;
  /** What nobody did on purpose, in words. */
  failures: string[];
}

/** Links that died unseen take that long to be found out and replaced. */
const PATIENCE_MS = 60_000;
const QUIET_MS = 2_000;

/** Devices write, are in trouble, and come to rest; `folder` keeps what they keep, and their ledgers. */
export async function soak(folder: string, options: SoakOptions): Promise<SoakResult> {
  const failures: string[] = [];
  const failed = (what: string) => void failures.push(what);
  const hotel = await SoakHotel.open(folder, options, failed);
  try {
    await Promise.all(hotel.devices.map((device) => device.start()));
    const planned = planTroubles(seededRandom(options.seed), hotel.subjects, options.seconds * 1_000, options.troubles);
    const troubles = await cause(planned, failed);
    await Promise.all(hotel.devices.map((device) => device.stopWriting()));
    const settled = await settle(hotel);
    const starts = new Map(hotel.devices.map((device) => [device.name, device.starts]));
    return { ...settled, starts, troubles, failures };
  } finally {
    await hotel.close();
  }
}

/** Waits until nothing is missing and nothing happens any more, and for what is missing not without end. */
async function settle(hotel: SoakHotel): Promise<Verdict & { ledgers: Ledgers }> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  let ledgers = hotel.ledgers();
  for (;;) {
    await sleep(QUIET_MS);
    const before = ledgers;
    ledgers = hotel.ledgers();
    const verdict = judge(ledgers);
    const isWhole = verdict.violations.every(({ fault }) => fault !== 'lost');
    const isQuiet = countLines(ledgers) === countLines(before);
    if ((isWhole && isQuiet) || Date.now() > deadlineMs) return { ...verdict, ledgers };
  }
}

function countLines(ledgers: Ledgers): number {
  return [...ledgers.values()].reduce((sum, lines) => sum + lines.length, 0);
}
