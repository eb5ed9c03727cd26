import { ManualClock, seededRandom } from '@innmesh/kit';
import { beforeEach, expect, it } from 'vitest';
import type { Peer } from './peer.ts';
import { PeerRepair } from './peer-repair.ts';

let clock: ManualClock;
let told: string[];

beforeEach(() => {
  clock = new ManualClock();
  told = [];
});

/** A peer that was last heard of so long ago, and answers, or not, when it is asked. */
function peer(peerId: string, silentMs: number, answers: boolean): Peer {
  let heardAtMs = clock.monotonicMs() - silentMs;
  const link = {
    isOpen: true,
    ping() {
      told.push(`ping ${peerId}`);
      if (answers) clock.setTimer(() => (heardAtMs = clock.monotonicMs()), 50);
    },
    restart() {},
    get condition() {
      return { isBroken: false, canRestart: true, silentMs: clock.monotonicMs() - heardAtMs };
    },
  };
  return { peerId, repair: null, link, links: { next: null, beside: [], isAboutToOpen: false } } as unknown as Peer;
}

/** The link to the first peer falls silent: ICE is restarted. */
function silence(peers: [silent: Peer, ...others: Peer[]]): PeerRepair {
  const [silent] = peers;
  const repair = new PeerRepair({ clock, random: seededRandom(1), peers: () => peers, log() {} }, silent, {
    restarting: () => told.push('restarting'),
    replace() {},
    isolated: () => told.push('isolated'),
  });
  repair.begin();
  silent.repair?.tell('silence');
  clock.advance(200);
  return repair;
}

it('a device whose only link is silent may have lost its network, and is told so at once', () => {
  silence([peer('a', 1_200, false)]);
  expect(told).toContain('isolated');
});

it('one whose other links are idle asks there first, and is on its network when any peer answers', () => {
  silence([peer('a', 1_200, false), peer('b', 20_000, false), peer('c', 9_000, true)]);
  clock.advance(1_000);
  expect(told).toEqual(expect.arrayContaining(['ping b', 'ping c']));
  expect(told).not.toContain('isolated');
});

it('and may have lost it when none answers', () => {
  silence([peer('a', 1_200, false), peer('b', 20_000, false), peer('c', 9_000, false)]);
  expect(told).not.toContain('isolated');
  clock.advance(300);
  expect(told).toContain('isolated');
});

it('one that has just heard another peer asks nobody', () => {
  silence([peer('a', 1_200, false), peer('b', 100, true)]);
  clock.advance(300);
  expect(told.filter((each) => each === 'ping b' || each === 'isolated')).toEqual([]);
});

it('nobody is told when the link has gone meanwhile', () => {
  silence([peer('a', 1_200, false), peer('b', 20_000, false)]).end();
  clock.advance(1_000);
  expect(told).not.toContain('isolated');
});
