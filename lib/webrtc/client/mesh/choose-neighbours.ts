import { house, type Role } from '@innmesh/protocol';
import { hashOf, mix } from './hash.ts';

/** A device as far as the choice goes. */
export interface Member {
  readonly peerId: string;
  readonly role: Role;
  /** Links to it do not come about: a device that has others to choose from takes those first. */
  readonly isPoor?: boolean;
}

/** How many links into the house those keep that hand nothing on. The house talks to printers and gateways all day. */
const LEAF_LINKS: Partial<Record<Role, number>> = { guest: 2, printer: 4, gateway: 4 };
/** Of a house device's links, those that are left for whom it talks to most. */
const LINKS_FOR_TALK = 2;

const isHouse = ({ role }: Member) => house.includes(role);

/** How many links a device of this role keeps of its own accord. */
export function linkLimit(role: Role, maxLinks: number): number {
  return Math.min(LEAF_LINKS[role] ?? maxLinks, maxLinks);
}

/**
 * Whom a device links to so that the property hangs together: the same on every device that knows of the same others,
 * and the two ends of a link in the house agree on it.
 *
 * `others`: those it may link to. Few of the house all link to each other. More lie on several rings, each in another
 * order, and link to the next on either side (Law and Siu, Distributed Construction of Random Expander Networks, 2003).
 */
export function chooseNeighbours(self: Member, others: readonly Member[], maxLinks: number): Set<string> {
  const inHouse = others.filter(isHouse);
  // Where nobody hands anything on, each has to reach each.
  if (maxLinks === Number.POSITIVE_INFINITY || inHouse.length === 0) return idsOf(others);
  const limit = linkLimit(self.role, maxLinks);
  if (inHouse.length <= limit) return idsOf(inHouse);
  if (!isHouse(self)) return idsOf(byRendezvous(self, inHouse).slice(0, limit));
  const rings = Math.max(1, Math.floor((maxLinks - LINKS_FOR_TALK) / 2));
  return new Set(Array.from({ length: rings }, (_, ring) => besideOnRing(self, inHouse, ring)).flat());
}

/** Those who choose this device of the house and relay nothing themselves. */
export function leavesOf(
  self: Member,
  others: readonly Member[],
  maxLinks: number,
  mayLink: (one: Role, other: Role) => boolean,
): Set<string> {
  const rivals = others.filter(isHouse).map(({ peerId, role }) => ({ role, hash: hashOf(peerId) }));
  const own = hashOf(self.peerId);
  const chooses = (leaf: Member) => {
    const salt = hashOf(leaf.peerId);
    let left = linkLimit(leaf.role, maxLinks);
    for (const { role, hash } of rivals) {
      if (mix(hash ^ salt) < mix(own ^ salt) && mayLink(leaf.role, role) && --left === 0) return false;
    }
    return true;
  };
  return isHouse(self) ? idsOf(others.filter((other) => !isHouse(other) && chooses(other))) : new Set();
}

const idsOf = (members: readonly Member[]) => new Set(members.map(({ peerId }) => peerId));

/** In an order of this device's own, which spreads many such devices evenly and hardly moves as others come and go. */
function byRendezvous(self: Member, members: readonly Member[]): Member[] {
  const salt = hashOf(self.peerId);
  return members
    .map((member) => ({ member, rank: mix(hashOf(member.peerId) ^ salt) + (member.isPoor ? 2 ** 32 : 0) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ member }) => member);
}

/** The two next to it where `ring` orders the devices by a hash. */
function besideOnRing({ peerId }: Member, others: readonly Member[], ring: number): string[] {
  const order = [...idsOf(others), peerId]
    .map((id) => ({ id, place: mix(hashOf(id) ^ ring) }))
    .sort((a, b) => a.place - b.place || (a.id < b.id ? -1 : 1));
  const own = order.findIndex(({ id }) => id === peerId);
  return [order.at(own - 1), order[(own + 1) % order.length]].flatMap((next) => next?.id ?? []);
}
