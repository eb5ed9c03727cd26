import { seededRandom } from '@innmesh/kit';
import { type DayOptions, liveThroughADay } from './a-day.ts';
import { JournalWorld } from './journal-world.ts';
import { violationsOf } from './proof.ts';
import { type Costs, costsOf, type Links, linksOf, Traffic } from './traffic.ts';

export interface Size {
  house: number;
  guests: number;
  orders: number;
}

export interface Outcome {
  violations: string[];
  handedOver: number;
  crashes: number;
  links: Links;
  costs: Costs;
}

export interface SimulationOptions extends Partial<DayOptions> {
  /** Whether to count what crosses, which costs time. */
  isMeasuring?: boolean;
}

const DAY_MS = 120_000;

/** A small property, other for each seed. */
export function sizeOf(seed: number): Size {
  const unit = seededRandom(~seed).unit;
  const between = (low: number, high: number) => low + Math.floor(unit() * (high - low + 1));
  return { house: between(3, 10), guests: between(2, 12), orders: between(50, 300) };
}

/** What is wrong at the end of a day of trouble. */
export async function simulate(seed: number, size: Size, options: SimulationOptions = {}): Promise<Outcome> {
  const world = new JournalWorld({ seed, ...size });
  if (options.isMeasuring) world.traffic = new Traffic();
  world.crashOneIn = options.crashOneIn ?? 0;
  if (options.marksFindRoom === false) world.roomOnFullDisk = 'none';
  await liveThroughADay(world, { orders: size.orders, durationMs: DAY_MS, troubles: 15, ...options });
  return {
    violations: violationsOf(world),
    handedOver: world.devices.reduce((sum, { handed }) => sum + [...handed.values()].flat().length, 0),
    crashes: world.devices.reduce((sum, { crashes }) => sum + crashes.length, 0),
    links: linksOf(world),
    costs: costsOf(world),
  };
}
