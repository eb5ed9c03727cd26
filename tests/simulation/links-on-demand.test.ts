// Before it is asked for: virtual time does not wait for what is loaded.
import '../../lib/webrtc/client/relay/relayed-transport.ts';
import type { P2PConnectionConfig } from '@innmesh/webrtc';
import { describe, expect, it } from 'vitest';
import { chosenLinksStand, hangsTogether, unlinkedPair } from './bounded-links.ts';
import { troubles } from './chaos.ts';
import type { SimulatedDevice } from './simulated-device.ts';
import { World } from './world.ts';

const SEEDS = [1, 2, 3, 4, 5];
const MAX_LINKS = 8;

/** Devices of the house that keep eight links each, and whatever comes with their arrival is over. */
async function settledWorld(seed: number, count = 20): Promise<World> {
  const world = new World(seed, null, MAX_LINKS);
  for (let index = 0; index < count; index++) world.addDevice();
  for (const device of world.devices) {
    device.arrive();
    await world.time.pass(500);
  }
  await world.time.pass(120_000);
  if (!chosenLinksStand(world)) throw new Error('Two minutes do not suffice to link all.');
  return world;
}

const linksOf = (world: World) => new Map(world.devices.map(({ peerId, linked }) => [peerId, new Set(linked)]));
const arrived = ({ sent }: SimulatedDevice) => sent.map(({ delivery }) => delivery.status);

describe('a message to one device', () => {
  it('arrives within a second where no link stands: one is opened', async () => {
    for (const seed of SEEDS) {
      const world = await settledWorld(seed);
      const [sender, receiver] = unlinkedPair(world);
      sender.send('large', receiver.peerId);
      expect(await world.time.until(() => arrived(sender)[0] === 'delivered', 1_000), `seed ${seed}`).toBe(true);
      expect(sender.linked.has(receiver.peerId)).toBe(true);
    }
  });

  it('that both send in the same moment opens one link, and both arrive', async () => {
    for (const seed of SEEDS) {
      const world = await settledWorld(seed);
      const pair = unlinkedPair(world);
      const [one, other] = pair;
      one.send('small', other.peerId);
      other.send('small', one.peerId);
      await world.time.pass(3_000);
      expect([pair.map(arrived), pair.map(({ contradictions }) => contradictions)]).toEqual([
        [['delivered'], ['delivered']],
        [[], []],
      ]);
    }
  });

  it('that is sent while the other end closes an idle link arrives over another one', async () => {
    const closingAtMs = await whenIdleLinkCloses(await settledWorld(1));
    for (let beforeMs = -40; beforeMs <= 200; beforeMs += 20) {
      const world = await settledWorld(1);
      const [sender, receiver] = unlinkedPair(world);
      sender.send('small', receiver.peerId);
      await world.time.pass(closingAtMs - world.time.nowMs() - beforeMs);
      for (const device of [sender, receiver])
        device.send('small', device === sender ? receiver.peerId : sender.peerId);
      await world.time.pass(2_000);
      expect([arrived(sender), arrived(receiver)], `${beforeMs} ms before`).toEqual([
        ['delivered', 'delivered'],
        ['delivered'],
      ]);
    }
  });

  it('that waited for its receiver to come back arrives within two seconds of that, though neither chooses the other', async () => {
    for (const seed of SEEDS) {
      const world = await settledWorld(seed);
      const [sender, receiver] = unlinkedPair(world);
      receiver.leave();
      await world.time.pass(5_000);
      sender.send('small', receiver.peerId);
      receiver.arrive();
      expect(await world.time.until(() => arrived(sender)[0] === 'delivered', 2_000), `seed ${seed}`).toBe(true);
    }
  });
});

/** One message is sent, and the link that it opened is closed after a time. */
async function whenIdleLinkCloses(world: World): Promise<number> {
  const [sender, receiver] = unlinkedPair(world);
  sender.send('small', receiver.peerId);
  await world.time.pass(5_000);
  expect(await world.time.until(() => !sender.linked.has(receiver.peerId), 15 * 60_000)).toBe(true);
  return world.time.nowMs();
}

describe('a link through the server that was opened for a message, and closed as idle', () => {
  it('is there again for the next one after some seconds, however rarely a direct one was tried beside it', async () => {
    const world = await settledWorld(1);
    const [sender, receiver] = unlinkedPair(world);
    world.network.keepApart(sender.name, receiver.name);
    sender.send('large', receiver.peerId);
    expect(await world.time.until(() => arrived(sender)[0] === 'delivered', 10_000)).toBe(true);
    expect(await world.time.until(() => !sender.linked.has(receiver.peerId), 20 * 60_000)).toBe(true);
    await world.time.pass(2_000);
    sender.send('large', receiver.peerId);
    expect(await world.time.until(() => arrived(sender)[1] === 'delivered', 10_000)).toBe(true);
  });
});

describe('a link that was opened for a message', () => {
  it('is kept for ten minutes where there is room, and then closed', async () => {
    const world = await settledWorld(2);
    const beganAtMs = world.time.nowMs();
    expect((await whenIdleLinkCloses(world)) - beganAtMs).toBeGreaterThan(590_000);
    await world.time.pass(20 * 60_000);
    expect(Math.max(...world.devices.map(({ linked }) => linked.size))).toBeLessThanOrEqual(6);
  });

  it('is closed after a minute where there are more than eight, and those with most talk are neighbours', async () => {
    const world = await settledWorld(3);
    const [busy, ...others] = world.devices as [SimulatedDevice, ...SimulatedDevice[]];
    const chosen = new Set(busy.linked);
    const strangers = others.filter(({ peerId }) => !chosen.has(peerId));
    for (const [index, stranger] of strangers.entries()) {
      for (let count = 0; count <= index % 5; count++) stranger.send('small', busy.peerId);
    }
    await world.time.pass(3_000);
    expect(busy.linked.size).toBe(others.length);
    await world.time.pass(75_000);
    expect(busy.linked.size).toBe(MAX_LINKS);
    const { kept = [], ended = [] } = Object.groupBy(strangers, ({ peerId }) => {
      return busy.linked.has(peerId) ? 'kept' : 'ended';
    });
    const talk = ({ sent }: SimulatedDevice) => sent.length;
    expect(Math.min(...kept.map(talk))).toBeGreaterThanOrEqual(Math.max(...ended.map(talk)));
    expect(strangers.flatMap(arrived).every((status) => status === 'delivered')).toBe(true);
  });
});

describe('among devices that keep eight links', () => {
  it('a newcomer has its links within two seconds, and hardly anybody else changes any', async () => {
    for (const seed of SEEDS) {
      const world = await settledWorld(seed);
      const before = linksOf(world);
      const newcomer = world.addDevice();
      newcomer.arrive();
      expect(await world.time.until(() => chosenLinksStand(world), 2_000), `seed ${seed}`).toBe(true);
      await world.time.pass(180_000);
      const ended = [...before].flatMap(([peerId, links]) => {
        const now = world.devices.find((device) => device.peerId === peerId)?.linked;
        return [...links].filter((other) => !now?.has(other));
      });
      // Between the two on either side of it, on each of three rings; both ends counted.
      expect(ended.length, `seed ${seed}`).toBeLessThanOrEqual(6);
    }
  });

  it('whoever leaves is made up for within two seconds', async () => {
    for (const seed of SEEDS) {
      const world = await settledWorld(seed);
      world.devices[3]?.leave();
      expect(await world.time.until(() => world.devices[0]?.connection.getPeers().length === 18, 2_000)).toBe(true);
      expect(await world.time.until(() => chosenLinksStand(world), 2_000), `seed ${seed}`).toBe(true);
    }
  });

  it('nobody is taken for gone, and no link changes, when the signaling server crashes and all come back to it', async () => {
    for (const seed of SEEDS) {
      const world = await settledWorld(seed);
      const [before, left] = [linksOf(world), [] as string[]];
      for (const { connection } of world.devices) connection.on('peer-left', (peerId) => left.push(peerId));
      troubles.crashServer?.(world, world.devices[0] as SimulatedDevice);
      await world.time.pass(60_000);
      expect([left, linksOf(world)], `seed ${seed}`).toEqual([[], before]);
    }
  });

  it('whoever did not come back to it is forgotten by those who have no link to it, too', async () => {
    const world = await settledWorld(1);
    const gone = world.devices[3] as SimulatedDevice;
    world.signaling.crash();
    gone.crash();
    world.signaling.start();
    await world.time.pass(90_000);
    expect(world.present().filter(({ known }) => known.has(gone.peerId))).toEqual([]);
    expect(hangsTogether(world)).toBe(true);
  });
});

describe('a guest', () => {
  const guest: Partial<P2PConnectionConfig> = { deviceInfo: { type: 'guest', name: 'phone', capabilities: [] } };

  it('keeps two links; when one ends it takes another within a minute, and when both do, at once', async () => {
    for (const seed of SEEDS) {
      const world = await settledWorld(seed, 6);
      const phone = world.addDevice(guest);
      phone.arrive();
      await world.time.pass(120_000);
      const hosts = () => world.devices.filter(({ peerId }) => phone.linked.has(peerId));
      expect(phone.linked.size).toBe(2);
      hosts()[0]?.leave();
      expect(await world.time.until(() => phone.linked.size === 1, 2_000)).toBe(true);
      expect(await world.time.until(() => phone.linked.size === 2, 60_000), `seed ${seed}`).toBe(true);
      for (const host of hosts()) host.leave();
      await world.time.pass(2_000);
      expect(await world.time.until(() => phone.linked.size === 2, 2_000), `seed ${seed}`).toBe(true);
    }
  });

  it('is offered a link by a device of the house that comes in and that it would choose', async () => {
    const world = new World(1, null, MAX_LINKS);
    const phones = Array.from({ length: 10 }, () => world.addDevice(guest));
    for (const phone of phones) phone.arrive();
    for (const count of [1, 2]) {
      await world.time.pass(5_000);
      world.addDevice().arrive();
      expect(await world.time.until(() => phones.every(({ linked }) => linked.size === count), 2_000)).toBe(true);
    }
  });
});
