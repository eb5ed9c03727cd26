import { ManualClock } from '@innmesh/kit';
import { beforeEach, expect, it } from 'vitest';
import { Inbox } from '../journal/inbox.ts';
import type { SessionEvents } from '../session.ts';
import { FollowerSession } from './follower-session.ts';
import { PendingSends } from './pending-sends.ts';
import { RoomView } from './room-view.ts';
import type { RoomState, TabMessage } from './tab-message.ts';
import { peerOf } from './test-support/fake-session.ts';

let posted: TabMessage[];
let told: unknown[];
let view: RoomView;
let follower: FollowerSession;

const room = (hasJoined: boolean): RoomState => ({ peerId: 'device', hasJoined, peers: [peerOf('bar')], met: ['pos'] });

beforeEach(() => {
  const clock = new ManualClock();
  [posted, told] = [[], []];
  const tell =
    (event: string) =>
    (...args: unknown[]) =>
      told.push([event, ...args]);
  const events = new Proxy({} as SessionEvents, { get: (_, event) => tell(String(event)) });
  view = new RoomView(events, () => {});
  const deps = { tabId: 'me', clock, view, sends: new PendingSends('me', clock), inbox: new Inbox() };
  follower = new FollowerSession({ ...deps, post: (message) => posted.push(message) });
});

const state = (from: string, to: string | null, hasJoined = true) =>
  follower.receive({ from, type: 'state', to, state: room(hasJoined) });

it('asks who leads as it begins, and again when the leader has gone', () => {
  expect(posted).toEqual([{ type: 'hello', from: 'me' }]);
  state('leader', 'me');
  follower.receive({ from: 'leader', type: 'gone' });
  expect(posted).toEqual([
    { type: 'hello', from: 'me' },
    { type: 'hello', from: 'me' },
  ]);
  expect(told.at(-1)).toEqual(['reconnecting']);
  expect(follower.peerId).toBeNull();
});

it('hears what is for all or for itself, from the tab that leads', () => {
  state('leader', 'someone else');
  expect(follower.peerId).toBeNull();
  state('leader', null);
  expect(follower.peerId).toBe('device');
  follower.receive({ from: 'another', type: 'event', mirrored: { event: 'peerLeft', args: ['bar'] } });
  expect(view.peers()).toHaveLength(1);
});

it('can send to those whom the leader met before', () => {
  state('leader', 'me', false);
  expect([...view.met]).toEqual(['pos']);
});

it('hands over no message that this device has taken already, whichever tab it came through', () => {
  const message = (from: string, cursors: number[]): TabMessage => ({
    from,
    type: 'message',
    message: { type: 'x-number', data: cursors },
    fromPeerId: 'bar',
    cursors: { journal: new Uint8Array(8), cursors },
  });
  const messages = () => told.filter((each) => Array.isArray(each) && each[0] === 'message').length;
  state('first', null);
  follower.receive(message('first', [1, 0]));
  follower.receive(message('first', [1, 1]));
  expect(messages()).toBe(2);
  state('second', null);
  follower.receive(message('second', [1, 1]));
  expect(messages()).toBe(2);
  follower.receive(message('second', [2, 1]));
  expect(messages()).toBe(3);
});
