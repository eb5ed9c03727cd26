import { ManualClock } from '@innmesh/kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { DeliveryError, TabSharingError } from '../errors.ts';
import { SeenEntries } from '../journal/seen-entries.ts';
import type { SessionEvents } from '../session.ts';
import { type CarriedError, carryError } from './carried-error.ts';
import { FollowerSession } from './follower-session.ts';
import { PendingSends } from './pending-sends.ts';
import { RoomView } from './room-view.ts';
import type { RoomState, TabMessage, TabMessageOf } from './tab-message.ts';
import { peerOf } from './test-support/fake-session.ts';

let posted: TabMessage[];
let told: unknown[];
let view: RoomView;
let clock: ManualClock;
let follower: FollowerSession;
let whenTold: (event: string) => void;

const room = (hasJoined: boolean): RoomState => ({ peerId: 'device', hasJoined, peers: [peerOf('bar')], met: ['pos'] });

beforeEach(() => {
  clock = new ManualClock();
  whenTold = () => {};
  [posted, told] = [[], []];
  const tell =
    (event: string) =>
    (...args: unknown[]) => {
      told.push([event, ...args]);
      whenTold(event);
    };
  const events = new Proxy({} as SessionEvents, { get: (_, event) => tell(String(event)) });
  view = new RoomView(events, () => {});
  const deps = { tabId: 'me', clock, view, sends: new PendingSends('me', clock), seen: new SeenEntries() };
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

const message = (from: string, id: string, type = 'x-number'): TabMessage => {
  return {
    from,
    type: 'message',
    message: { type, data: id },
    fromPeerId: 'bar',
    info: { id, writtenAtMs: 5 },
  } as TabMessage;
};
const messages = () => told.filter((each) => Array.isArray(each) && each[0] === 'message');

it('hands over no message that this device has taken already, whichever tab it came through', () => {
  state('first', null);
  follower.receive(message('first', 'journal-0-1'));
  follower.receive(message('first', 'journal-1-1'));
  expect(messages()).toHaveLength(2);
  state('second', null);
  follower.receive(message('second', 'journal-1-1'));
  expect(messages()).toHaveLength(2);
  follower.receive(message('second', 'journal-0-2'));
  expect(messages()).toHaveLength(3);
});

it('hands over what comes late of one type, while others have gone on', () => {
  state('leader', null);
  for (const [id, type] of [
    ['a-0-1', 'x-one'],
    ['a-0-3', 'x-one'],
    ['a-0-2', 'x-other'],
  ] as const) {
    follower.receive(message('leader', id, type));
  }
  expect(messages()).toHaveLength(3);
});

it('tells the application by which id a message is known, and when it was written', () => {
  state('leader', null);
  follower.receive(message('leader', 'a-0-1'));
  expect(messages()[0]).toEqual(['message', expect.anything(), 'bar', { id: 'a-0-1', writtenAtMs: 5 }]);
});

it('reports a handler that throws, and hands the message over once all the same', async () => {
  state('leader', null);
  whenTold = (event) => {
    if (event === 'message') throw new Error('no paper');
  };
  follower.receive(message('leader', 'a-0-1'));
  follower.receive(message('leader', 'a-0-1'));
  expect(messages()).toHaveLength(1);
  expect(told.at(-1)).toEqual(['failed', new Error('no paper')]);
});

describe('what becomes of a message that another tab has sent', () => {
  const asked = () => posted.findLast(({ type }) => type === 'ask') as TabMessageOf<'ask'>;
  const answer = (outcome: { result: null } | { error: CarriedError }) =>
    follower.receive({ from: 'leader', type: 'answer', to: 'me', request: asked().request, ...outcome });

  it('is asked of the tab that leads, by its id', async () => {
    state('leader', null);
    const followed = follower.follow('a-0-1');
    expect(asked()).toMatchObject({ to: 'leader', question: { what: 'delivery', id: 'a-0-1' } });
    answer({ result: null });
    await followed;
    const failed = follower.follow('a-0-2');
    answer({ error: carryError(new DeliveryError('order', 'expired')) });
    await expect(failed).rejects.toMatchObject({ code: 'NOT_DELIVERED', reason: 'expired' });
  });

  it('is waited for longer than any other answer', async () => {
    state('leader', null);
    const followed = follower.follow('a-0-1');
    clock.advance(12 * 60 * 60 * 1_000);
    answer({ result: null });
    await followed;
  });

  it('is not known where that tab goes before it says so, nor while none leads', async () => {
    state('leader', null);
    const followed = follower.follow('a-0-1');
    follower.receive({ from: 'leader', type: 'gone' });
    await expect(followed).rejects.toBeInstanceOf(TabSharingError);
    await expect(follower.follow('a-0-1')).rejects.toBeInstanceOf(TabSharingError);
  });
});
