import { describe, expect, it } from 'vitest';
import { closeDown, liveThroughChaos, PEACE_MS } from './chaos.ts';
import { violationsOfPeace, violationsOfSilence } from './invariants.ts';
import { World } from './world.ts';

const seeds = Number(process.env.INNMESH_SEEDS ?? 30);
const firstSeed = Number(process.env.INNMESH_SEED ?? 1);

/** Seeds that once failed through a real bug. */
const regressions: [seed: number, bug: string][] = [
  [4, 'a long message overtook the hello on the other lane, and the link was given up'],
];

async function simulate(seed: number): Promise<string[]> {
  const world = new World(seed);
  await liveThroughChaos(world);
  await world.time.pass(PEACE_MS);
  const violations = violationsOfPeace(world);
  await closeDown(world);
  return [...violations, ...violationsOfSilence(world)];
}

function expectNone(seed: number, violations: string[]): void {
  const repeat = `INNMESH_SEED=${seed} INNMESH_SEEDS=1 npx vitest run tests/simulation`;
  const shown = [...violations.slice(0, 20), ...(violations.length > 20 ? [`and ${violations.length - 20} more`] : [])];
  expect(violations, `Repeat with: ${repeat}\n${shown.join('\n')}`).toEqual([]);
}

describe('devices that come and go while links, signaling and the server fail', () => {
  it.each(Array.from({ length: seeds }, (_, index) => firstSeed + index))(
    'are all linked in the end, with nothing lost, twice or out of order (seed %i)',
    async (seed) => expectNone(seed, await simulate(seed)),
  );
});

describe('a seed that once failed', () => {
  it.each(regressions)('%i: %s', async (seed) => expectNone(seed, await simulate(seed)));
});
