import { ManualClock } from '@innmesh/kit';
import { beforeEach, expect, it } from 'vitest';
import { SeenEntries } from '../journal/seen-entries.ts';
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
  const page = { seen: new SeenEntries(), openDeliveries: new Map() };
  const session = new FakeSession(room, clock, page, 'device', {} as never, []);
  const confirmLeadership = async () => {};
  const deps = { tabId: 'me', clock, session, hasJoined: true, met: new Set<string>(), confirmLeadership };
  return new BroadcastingHost({ ...deps, isAlone, post: (message) => posted.push(message) });
}

const info = { id: 'a-0-1', writtenAtMs: 0 };
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

const ask = (from: string, number: number): TabMessage => ({
  from,
  type: 'send',
  to: 'me',
  askedAtMs: 0,
  number,
  message: { type: 'x-number', data: `${from} ${number}` },
  target: undefined,
  expiresAtMs: 1_000,
});

it('sends once what a tab asks for twice, having turned to another leader and back', async () => {
  for (const request of [ask('one', 1), ask('other', 1), ask('one', 2), ask('one', 1), ask('one', 2), ask('one', 3)]) {
    host.receive(request);
  }
  await settled();
  const sent = room.sent.map(({ message }) => ('data' in message ? message.data : null));
  expect(sent).toEqual(['one 1', 'other 1', 'one 2', 'one 3']);
});

it('says of what it was asked to send by which id it is known, when it is kept, and when it has arrived', async () => {
  host.receive(ask('one', 1));
  await settled();
  room.sent[0]?.delivery.succeed();
  await settled();
  const about = { type: 'report', from: 'me', to: 'one', number: 1 };
  expect(posted.filter(({ type }) => type === 'report')).toEqual([
    { ...about, outcome: 'accepted', id: room.sent[0]?.delivery.id },
    { ...about, outcome: 'stored' },
    { ...about, outcome: 'delivered' },
  ]);
});

it('sends to whomever a tab names: a device, a role or a capability', async () => {
  const target = { role: 'pos' } as const;
  host.receive({ ...ask('one', 1), target } as TabMessage);
  await settled();
  expect(room.sent).toMatchObject([{ target }]);
});

it('follows for a tab what an earlier leader has kept', async () => {
  host.receive(ask('one', 1));
  await settled();
  const id = room.sent[0]?.delivery.id ?? '';
  host.receive({ from: 'other', type: 'ask', to: 'me', askedAtMs: 0, request: 4, question: { what: 'delivery', id } });
  await settled();
  expect(posted.filter(({ type }) => type === 'answer')).toEqual([]);
  room.sent[0]?.delivery.succeed();
  await settled();
  expect(posted.at(-1)).toMatchObject({ type: 'answer', to: 'other', request: 4 });
});

it('tells nobody anything before a tab has said hello, and none after the last has gone', () => {
  const tell = () => {
    host.tell('message', [{ type: 'x-number', data: 1 }, 'peer', info]);
    host.tell('peerLeft', ['peer']);
    return posted.splice(0).map(({ type }) => type);
  };
  expect(tell()).toEqual(['seek']);
  host.receive({ type: 'hello', from: 'other' });
  expect(tell()).toEqual(['state', 'message', 'event']);
  host.tell('pendingChanged', []);
  expect(posted.splice(0), 'each tab knows its own').toEqual([]);
  host.receive({ type: 'bye', from: 'other' });
  expect(tell()).toEqual([]);
});

it('that took over from another tab tells those that may be stopped and cannot say hello', () => {
  host = hostWith({ isAlone: false });
  posted.splice(0);
  host.receive({ type: 'bye', from: 'other' });
  host.tell('message', [{ type: 'x-number', data: 1 }, 'peer', info]);
  expect(posted.map(({ type }) => type)).toEqual(['message']);
});
