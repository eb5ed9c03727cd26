import { ManualClock } from '@innmesh/kit';
import { expect, it } from 'vitest';
import type { Link } from '../link/link.ts';
import { Peer } from '../mesh/peer.ts';
import { readRoom } from './room-account.ts';

const clock = new ManualClock();

async function failingOf(facts: Partial<Pick<Peer, 'failures' | 'lastFailure'>>, link?: Partial<Link>) {
  const peer = Object.assign(new Peer('k', { type: 'staff', name: 'Kitchen', capabilities: [] }), facts);
  if (link) peer.links.begin(link as Link);
  const { peers } = await readRoom([peer], { isJoined: true, failure: null }, clock);
  return peers[0]?.failing;
}

it('a link to a peer is failing only while attempts fail and none stands', async () => {
  const failure = { reason: 'it did not open.', isRefusal: false, wasOpen: false };
  const lastFailure = { ...failure, atMs: clock.monotonicMs() };
  clock.advance(8_000);
  expect(await failingOf({ failures: 3, lastFailure })).toEqual({ attempts: 3, ...failure, agoMs: 8_000 });
  expect(await failingOf({ failures: 3 })).toBeNull();
  expect(await failingOf({ failures: 0, lastFailure })).toBeNull();
  const stats = () => Promise.reject(new Error('closed'));
  expect(await failingOf({ failures: 1, lastFailure }, { isOpen: true, stats })).toBeNull();
});
