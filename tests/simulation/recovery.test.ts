// Before it is asked for: virtual time does not wait for what is loaded.
import '../../lib/webrtc/client/link/topology.ts';
import { describe, expect, it } from 'vitest';
import { troubles } from './chaos.ts';
import type { SimulatedDevice } from './simulated-device.ts';
import { World } from './world.ts';

const SEEDS = Array.from({ length: 10 }, (_, index) => index + 1);

/** Devices that are all linked, and one of them. */
async function wholeWorld(seed: number, count = 5): Promise<{ world: World; device: SimulatedDevice }> {
  const world = new World(seed);
  const [device] = Array.from({ length: count }, () => world.addDevice());
  for (const each of world.devices) each.arrive();
  await world.time.pass(5_000);
  if (!device || !world.isWhole()) throw new Error('Five seconds do not suffice to link all.');
  return { world, device };
}

/** How long after one trouble, in a property where all else is well, everyone is linked again. */
const bounds: [trouble: string, boundMs: number, why: string][] = [
  ['breakLink', 1_500, 'a first retry after half a second'],
  ['breakAllLinks', 2_000, 'both sides of every link offering at once: one of the two offers counts'],
  ['leaveAndReturnAtOnce', 1_500, 'the newcomer offering'],
  ['crashServer', 0, 'links that do not need it'],
  ['severSignaling', 0, 'links that do not need it'],
  ['restartEverything', 6_500, 'coming back within the reconnect interval'],
  ['crashAndReplace', 31_000, 'two pings that nobody answers'],
];

describe('after one trouble everyone is linked again', () => {
  it.each(bounds)('%s: within %i ms, by %s', async (name, boundMs) => {
    for (const seed of SEEDS) {
      const { world, device } = await wholeWorld(seed);
      troubles[name]?.(world, device);
      // Long enough to notice that something is wrong.
      await world.time.pass(200);
      expect(await world.time.until(() => world.isWhole(), boundMs), `seed ${seed}`).toBe(true);
    }
  });

  it('whoever comes back before the server missed it is linked within a second, though others look for it', async () => {
    for (const seed of SEEDS) {
      const { world, device } = await wholeWorld(seed);
      let returned = false;
      device.connection.on('peers-discovered', () => {
        returned = true;
      });
      world.signaling.breakUnnoticed(device.name);
      for (const end of world.network.linked()) if (end.owner === device.name) end.breakNow();
      expect(await world.time.until(() => returned, 6_000)).toBe(true);
      expect(await world.time.until(() => world.isWhole(), 1_000), `seed ${seed}`).toBe(true);
    }
  });
});

describe('a device that vanished', () => {
  it('is forgotten 3 s after the signaling server says so, however long the keepalive interval', async () => {
    const world = new World(1);
    for (let count = 0; count < 3; count++) world.addDevice({ keepaliveInterval: 600_000 }).arrive();
    await world.time.pass(5_000);
    const [device] = world.devices;
    device?.crash();
    world.signaling.break(device?.name ?? '');
    await world.time.pass(3_500);
    expect(world.isWhole()).toBe(true);
  });

  it('for the server alone keeps its links', async () => {
    const { world, device } = await wholeWorld(1);
    const open = [...world.network.open.keys()];
    world.signaling.break(device.name);
    await world.time.pass(20_000);
    expect([...world.network.open.keys()]).toEqual(open);
  });
});

describe('what a peer has', () => {
  it('is not sent again over the next link, though the last one broke before it could say so [L15]', async () => {
    const { world, device } = await wholeWorld(1, 2);
    const receiver = world.devices[1] as SimulatedDevice;
    const breakLinks = () => {
      for (const end of world.network.linked()) end.breakNow();
      world.network.bytesSent = 0;
    };
    receiver.connection.on('message', breakLinks);
    device.send('large', receiver.peerId);
    await world.time.pass(5_000);
    expect([device.sent[0]?.delivery.status, receiver.got(device.peerId, 'large', 1)]).toEqual(['delivered', true]);
    // What two handshakes take; the message itself has 9,000 and more.
    expect(world.network.bytesSent).toBeLessThan(4_000);
  });
});

describe('the path', () => {
  it('is found out only where somebody listens', async () => {
    const { world, device } = await wholeWorld(1, 2);
    await world.time.pass(120_000);
    expect(world.network.statisticsRead).toBe(0);
    device.connection.on('topology-detected', () => {});
    await world.time.pass(60_000);
    expect(world.network.statisticsRead).toBeGreaterThan(0);
  });

  it('is told of each link that opens, and of no other', async () => {
    const { world, device } = await wholeWorld(1, 3);
    const told: string[] = [];
    device.connection.on('topology-detected', ({ peerId }) => told.push(peerId));
    for (const end of world.network.linked()) if (end.owner === device.name) end.breakNow();
    await world.time.pass(120_000);
    expect(told.toSorted()).toEqual([...device.linked].toSorted());
  });
});

describe('connect()', () => {
  it('comes back to a server that was lost for good', async () => {
    const world = new World(1);
    const device = world.addDevice({ autoReconnect: false });
    device.arrive();
    await world.time.pass(1_000);
    world.signaling.crash();
    await world.time.pass(60_000);
    expect(device.errors).toEqual([expect.objectContaining({ code: 'SIGNALING_LOST' })]);
    const refused = device.connection.connect().catch((error) => error);
    await world.time.pass(1_000);
    expect(await refused).toMatchObject({ code: 'SIGNALING_UNREACHABLE' });
    world.signaling.start();
    const back = device.connection.connect();
    await world.time.pass(1_000);
    await back;
    expect(world.signaling.stats()?.devices).toBe(1);
  });

  it('that fails right after a disconnect() leaves no message behind', async () => {
    const { world, device } = await wholeWorld(1, 1);
    device.send('small');
    world.signaling.crash();
    device.leave();
    const outcome = device.connection.connect().catch((error) => error);
    await world.time.pass(10_000);
    expect(await outcome).toMatchObject({ code: 'SIGNALING_UNREACHABLE' });
    world.signaling.start();
    device.arrive();
    await world.time.pass(1_000);
    expect(device.connection.pending().map(({ id }) => id)).toEqual([device.sent[0]?.delivery.id]);
  });
});

describe('disconnect()', () => {
  it('comes after what has been sent: all of it crosses first', async () => {
    for (const seed of SEEDS) {
      const { world, device } = await wholeWorld(seed);
      for (const kind of ['large', 'small', 'large', 'small'] as const) device.send(kind);
      device.leave();
      await world.time.pass(1_500);
      for (const { number, kind, delivery } of device.sent) {
        const got = world.present().filter((each) => each.got(device.peerId, kind, number));
        expect([got.length, delivery.status], `seed ${seed}`).toEqual([4, 'delivered']);
      }
      expect(device.contradictions).toEqual([]);
    }
  });

  it('tells of the end of each link, of those too that the other side is just closing', async () => {
    for (let delayMs = 0; delayMs < 100; delayMs += 5) {
      const { world, device } = await wholeWorld(delayMs, 3);
      world.devices[1]?.leave();
      await world.time.pass(delayMs);
      device.leave();
      expect([device.linked.size, device.contradictions], `after ${delayMs} ms`).toEqual([0, []]);
    }
  });

  it('from within a handler is the end of it: no timer, no socket and no link comes after', async () => {
    const events = ['peers-discovered', 'connected', 'disconnected', 'reconnecting', 'error', 'message'] as const;
    for (const event of events) {
      const { world, device } = await wholeWorld(7, 3);
      device.connection.on(event, () => device.leave());
      world.devices[1]?.send('large', device.peerId);
      world.signaling.crash();
      await world.time.pass(20_000);
      world.signaling.start();
      for (const end of world.network.linked()) end.noticeEnd();
      await world.time.pass(120_000);
      expect(device.connection.getPeers(), event).toEqual([]);
      expect(world.signaling.stats()?.devices, event).toBe(2);
      expect([...world.network.open.values()].filter(({ owner }) => owner === device.name)).toEqual([]);
      for (const each of world.present()) each.leave();
      await world.time.pass(60_000);
      world.signaling.stop();
      expect(world.time.pendingTimers, event).toBe(0);
    }
  });

  it('during connect() leaves nothing behind, wherever it comes', async () => {
    for (let delayMs = 0; delayMs < 500; delayMs += 20) {
      const world = new World(delayMs);
      const device = world.addDevice();
      const connecting = device.connection.connect();
      const outcome = connecting.catch((error) => error);
      await world.time.pass(delayMs);
      device.leave();
      const error = await outcome;
      if (error) expect(error).toMatchObject({ code: 'NOT_CONNECTED' });
      await world.time.pass(10_000);
      expect(world.signaling.stats()).toMatchObject({ devices: 0, sockets: 0 });
      world.signaling.stop();
      expect(world.time.pendingTimers).toBe(0);
    }
  });
});
