import type { Role } from '@innmesh/webrtc';
import type { SimulatedDevice } from './simulated-device.ts';
import type { World } from './world.ts';

const ARRIVALS_MS = 15_000;
const CHAOS_MS = 90_000;
export const PEACE_MS = 5 * 60_000;

type Trouble = (world: World, device: SimulatedDevice) => void;

/** What goes wrong on a property. */
export const troubles: Record<string, Trouble> = {
  cutLink: (world, { name }) => linkOf(world, name)?.cut(),
  breakLink: (world, { name }) => linkOf(world, name)?.breakNow(),
  breakAllLinks: (world) => {
    for (const end of world.network.linked()) end.breakNow();
  },
  breakSignaling: (world, { name }) => {
    for (const server of world.servers) server.break(name);
  },
  severSignaling: (world, { name }) => {
    for (const server of world.servers) server.sever(name);
  },
  /** Its addresses are not those it had: it notices at once, and nobody else does. */
  changeNetwork: (world, { name }) => {
    for (const server of world.servers) server.breakUnnoticed(name);
    for (const end of world.network.linked()) if (end.owner === name) end.cut();
  },
  isolate: (world, { name }) => {
    world.network.isolate(name);
    world.at(1_000 + world.integer(60_000), () => world.network.rejoin(name));
  },
  leaveAndReturn: (world, device) => {
    device.leave();
    world.at(world.integer(8_000), () => device.arrive());
  },
  leaveAndReturnAtOnce: (_, device) => {
    device.leave();
    device.arrive();
  },
  leave: (_, device) => device.leave(),
  crashAndReplace: (world, device) => {
    device.crash();
    world.at(world.integer(3_000), () => world.addDevice().arrive());
  },
  stopServer: (world) => {
    world.signaling.stop();
    world.at(world.integer(12_000), () => world.signaling.start());
  },
  crashServer: (world) => {
    world.signaling.crash();
    world.at(world.integer(12_000), () => world.signaling.start());
  },
  /** Nobody is linked, and everybody looks for everybody in the same moment. */
  restartEverything: (world) => {
    world.signaling.crash();
    world.signaling.start();
    for (const end of world.network.linked()) end.breakNow();
  },
};

function linkOf(world: World, name: string) {
  return world.pick(world.network.linked().filter(({ owner }) => owner === name));
}

/** Devices arrive, talk, and have trouble; in the end it is over, and they have `PEACE_MS` to recover. */
export async function liveThroughChaos(world: World, roles = someStaff(world), meanPauseMs = 1_500): Promise<void> {
  const keepaliveInterval = world.pick([5_000, 30_000]);
  const together = world.integer(ARRIVALS_MS);
  for (const [index, type] of roles.entries()) {
    const device = world.addDevice({ keepaliveInterval, deviceInfo: { type, name: type, capabilities: [] } });
    world.at(index < 2 ? together : world.integer(ARRIVALS_MS), () => device.arrive());
  }
  for (let left = 8 + world.integer(12); left > 0; left--) {
    world.at(5_000 + world.integer(CHAOS_MS - 5_000), () => haveTrouble(world));
  }
  world.startTalking(CHAOS_MS + 10_000, meanPauseMs);
  await world.time.pass(CHAOS_MS);
  heal(world);
}

const someStaff = (world: World): Role[] => Array.from({ length: 8 + world.integer(5) }, () => 'staff');

function haveTrouble(world: World): void {
  const device = world.pick(world.present());
  if (device) world.pick(Object.values(troubles))?.(world, device);
}

function heal(world: World): void {
  world.network.isolated.clear();
  world.signaling.start();
}

/** Everyone goes home, and the server stops. */
export async function closeDown(world: World): Promise<void> {
  for (const device of world.present()) device.leave();
  await world.time.pass(60_000);
  for (const server of world.servers) server.stop();
}
