import { describe, expect, it } from 'vitest';
import { closeDown, liveThroughChaos, PEACE_MS } from './chaos.ts';
import { violationsOfPeace, violationsOfSilence } from './invariants.ts';
import type { SimulatedDevice } from './simulated-device.ts';
import { CLOUD_URL, World } from './world.ts';

const seeds = Math.ceil(Number(process.env.INNMESH_SEEDS ?? 50) / 25);
const firstSeed = Number(process.env.INNMESH_SEED ?? 1);
const SEEDS = Array.from({ length: seeds }, (_, index) => firstSeed + index);

const LOCAL_URL = 'ws://signaling.local';
const both = { signalingServers: [CLOUD_URL, LOCAL_URL] };

/** What each device was told that concerns servers, and what it should not have been told. */
function listenTo({ connection }: SimulatedDevice): string[] {
  const told: string[] = [];
  for (const event of ['reconnecting', 'disconnected', 'peer-left'] as const)
    connection.on(event, () => told.push(event));
  return told;
}

/** Devices that are linked and with the cloud's server, as there is no other. */
async function onCloud(seed: number, count: number, maxLinks?: number): Promise<World> {
  const world = new World(seed, null, maxLinks);
  world.signaling.stop();
  world.cloud.start();
  for (let left = count; left > 0; left--) world.addDevice(both).arrive();
  await world.time.pass(90_000);
  expect(world.cloud.stats()?.devices).toBe(count);
  return world;
}

describe('a local server that appears', () => {
  it.each<[what: string, count: number, maxLinks?: number]>([
    ['five who are all linked', 5],
    ['twenty who keep eight links', 20, 8],
  ])('has all of the room soon, nobody is taken for gone, and no link ends: %s', async (_, count, maxLinks) => {
    for (const seed of SEEDS) {
      const world = await onCloud(seed, count, maxLinks);
      const told = world.devices.map(listenTo);
      world.signaling.start();
      const moved = await world.time.until(() => world.signaling.stats()?.devices === count, 90_000);
      await world.time.pass(120_000);
      expect([moved, world.cloud.stats()?.devices, told.flat()], `seed ${seed}`).toEqual([true, 0, []]);
    }
  });

  it('takes the rest of the room within fifteen seconds of the first who found it', async () => {
    for (const seed of SEEDS) {
      const world = await onCloud(seed, 20, 8);
      world.signaling.start();
      await world.time.until(() => world.signaling.stats()?.devices === 1, 60_000);
      expect(await world.time.until(() => world.signaling.stats()?.devices === 20, 15_000), `seed ${seed}`).toBe(true);
    }
  });
});

describe('a local server that goes', () => {
  it('is made up for by the cloud’s within the reconnect interval, and no link ends', async () => {
    for (const seed of SEEDS) {
      const world = new World(seed);
      world.cloud.start();
      for (let left = 5; left > 0; left--) world.addDevice(both).arrive();
      await world.time.pass(10_000);
      expect(world.signaling.stats()?.devices).toBe(5);
      const told = world.devices.map(listenTo);
      world.signaling.stop();
      expect(await world.time.until(() => world.cloud.stats()?.devices === 5, 6_000), `seed ${seed}`).toBe(true);
      await world.time.pass(60_000);
      for (const each of told) expect(each).toEqual(['reconnecting']);
    }
  });
});

describe('devices that come and go while links fail and the local server comes and goes', () => {
  it.each(SEEDS)('are all linked in the end, with nothing lost, twice or out of order (seed %i)', async (seed) => {
    const world = new World(seed);
    world.cloud.start();
    world.config = both;
    await liveThroughChaos(world);
    await world.time.pass(2 * PEACE_MS);
    const violations = violationsOfPeace(world);
    const { devices } = world.signaling.stats() ?? {};
    expect(devices, 'with the local server').toBe(world.present().length);
    await closeDown(world);
    const repeat = `INNMESH_SEED=${seed} INNMESH_SEEDS=1 npx vitest run tests/simulation/several-servers`;
    expect([...violations, ...violationsOfSilence(world)], `Repeat with: ${repeat}`).toEqual([]);
  });
});
