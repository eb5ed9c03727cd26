import { describe, expect, it } from 'vitest';
import type { SimulatedDevice } from './simulated-device.ts';
import { World } from './world.ts';

const SEEDS = [1, 2, 3, 4, 5];
const [phone, till, kitchen] = [0, 1, 2];

async function wholeWorld(seed: number): Promise<{ world: World; at: (index: number) => SimulatedDevice }> {
  const world = new World(seed);
  for (let index = 0; index < 3; index++) world.addDevice().arrive();
  await world.time.pass(5_000);
  if (!world.isWhole()) throw new Error('Five seconds do not suffice to link all.');
  return { world, at: (index) => world.devices[index] as SimulatedDevice };
}

describe('a page that the browser stops', () => {
  it('is shown by nobody meanwhile, and gets all that was sent to it when it goes on', async () => {
    for (const seed of SEEDS) {
      const { world, at } = await wholeWorld(seed);
      at(phone).sleep();
      const isGone = () =>
        [till, kitchen].every(
          (index) =>
            !at(index)
              .connection.getPeers()
              .some(({ peerId }) => peerId === at(phone).peerId),
        );
      expect(await world.time.until(isGone, 3_000), `seed ${seed}`).toBe(true);
      at(till).send('small', at(phone).peerId);
      await world.time.pass(60_000);
      expect([isGone(), at(phone).got(at(till).peerId, 'small', 1)]).toEqual([true, false]);
      at(phone).wakeUp();
      expect(await world.time.until(() => at(phone).got(at(till).peerId, 'small', 1), 2_000), `seed ${seed}`).toBe(
        true,
      );
      expect(await world.time.until(() => world.isWhole(), 2_000)).toBe(true);
      expect(world.devices.flatMap(({ contradictions }) => contradictions)).toEqual([]);
    }
  });

  it('has kept what it wrote just before, and sends it when it goes on', async () => {
    const { world, at } = await wholeWorld(1);
    world.network.isolate(at(phone).name);
    at(phone).send('small', at(till).peerId);
    at(phone).sleep();
    await world.time.pass(30_000);
    world.network.rejoin(at(phone).name);
    at(phone).wakeUp();
    expect(await world.time.until(() => at(till).got(at(phone).peerId, 'small', 1), 5_000)).toBe(true);
  });
});
