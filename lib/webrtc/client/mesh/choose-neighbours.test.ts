import { seededRandom } from '@innmesh/kit';
import { house, type Role, roles } from '@innmesh/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseNeighbours, leavesOf, linkLimit, type Member } from './choose-neighbours.ts';
import {
  changedLinks,
  degreesOf,
  diameterOf,
  graphOf,
  isHouse,
  mayLink,
  membersOf,
  visibleTo,
} from './test-support/property-graph.ts';

const MAX_LINKS = 8;
const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const some = (max: number) => fc.integer({ min: 0, max });
/** One of the house at least: without, there is nobody to link to. */
const properties = fc.record({
  seed: seeds,
  staff: fc.integer({ min: 1, max: 40 }),
  others: fc.array(some(12), { minLength: 7, maxLength: 7 }),
});

function propertyOf({ seed, staff, others }: { seed: number; staff: number; others: number[] }): Member[] {
  const counts = Object.fromEntries(roles.map((role, index) => [role, others[index] ?? 0])) as Record<Role, number>;
  return membersOf(seed, { ...counts, staff });
}

const isIn = (members: readonly Member[]) => {
  const ids = new Set(members.map(({ peerId }) => peerId));
  return (peerId: string) => ids.has(peerId);
};

describe('whatever devices a property has', () => {
  it('everyone hears of everyone, by way of those of the house', () => {
    fc.assert(
      fc.property(properties, (property) => {
        const members = propertyOf(property);
        return Number.isFinite(diameterOf(graphOf(members, MAX_LINKS), members));
      }),
    );
  });

  it('they do so also while each of them knows of another part of the house', () => {
    const knowsMost = (random: () => number) => (self: Member, members: readonly Member[]) =>
      visibleTo(self, members).filter(() => random() > 0.15);
    fc.assert(
      fc.property(seeds, fc.integer({ min: 20, max: 60 }), (seed, staff) => {
        const members = membersOf(seed, { staff });
        const known = knowsMost(seededRandom(seed).unit);
        return Number.isFinite(diameterOf(graphOf(members, MAX_LINKS, known), members));
      }),
    );
  });

  it('nobody of the house has more than eight links to others of it, those counted that others choose', () => {
    fc.assert(
      fc.property(properties, (property) => {
        const members = propertyOf(property);
        const inHouse = members.filter(isHouse);
        const degrees = degreesOf(graphOf(members, MAX_LINKS), inHouse, isIn(inHouse));
        return Math.max(...degrees) <= MAX_LINKS;
      }),
    );
  });

  it('a guest has two links and a printer or gateway four, all into the house, or as many as there are', () => {
    fc.assert(
      fc.property(properties, (property) => {
        const members = propertyOf(property);
        const inHouse = members.filter(isHouse);
        const leaves = members.filter((member) => !isHouse(member));
        const graph = graphOf(members, MAX_LINKS);
        for (const leaf of leaves) {
          const expected = Math.min(leaf.role === 'guest' ? 2 : 4, inHouse.length);
          expect([...(graph.get(leaf.peerId) ?? [])].filter(isIn(inHouse)).length).toBe(expected);
          expect(graph.get(leaf.peerId)?.size).toBe(expected);
        }
      }),
    );
  });

  it('a device of the house knows by itself which guests, printers and gateways choose it', () => {
    fc.assert(
      fc.property(properties, (property) => {
        const members = propertyOf(property);
        const leaves = members.filter((member) => !isHouse(member));
        const graph = graphOf(members, MAX_LINKS);
        for (const self of members.filter(isHouse)) {
          const choosing = [...(graph.get(self.peerId) ?? [])].filter(isIn(leaves));
          expect(leavesOf(self, visibleTo(self, members), MAX_LINKS, mayLink)).toEqual(new Set(choosing));
        }
      }),
    );
  });

  it('the two ends of a link in the house agree on it', () => {
    const members = membersOf(1, { staff: 60, hub: 5 });
    const choice = new Map(
      members.map((self) => [self.peerId, chooseNeighbours(self, visibleTo(self, members), MAX_LINKS)]),
    );
    for (const [peerId, chosen] of choice) for (const other of chosen) expect(choice.get(other)).toContain(peerId);
  });
});

describe('a few devices', () => {
  it('of the house all link to each other, up to nine', () => {
    for (let staff = 2; staff <= 9; staff++) {
      const members = membersOf(staff, { staff });
      expect(degreesOf(graphOf(members, MAX_LINKS), members)).toEqual(members.map(() => staff - 1));
    }
  });

  it('all link to all that they may link to where there is no bound', () => {
    const members = membersOf(1, { staff: 30, guest: 10, printer: 3 });
    for (const self of members) {
      expect(chooseNeighbours(self, visibleTo(self, members), Number.POSITIVE_INFINITY).size).toBe(
        visibleTo(self, members).length,
      );
    }
  });

  it('that are none of the house link to all that they may link to, as nobody hands anything on', () => {
    const members = membersOf(1, { printer: 8, gateway: 8 });
    for (const self of members)
      expect(
        chooseNeighbours(
          self,
          members.filter((other) => other !== self),
          8,
        ).size,
      ).toBe(15);
  });
});

describe('as the property grows', () => {
  /** Devices of the house: hops at most. */
  const growth: [staff: number, hops: number][] = [
    [10, 2],
    [50, 4],
    [150, 5],
    [500, 6],
  ];

  it.each(growth)('%i devices of the house are six links each and %i hops at most from each other', (staff, hops) => {
    const members = membersOf(1, { staff });
    const graph = graphOf(members, MAX_LINKS);
    expect([Math.max(...degreesOf(graph, members)), diameterOf(graph, members)]).toEqual([6, hops]);
  });

  it.each([12, 50, 500])('one more of %i makes six links at most and ends three', (staff) => {
    for (let seed = 1; seed <= (staff > 100 ? 2 : 20); seed++) {
      const members = membersOf(seed, { staff: staff + 1 });
      const { made, ended } = changedLinks(graphOf(members.slice(1), MAX_LINKS), graphOf(members, MAX_LINKS));
      // Where two rings have the same link, one more ring's may come in its place.
      expect([made <= 6, ended <= 3]).toEqual([true, true]);
    }
  });

  it('300 guests on 50 devices of the house are 12 each and 24 at most, and one more of it takes over its share and moves nobody else', () => {
    const members = membersOf(2, { staff: 51, guest: 300 });
    const inHouse = members.filter(isHouse).slice(1);
    const before = graphOf(members.slice(1), MAX_LINKS);
    const guests = members.filter((member) => !isHouse(member));
    const shares = degreesOf(before, inHouse, isIn(guests));
    expect([shares.reduce((sum, share) => sum + share, 0), Math.max(...shares) <= 24]).toEqual([600, true]);
    const after = graphOf(members, MAX_LINKS);
    const newcomer = members[0]?.peerId ?? '';
    for (const { peerId } of guests) {
      const gained = [...(after.get(peerId) ?? [])].filter((other) => !before.get(peerId)?.has(other));
      expect([[], [newcomer]]).toContainEqual(gained);
    }
  });
});

describe('a device that relays nothing', () => {
  it('takes another of the house in place of one that it cannot reach, and that one where it has no other', () => {
    const [guest, ...staff] = [...membersOf(1, { guest: 1 }), ...membersOf(2, { staff: 5 })] as [Member, ...Member[]];
    const [poor = ''] = chooseNeighbours(guest, staff, MAX_LINKS);
    const isPoor = (peerId: string) => ({ isPoor: peerId === poor });
    const others = staff.map((member) => ({ ...member, ...isPoor(member.peerId) }));
    expect(chooseNeighbours(guest, others, MAX_LINKS)).not.toContain(poor);
    const two = others.filter(
      ({ peerId }, index) => peerId === poor || index === others.findIndex((each) => !each.isPoor),
    );
    expect(chooseNeighbours(guest, two, MAX_LINKS)).toContain(poor);
  });

  it('keeps no more links than there may be at all', () => {
    expect([...house, 'printer' as const].map((role) => linkLimit(role, 3))).toEqual([3, 3, 3, 3, 3]);
    expect(linkLimit('guest', MAX_LINKS)).toBe(2);
  });
});
