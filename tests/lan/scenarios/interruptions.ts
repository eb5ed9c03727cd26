import { setTimeout as sleep } from 'node:timers/promises';
import { type Course, runPairs, type Scene } from './pairs.ts';
import { interruptedRow } from './rows.ts';
import type { Scenario } from './scenario.ts';

/** A pair's messages stop crossing while something happens, and should cross again when it is over. */
function interruption(name: string, title: string, trouble: Course['trouble'], course: Partial<Course> = {}): Scenario {
  const whole = { beforeMs: 5_000, afterMs: 20_000, patienceMs: 60_000, ...course, trouble };
  return {
    name,
    title,
    run: async (contestants, keep) => (await runPairs(contestants, whole, keep)).map(interruptedRow),
  };
}

export const cableOut = (seconds: number): Scenario =>
  interruption(`cable-${seconds}`, `The kitchen's cable is out for ${seconds} s`, async ({ kitchen }) => {
    await kitchen.unplug();
    await sleep(seconds * 1_000);
    await kitchen.plugIn();
  });

export const moved: Scenario = interruption(
  'moved',
  'The kitchen goes to another access point, where it has another address',
  async ({ stage, kitchen }) => kitchen.moveTo(await stage.lan.house.accessPoint()),
  { afterMs: 45_000 },
);

export const movedAway: Scenario = interruption(
  'moved-away',
  'The kitchen goes to another subnet, where no mDNS name of the first one is known',
  async ({ stage, kitchen }) => kitchen.moveTo((await stage.lan.segment('annex')).main),
  { afterMs: 45_000 },
);

export const frozen = (seconds: number): Scenario =>
  interruption(
    `frozen-${seconds}`,
    `The kitchen's pages are frozen for ${seconds} s, as those of a phone in a pocket`,
    async ({ pairs }: Scene) => {
      await Promise.all(pairs.map(({ reader }) => reader.freeze()));
      await sleep(seconds * 1_000);
      await Promise.all(pairs.map(({ reader }) => reader.thaw()));
    },
  );
