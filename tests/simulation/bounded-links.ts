import { house } from '@innmesh/webrtc';
import { chooseNeighbours, linkLimit } from '../../lib/webrtc/client/mesh/choose-neighbours.ts';
import { unusedConnections, usedConnections, violationsEver } from './invariants.ts';
import type { SimulatedDevice } from './simulated-device.ts';
import type { World } from './world.ts';

/** What must hold once all trouble is over where devices choose whom they link to. */
export function violationsOfBounds(world: World): string[] {
  const present = world.present();
  return [
    ...present.flatMap((device) => wrongRoster(device, present)),
    ...(hangsTogether(world) ? [] : ['somebody is out of reach of others']),
    ...present.flatMap((device) => wrongLinks(device, present, world.maxLinks)),
    ...wrongEnds(world),
    ...unusedConnections(world),
    ...violationsEver(world),
  ];
}

/** Each device that is there can hear of each other, by way of those of the house, if there is any. */
export function hangsTogether(world: World): boolean {
  const present = new Map(world.present().map((device) => [device.peerId, device]));
  const first = world.present().find(isHouse);
  if (!first) return true;
  const reached = new Set([first]);
  for (const device of reached) {
    if (!isHouse(device)) continue;
    for (const peerId of device.linked) {
      const other = present.get(peerId);
      if (other?.linked.has(device.peerId)) reached.add(other);
    }
  }
  return reached.size === present.size;
}

const isHouse = ({ role }: Pick<SimulatedDevice, 'role'>) => house.includes(role);

/** Those that each device chooses. */
export function chosenLinksStand(world: World): boolean {
  const present = world.present();
  return present.every((device) => missingLinks(device, present, world.maxLinks).length === 0);
}

/** Two that have no link to each other. */
export function unlinkedPair(world: World): [SimulatedDevice, SimulatedDevice] {
  const [one] = world.present();
  const other = world.present().find((device) => device !== one && !one?.linked.has(device.peerId));
  if (!one || !other) throw new Error('All are linked.');
  return [one, other];
}

function visibleTo(device: SimulatedDevice, present: SimulatedDevice[]): SimulatedDevice[] {
  return present.filter((other) => other !== device && device.maySee(other));
}

function missingLinks(device: SimulatedDevice, present: SimulatedDevice[], maxLinks: number): string[] {
  const chosen = chooseNeighbours(device, visibleTo(device, present), maxLinks);
  return [...chosen].filter((peerId) => !device.linked.has(peerId));
}

/** Whoever is there is known, linked or not, and nobody else. */
function wrongRoster(device: SimulatedDevice, present: SimulatedDevice[]): string[] {
  const expected = visibleTo(device, present).map(({ peerId }) => peerId);
  const known = device.connection.getPeers();
  const linked = known.filter(({ status }) => status === 'connected').map(({ peerId }) => peerId);
  return [
    ...differences(
      `${device.name} knows`,
      known.map(({ peerId }) => peerId),
      expected,
    ),
    ...differences(`${device.name} was told of a link to`, [...device.linked], linked),
  ];
}

/** All that it has chosen stand, and no more than it keeps. A device of the house takes whatever others choose it. */
function wrongLinks(device: SimulatedDevice, present: SimulatedDevice[], maxLinks: number): string[] {
  const others = visibleTo(device, present);
  const counted = others.filter(
    ({ peerId, role }) => device.linked.has(peerId) && (isHouse({ role }) || !isHouse(device)),
  );
  const limit = linkLimit(device.role, maxLinks);
  return [
    ...missingLinks(device, present, maxLinks).map((peerId) => `${device.name} is not linked to ${peerId}`),
    ...(counted.length > limit ? [`${device.name} (${device.role}) has ${counted.length} links`] : []),
  ];
}

function differences(what: string, actual: string[], expected: string[]): string[] {
  return [
    ...actual.filter((peerId) => !expected.includes(peerId)).map((peerId) => `${what} ${peerId}, wrongly`),
    ...expected.filter((peerId) => !actual.includes(peerId)).map((peerId) => `${what} all but ${peerId}`),
  ];
}

/** Every connection in use is one end of a link that both ends count. */
function wrongEnds(world: World): string[] {
  const expected = world.present().reduce((sum, { linked }) => sum + linked.size, 0);
  const live = world.network.linked().length;
  const used = usedConnections(world);
  return live === expected && used === expected ? [] : [`${used} ends are open, ${live} live, ${expected} counted`];
}
