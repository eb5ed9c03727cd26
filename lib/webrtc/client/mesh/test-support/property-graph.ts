import { randomId, seededRandom } from '@innmesh/kit';
import { Entitlements, house, type Role } from '@innmesh/protocol';
import { chooseNeighbours, type Member } from '../choose-neighbours.ts';

const entitlements = new Entitlements();
export const mayLink = (one: Role, other: Role) => entitlements.mayLink(one, other);
export const isHouse = ({ role }: Member) => house.includes(role);

/** So many devices of each role, with ids from a seed. */
export function membersOf(seed: number, counts: Partial<Record<Role, number>>): Member[] {
  const random = seededRandom(seed);
  return Object.entries(counts).flatMap(([role, count]) =>
    Array.from({ length: count }, () => ({ peerId: randomId(random, 43), role: role as Role })),
  );
}

/** Whom `self` may link to, of those it has been told of. */
export const visibleTo = (self: Member, members: readonly Member[]) =>
  members.filter((other) => other !== self && mayLink(self.role, other.role));

export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** Who is linked where each device chooses from what it knows: a link stands where either end wants it. */
export function graphOf(members: readonly Member[], maxLinks: number, known = visibleTo): Graph {
  const graph = new Map(members.map(({ peerId }) => [peerId, new Set<string>()]));
  for (const self of members) {
    for (const other of chooseNeighbours(self, known(self, members), maxLinks)) {
      graph.get(self.peerId)?.add(other);
      graph.get(other)?.add(self.peerId);
    }
  }
  return graph;
}

/** The most hops from `from` to anyone, by way of those who relay; Infinity where somebody is out of reach. */
export function eccentricity(graph: Graph, from: Member, relays: ReadonlySet<string>): number {
  const hops = new Map([[from.peerId, 0]]);
  for (const [peerId, distance] of hops) {
    if (peerId !== from.peerId && !relays.has(peerId)) continue;
    for (const next of graph.get(peerId) ?? []) if (!hops.has(next)) hops.set(next, distance + 1);
  }
  return hops.size === graph.size ? Math.max(...hops.values()) : Number.POSITIVE_INFINITY;
}

export function diameterOf(graph: Graph, members: readonly Member[]): number {
  const relays = new Set(members.filter(isHouse).map(({ peerId }) => peerId));
  return Math.max(...members.map((member) => eccentricity(graph, member, relays)));
}

/** Links that one graph has and the other has not. */
export function changedLinks(before: Graph, after: Graph): { made: number; ended: number } {
  return { made: linksMissing(before, after), ended: linksMissing(after, before) };
}

function linksMissing(from: Graph, of: Graph): number {
  const ends = [...of].flatMap(([id, others]) => [...others].filter((other) => !from.get(id)?.has(other)));
  return ends.length / 2;
}

export const degreesOf = (graph: Graph, members: readonly Member[], towards: (other: string) => boolean = () => true) =>
  members.map(({ peerId }) => [...(graph.get(peerId) ?? [])].filter(towards).length);
