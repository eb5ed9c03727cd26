import { seededRandom } from '@innmesh/kit';
import { type DayOptions, liveThroughADay } from './a-day.ts';
import { JournalWorld } from './journal-world.ts';
import { violationsOf } from './proof.ts';

export interface Size {
  house: number;
  guests: number;
  orders: number;
}

export interface Outcome {
  violations: string[];
  handedOver: number;
  crashes: number;
  /** Of the house's devices, links that each is to have. */
  linksEach: number;
  /** On all links, divided by the orders that were stored. */
  bytesPerOrder: number;
}

const DAY_MS = 120_000;

/** A small property, other for each seed. */
export function sizeOf(seed: number): Size {
  const unit = seededRandom(~seed).unit;
  const between = (low: number, high: number) => low + Math.floor(unit() * (high - low + 1));
  return { house: between(3, 10), guests: between(2, 12), orders: between(50, 300) };
}

/** What is wrong at the end of a day of trouble. */
export async function simulate(seed: number, size: Size, options: Partial<DayOptions> = {}): Promise<Outcome> {
  const world = new JournalWorld({ seed, ...size });
  world.crashOneIn = options.crashOneIn ?? 0;
  await liveThroughADay(world, { orders: size.orders, durationMs: DAY_MS, troubles: 15, ...options });
  const stored = world.devices.flatMap(({ written }) => written.filter(({ isStored }) => isStored)).length;
  const ends = world.pairs.flat().filter(({ role }) => role !== 'guest').length;
  return {
    violations: violationsOf(world),
    handedOver: world.devices.reduce((sum, { handed }) => sum + [...handed.values()].flat().length, 0),
    crashes: world.devices.reduce((sum, { crashes }) => sum + crashes.length, 0),
    linksEach: ends / Math.max(1, world.house.length),
    bytesPerOrder: world.bytesSent / Math.max(1, stored),
  };
}
