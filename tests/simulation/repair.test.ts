// Before it is asked for: virtual time does not wait for what is loaded.
import '../../lib/webrtc/client/relay/relayed-transport.ts';
import { describe, expect, it } from 'vitest';
import type { SimulatedDevice } from './simulated-device.ts';
import { World } from './world.ts';

const SEEDS = [1, 2, 3, 4, 5];
/** Both ends of the link of two devices, and one connection that each has ready for the next. */
const OPEN = 4;

async function wholeWorld(seed: number, count: number): Promise<World> {
  const world = new World(seed);
  for (let index = 0; index < count; index++) world.addDevice().arrive();
  await world.time.pass(5_000);
  if (!world.isWhole()) throw new Error('Five seconds do not suffice to link all.');
  return world;
}

const [one, other] = [0, 1];
const device = (world: World, index: number) => world.devices[index] as SimulatedDevice;

function linkBetween(world: World, first: SimulatedDevice, second: SimulatedDevice) {
  const ends = world.network.linked().filter(({ owner, peer }) => owner === first.name && peer?.owner === second.name);
  return ends.at(-1);
}

function countUnlinked({ connection }: SimulatedDevice): () => number {
  let count = 0;
  connection.on('disconnected', () => {
    count += 1;
  });
  return () => count;
}

describe('a link whose packets go nowhere', () => {
  it('has another connection in its place in 5 s, nothing is lost, and nobody hears of it', async () => {
    for (const seed of SEEDS) {
      const world = await wholeWorld(seed, 2);
      const [sender, receiver] = [device(world, one), device(world, other)];
      const unlinked = [sender, receiver].map(countUnlinked);
      linkBetween(world, sender, receiver)?.cut();
      sender.send('small', receiver.peerId);
      expect(await world.time.until(() => receiver.got(sender.peerId, 'small', 1), 5_000), `seed ${seed}`).toBe(true);
      await world.time.pass(60_000);
      expect([unlinked.map((count) => count()), world.network.open.size]).toEqual([[0, 0], OPEN]);
    }
  });

  it('is given up when no other connection comes about', async () => {
    const world = await wholeWorld(1, 2);
    const [sender, receiver] = [device(world, one), device(world, other)];
    world.network.isolate(receiver.name);
    sender.send('small', receiver.peerId);
    expect(await world.time.until(() => sender.linked.size === 0, 25_000)).toBe(true);
    world.network.rejoin(receiver.name);
    expect(await world.time.until(() => receiver.got(sender.peerId, 'small', 1), 60_000)).toBe(true);
  });
});

describe('a link that ends while no server answers', () => {
  it('stands again within 3 s, by way of the others', async () => {
    for (const seed of SEEDS) {
      const world = await wholeWorld(seed, 10);
      world.signaling.crash();
      await world.time.pass(1_000);
      const end = linkBetween(world, device(world, one), device(world, other));
      for (const each of [end, end?.peer]) each?.noticeEnd();
      expect(device(world, one).linked.has(device(world, other).peerId)).toBe(false);
      expect(await world.time.until(() => world.isWhole(), 3_000), `seed ${seed}`).toBe(true);
    }
  });
});

describe('a link that ends because its device has another address', () => {
  it('stands again within 3 s, though the socket to the server leads nowhere and nobody says so', async () => {
    for (const seed of SEEDS) {
      const world = await wholeWorld(seed, 2);
      const [mover, stayer] = [device(world, one), device(world, other)];
      // In use until now, so that it was not silent for a moment.
      stayer.send('small', mover.peerId);
      await world.time.until(() => mover.got(stayer.peerId, 'small', 1), 1_000);
      world.signaling.sever(mover.name);
      const end = linkBetween(world, mover, stayer);
      // As in Firefox, which closes the channels before it says that the connection has failed.
      if (end) end.connectionState = 'failed';
      end?.noticeEnd();
      expect(mover.linked.size).toBe(0);
      await world.time.pass(10);
      expect(await world.time.until(() => mover.linked.size === 1, 3_000), `seed ${seed}`).toBe(true);
    }
  });
});

describe('a link that ends while another connection is made in its place, which finds no way', () => {
  it('is followed by one through the server after three seconds, not after fifteen', async () => {
    for (const seed of SEEDS) {
      const world = await wholeWorld(seed, 3);
      const [sender, receiver, third] = [device(world, one), device(world, other), device(world, 2)];
      world.network.keepApart(sender.name, receiver.name);
      for (let count = 0; count < 40; count++) {
        // Whoever hears from a third device need not look for its server.
        world.at(count * 500, () => {
          for (const { peerId } of [sender, receiver]) third.send('small', peerId);
        });
      }
      await world.time.pass(4_000);
      const end = linkBetween(world, sender, receiver);
      for (const each of [end, end?.peer]) {
        if (each) each.connectionState = 'failed';
        each?.noticeEnd();
      }
      sender.send('large', receiver.peerId);
      expect(await world.time.until(() => receiver.got(sender.peerId, 'large', 1), 6_000), `seed ${seed}`).toBe(true);
    }
  });
});

describe('a thousand repairs', () => {
  it('leave no connection open', async () => {
    const world = await wholeWorld(1, 2);
    const [sender, receiver] = [device(world, one), device(world, other)];
    let replaced = 0;
    for (let round = 0; round < 1_000; round++) {
      const link = linkBetween(world, sender, receiver);
      link?.[round % 2 ? 'cut' : 'breakNow']();
      sender.send('small', receiver.peerId);
      await world.time.pass(20_000);
      if (linkBetween(world, sender, receiver) !== link) replaced += 1;
      expect(world.network.open.size, `round ${round}`).toBeLessThanOrEqual(OPEN);
    }
    // A link that goes through the server meanwhile is followed by a direct one.
    expect(await world.time.until(() => world.network.linked().length === 2, 60_000)).toBe(true);
    await world.time.pass(60_000);
    expect([replaced > 490, world.network.open.size]).toEqual([true, OPEN]);
  });
});
