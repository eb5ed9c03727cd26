// Before it is asked for: virtual time does not wait for what is loaded.
import '../../lib/webrtc/client/relay/relayed-transport.ts';
import '../../lib/webrtc/client/link/topology.ts';
import { describe, expect, it } from 'vitest';
import type { SimulatedDevice } from './simulated-device.ts';
import { World } from './world.ts';

const SEEDS = [1, 2, 3];

/** Two devices that reach the server, and not each other. */
async function isolatedPair(seed: number): Promise<{ world: World; one: SimulatedDevice; other: SimulatedDevice }> {
  const world = new World(seed);
  const [one, other] = [world.addDevice(), world.addDevice()];
  world.network.keepApart(one.name, other.name);
  one.arrive();
  other.arrive();
  if (!(await world.time.until(() => one.linked.size + other.linked.size === 2, 6_000)))
    throw new Error(`Not linked, seed ${seed}`);
  return { world, one, other };
}

describe('two devices that reach the server and not each other', () => {
  it('are linked through it, and everything crosses', async () => {
    for (const seed of SEEDS) {
      const { world, one, other } = await isolatedPair(seed);
      expect(world.network.linked(), `seed ${seed}`).toEqual([]);
      one.send('small', other.peerId);
      other.send('large', one.peerId);
      const isThere = () => other.got(one.peerId, 'small', 1) && one.got(other.peerId, 'large', 1);
      expect(await world.time.until(isThere, 5_000), `seed ${seed}`).toBe(true);
      expect([...one.contradictions, ...other.contradictions]).toEqual([]);
    }
  });

  it('say which way they are linked', async () => {
    const { world, one, other } = await isolatedPair(1);
    let told: unknown;
    one.connection.getNetworkTopology(other.peerId).then((topology) => {
      told = topology;
    });
    await world.time.until(() => told !== undefined, 3_000);
    expect(told).toMatchObject({ path: 'signaling-relay', reason: expect.stringContaining('signaling server') });
  });

  it('say goodbye through it behind all that is still to be sent', async () => {
    for (const seed of SEEDS) {
      const { world, one, other } = await isolatedPair(seed);
      const told: string[] = [];
      other.connection.on('disconnected', () => told.push('disconnected'));
      one.send('small', other.peerId);
      one.leave();
      expect(await world.time.until(() => told.length > 0, 1_000), `seed ${seed}`).toBe(true);
      expect(other.got(one.peerId, 'small', 1), `seed ${seed}`).toBe(true);
      await world.time.pass(5_000);
      expect(one.pendingTimers).toBe(0);
    }
  });

  it('leave no timer behind, though they leave while a direct link is tried beside it', async () => {
    const { world, one, other } = await isolatedPair(1);
    for (const device of [one, other]) device.leave();
    await world.time.pass(5_000);
    expect([one.pendingTimers, other.pendingTimers]).toEqual([0, 0]);
  });

  it('are linked directly as soon as they can be, and nobody hears of it', async () => {
    const { world, one, other } = await isolatedPair(1);
    let unlinked = 0;
    for (const { connection } of [one, other]) {
      connection.on('disconnected', () => {
        unlinked += 1;
      });
    }
    // The attempt that was under way when the server took over has come to its end.
    await world.time.pass(20_000);
    world.network.bringTogether(one.name, other.name);
    expect(await world.time.until(() => world.network.linked().length === 2, 60_000)).toBe(true);
    await world.time.pass(5_000);
    one.send('small', other.peerId);
    world.signaling.crash();
    expect(await world.time.until(() => other.got(one.peerId, 'small', 1), 2_000)).toBe(true);
    expect([unlinked, one.contradictions, other.contradictions]).toEqual([0, [], []]);
  });
});

describe('a device that comes back after 45 s without a network', () => {
  it('is told by way of the server what waits for it, where no direct way is there within half a second', async () => {
    for (const seed of SEEDS) {
      const world = new World(seed);
      const [one, other] = [world.addDevice(), world.addDevice()];
      for (const device of world.devices) device.arrive();
      expect(await world.time.until(() => world.isWhole(), 5_000)).toBe(true);
      world.network.isolate(other.name);
      await world.time.pass(45_000);
      one.send('small', other.peerId);
      let isBack = false;
      other.connection.on('peers-discovered', () => {
        isBack = true;
      });
      world.network.keepApart(one.name, other.name);
      world.network.rejoin(other.name);
      expect(await world.time.until(() => isBack, 40_000), `seed ${seed}`).toBe(true);
      expect(await world.time.until(() => other.got(one.peerId, 'small', 1), 1_500), `seed ${seed}`).toBe(true);
    }
  });
});

describe('devices of which one is kept apart from another', () => {
  it('have what is short by way of the third, and the server carries what nobody else hands on', async () => {
    const world = new World(1);
    const [one, other, third] = [world.addDevice(), world.addDevice(), world.addDevice()];
    world.network.keepApart(one.name, other.name);
    for (const device of world.devices) device.arrive();
    await world.time.pass(10_000);
    expect([one, other, third].map(({ linked }) => linked.size)).toEqual([1, 1, 2]);
    one.send('small', other.peerId);
    expect(await world.time.until(() => other.got(one.peerId, 'small', 1), 2_000)).toBe(true);
    one.send('large', other.peerId);
    expect(await world.time.until(() => other.got(one.peerId, 'large', 2), 5_000)).toBe(true);
  });

  it('whenever something is to cross, wherever the direct attempts have come to by then', async () => {
    for (const seed of SEEDS) {
      for (const afterMs of [12_000, 30_000, 75_000, 180_000]) {
        const world = new World(seed);
        const [one, other] = [world.addDevice(), world.addDevice(), world.addDevice()] as const;
        world.network.keepApart(one.name, other.name);
        for (const device of world.devices) device.arrive();
        await world.time.pass(afterMs);
        one.send('large', other.peerId);
        const isThere = await world.time.until(() => other.got(one.peerId, 'large', 1), 5_000);
        expect(isThere, `seed ${seed}, after ${afterMs} ms`).toBe(true);
      }
    }
  });
});

describe('a guest that reaches the server and nobody else', () => {
  it.each(['before', 'after'])('is linked within 5 s where it comes %s the house', async (order) => {
    for (const seed of SEEDS) {
      const world = new World(seed);
      const house = [world.addDevice(), world.addDevice()];
      const guest = world.addDevice({ deviceInfo: { type: 'guest', name: 'phone', capabilities: [] } });
      for (const { name } of house) world.network.keepApart(name, guest.name);
      const arrivals = order === 'before' ? [[guest], house] : [house, [guest]];
      for (const devices of arrivals) {
        for (const device of devices) device.arrive();
        if (devices === arrivals[0]) await world.time.pass(5_000);
      }
      expect(await world.time.until(() => guest.linked.size > 0, 5_000), `seed ${seed}`).toBe(true);
    }
  });
});
