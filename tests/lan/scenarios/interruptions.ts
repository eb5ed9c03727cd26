import { setTimeout as sleep } from 'node:timers/promises';
import { type Course, runPairs } from './pairs.ts';
import { interruptedRow } from './rows.ts';
import type { Scenario } from './scenario.ts';

/** What stops a pair's messages for a while; it resolves when they should cross again. */
type Trouble = Course['trouble'];

export function pullCable(seconds: number): Trouble {
  return async ({ kitchen }) => {
    await kitchen.unplug();
    await sleep(seconds * 1_000);
    await kitchen.plugIn();
  };
}

/** `awaySeconds`: how long the kitchen is out of reach in between. */
export function moveKitchen(awaySeconds = 0): Trouble {
  return async ({ stage, kitchen }) => {
    const lobby = await stage.lan.house.accessPoint();
    await kitchen.unplug();
    await sleep(awaySeconds * 1_000);
    await kitchen.moveTo(lobby);
  };
}

/** Where no mDNS name of the house is known. */
export const moveKitchenAway: Trouble = async ({ stage, kitchen }) => {
  await kitchen.moveTo((await stage.lan.segment('annex')).main);
};

/** Its processes stand still, as those of a phone in a pocket. */
export function putKitchenToSleep(seconds: number): Trouble {
  return async ({ kitchen }) => {
    await kitchen.sleep();
    await sleep(seconds * 1_000);
    await kitchen.wakeUp();
  };
}

function interruption(name: string, title: string, trouble: Trouble, afterMs = 20_000): Scenario {
  const course = { beforeMs: 5_000, afterMs, patienceMs: 60_000, trouble };
  return {
    name,
    title,
    run: async (contestants, keep) => (await runPairs(contestants, course, keep)).map(interruptedRow),
  };
}

const cableOut = (seconds: number) =>
  interruption(`cable-${seconds}`, `The kitchen's cable is out for ${seconds} s`, pullCable(seconds));

const asleep = (seconds: number) =>
  interruption(
    `asleep-${seconds}`,
    `The kitchen is a phone that is locked for ${seconds} s`,
    putKitchenToSleep(seconds),
  );

export const interruptions: readonly Scenario[] = [
  cableOut(10),
  cableOut(45),
  cableOut(120),
  interruption('moved', 'The kitchen is at another access point, where it has another address', moveKitchen(), 45_000),
  interruption('moved-late', 'The same, and the kitchen is out of reach for 30 s in between', moveKitchen(30)),
  interruption('moved-away', 'The kitchen is in another subnet, behind another router', moveKitchenAway, 45_000),
  asleep(10),
  asleep(60),
];
