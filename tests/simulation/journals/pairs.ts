import { house } from '@innmesh/protocol';
import { chooseNeighbours } from '../../../lib/webrtc/client/mesh/choose-neighbours.ts';
import type { FakeLink } from './fake-link.ts';
import type { JournalDevice } from './journal-device.ts';

/** Two devices that are to be linked while both are up and in one part of the network. */
export interface Pair {
  readonly ends: readonly [JournalDevice, JournalDevice];
  link: FakeLink | null;
}

/** As `Mesh` has it. */
const MAX_LINKS = 8;

/**
 * Who is linked to whom. More than nine of the house choose by themselves, as they do in a property; so few that they would
 * all be linked to all, and have nothing to hand on, lie on a ring with chords.
 */
export function pairsOf(devices: readonly JournalDevice[], integer: (end: number) => number): Pair[] {
  const pairs = new Pairs();
  const inHouse = devices.filter(({ role }) => house.includes(role));
  if (inHouse.length > MAX_LINKS + 1) choose(pairs, devices);
  else lieOnARing(pairs, inHouse, devices, integer);
  return pairs.all;
}

class Pairs {
  readonly all: Pair[] = [];
  readonly #known = new Set<string>();

  add(one: JournalDevice | undefined, other: JournalDevice | undefined): void {
    if (!one || !other || one === other) return;
    const key = [one.peerId, other.peerId].sort().join(' ');
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.all.push({ ends: [one, other], link: null });
  }
}

function choose(pairs: Pairs, devices: readonly JournalDevice[]): void {
  for (const device of devices) {
    const others = devices.filter((other) => other !== device && [device, other].some(({ role }) => role !== 'guest'));
    const chosen = chooseNeighbours(device, others, MAX_LINKS);
    for (const other of others) if (chosen.has(other.peerId)) pairs.add(device, other);
  }
}

function lieOnARing(
  pairs: Pairs,
  inHouse: readonly JournalDevice[],
  devices: readonly JournalDevice[],
  integer: (end: number) => number,
): void {
  const count = inHouse.length;
  for (let index = 0; index < count; index++) {
    for (const distance of [1, 2, Math.ceil(count / 4), Math.ceil(count / 2)]) {
      pairs.add(inHouse[index], inHouse[(index + distance) % count]);
    }
  }
  for (const guest of devices.filter(({ role }) => role === 'guest')) {
    const first = integer(count);
    pairs.add(guest, inHouse[first]);
    pairs.add(guest, inHouse[(first + 1 + integer(count - 1)) % count]);
  }
}
