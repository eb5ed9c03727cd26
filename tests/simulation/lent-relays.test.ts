// Before it is asked for: virtual time does not wait for what is loaded.
import '../../lib/webrtc/client/link/topology.ts';
import { describe, expect, it } from 'vitest';
import type { SimulatedDevice } from './simulated-device.ts';
import { World } from './world.ts';

const LENT = 'turn:turn.example.com:3478';
const turn = { urls: [LENT], secret: 'north-sea-breeze' };
const configured = [{ urls: 'stun:stun.example.com' }];

const urlsOf = (iceServers: readonly RTCIceServer[]) => iceServers.flatMap(({ urls }) => urls);
const isRelay = (iceServers: readonly RTCIceServer[]) => urlsOf(iceServers).includes(LENT);

/** A world whose server lends relays. */
function lendingWorld(): World {
  const world = new World(1);
  world.config = { iceServers: configured };
  world.signaling.stop();
  world.signaling.start({ turn });
  return world;
}

const linked = (world: World, ...devices: SimulatedDevice[]) =>
  world.time.until(() => devices.every((device) => device.linked.size === devices.length - 1), 30_000);

async function arriveInTurn(world: World): Promise<void> {
  for (const device of world.devices) {
    device.arrive();
    await world.time.pass(1_000);
  }
}

/** What each connection that stands looked for its way with. */
const usedIn = (world: World, owner: SimulatedDevice) =>
  world.network
    .linked()
    .filter((connection) => connection.owner === owner.name)
    .map(({ iceServers }) => urlsOf(iceServers));

describe('a relay that a server lent', () => {
  it('is used until a server says hello that lends none: then the configured servers are [J15]', async () => {
    const world = lendingWorld();
    const [one, other] = [world.addDevice(), world.addDevice()];
    one.arrive();
    await world.time.pass(1_000);
    other.arrive();
    expect(await linked(world, one, other)).toBe(true);
    expect(usedIn(world, one)).toEqual([['stun:stun.example.com', LENT]]);

    world.signaling.crash();
    world.signaling.start();
    await world.time.pass(20_000);
    const third = world.addDevice();
    third.arrive();
    expect(await linked(world, one, other, third)).toBe(true);
    expect(usedIn(world, one)).toEqual([['stun:stun.example.com', LENT], ['stun:stun.example.com']]);
  });

  it('is done without where the platform makes no connection with it, and that is told once', async () => {
    const world = lendingWorld();
    world.network.refuses = isRelay;
    const devices = [world.addDevice(), world.addDevice(), world.addDevice()];
    await arriveInTurn(world);
    expect(await linked(world, ...devices)).toBe(true);
    for (const device of devices) {
      expect(usedIn(world, device)).toEqual([['stun:stun.example.com'], ['stun:stun.example.com']]);
      // And of no attempt that failed.
      expect(device.errors).toMatchObject([{ code: 'TURN_FAILED', url: LENT }]);
    }
  });

  it('is kept, and not blamed, where the platform makes no connection without it either', async () => {
    const world = lendingWorld();
    world.network.refuses = () => true;
    const [one, other] = [world.addDevice(), world.addDevice()];
    await arriveInTurn(world);
    world.network.refuses = () => false;
    expect(await linked(world, one, other)).toBe(true);
    expect(usedIn(world, other)).toEqual([['stun:stun.example.com', LENT]]);
    const codes = [...one.errors, ...other.errors].map((error) => (error as { code?: string }).code);
    expect(new Set(codes)).toEqual(new Set(['LINK_FAILED']));
  });

  it('is not what is told where the platform makes no connection at all', async () => {
    const world = new World(1);
    world.network.refuses = () => true;
    const [, other] = [world.addDevice(), world.addDevice()];
    await arriveInTurn(world);
    expect(other.errors[0]).toMatchObject({
      code: 'LINK_FAILED',
      message: expect.stringContaining('no such servers'),
    });
  });
});
