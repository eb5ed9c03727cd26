import { ManualClock } from '@innmesh/kit';
import { beforeEach, expect, it } from 'vitest';
import { Inbox } from '../journal/inbox.ts';
import { BroadcastingHost } from './leader-host.ts';
import type { TabMessage } from './tab-message.ts';
import { FakeRoom, FakeSession } from './test-support/fake-session.ts';

const clock = new ManualClock();
let room: FakeRoom;
let host: BroadcastingHost;
let posted: TabMessage[];

beforeEach(() => {
  posted = [];
  host = hostWith({ isAlone: true });
});

function hostWith({ isAlone }: { isAlone: boolean }): BroadcastingHost {
  room = new FakeRoom();
  const inbox = new Inbox();
  const session = new FakeSession(room, clock, inbox, 'device', {} as never, []);
  const confirmLeadership = async () => {};
  const deps = { tabId: 'me', clock, session, inbox, hasJoined: true, met: new Set<string>(), confirmLeadership };
  return new BroadcastingHost({ ...deps, isAlone, post: (message) => posted.push(message) });
}

const ask = (from: string, number: number): TabMessage => ({
  from,
  type: 'send',
  to: 'me',
  askedAtMs: 0,
  number,
  message: { type: 'x-number', data: `${from} ${number}` },
  targetPeerId: undefined,
  expiresAtMs: 1_000,
});

it('sends once what a tab asks for twice, having turned to another leader and back', async () => {
  for (const request of [ask('one', 1), ask('other', 1), ask('one', 2), ask('one', 1), ask('one', 2), ask('one', 3)]) {
    host.receive(request);
  }
  await new Promise((resolve) => setImmediate(resolve));
  const sent = room.sent.map(({ message }) => ('data' in message ? message.data : null));
  expect(sent).toEqual(['one 1', 'other 1', 'one 2', 'one 3']);
});

it('tells nobody anything before a tab has said hello, and none after the last has gone', () => {
  const tell = () => {
    host.tell('message', [{ type: 'x-number', data: 1 }, 'peer']);
    host.tell('peerLeft', ['peer']);
    return posted.splice(0).map(({ type }) => type);
  };
  expect(tell()).toEqual(['seek']);
  host.receive({ type: 'hello', from: 'other' });
  expect(tell()).toEqual(['state', 'message', 'event']);
  host.receive({ type: 'bye', from: 'other' });
  expect(tell()).toEqual([]);
});

it('that took over from another tab tells those that may be stopped and cannot say hello', () => {
  host = hostWith({ isAlone: false });
  posted.splice(0);
  host.receive({ type: 'bye', from: 'other' });
  host.tell('message', [{ type: 'x-number', data: 1 }, 'peer']);
  expect(posted.map(({ type }) => type)).toEqual(['message']);
});
