import {
  type Audience,
  Entitlements,
  type Entry,
  encodeMessage,
  type P2PMessage,
  parseMessage,
  type Reader,
  type ReceivedMessage,
} from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { DeliveryTracker } from './journal/delivery.ts';
import { idOf, readerOf } from './journal/test-support/streams.ts';
import { Messaging } from './messaging.ts';
import type { EntryInfo } from './public-types.ts';
import type { Trust } from './trust/trust.ts';

const [kitchen, printer, guest] = [
  readerOf('kitchen', 'kitchen-display'),
  readerOf('printer', 'printer'),
  { ...readerOf('guest', 'guest'), table: '5' },
];
const note = { type: 'x-note', data: 1 } as const;
const items = [{ itemId: 'b', name: 'Burger', quantity: 1 }];
const order = (more: { placedBy?: string; tableId?: string } = {}): P2PMessage => {
  return { type: 'order', order: { orderId: 'o', tableId: '5', items, total: 1, status: 'pending', ...more } };
};

let present: Reader[];
let written: { message: ReceivedMessage; audience: Audience; delivery: DeliveryTracker }[];
let handed: [message: ReceivedMessage, from: string, info: EntryInfo][];
let errors: Error[];
let messaging: Messaging;

beforeEach(() => {
  [present, written, handed, errors] = [[kitchen, printer, guest], [], [], []];
  messaging = as('pos');
});

function as(role: 'pos' | 'guest'): Messaging {
  return new Messaging({
    trust: { peerId: idOf('till'), role, table: '5', entitlements: new Entitlements() } as Trust,
    reader: (peerId) => present.find((each) => each.peerId === peerId),
    present: () => present,
    write: (message, audience) => {
      const delivery = new DeliveryTracker(String(written.length), message.type);
      written.push({ message, audience, delivery });
      return delivery;
    },
    message: (...each) => {
      handed.push(each);
    },
    failed: (error) => errors.push(error),
  });
}

function deliver(message: P2PMessage, writer: Reader): void {
  const body = encodeMessage(parseMessage(message));
  const entry: Entry = { type: message.type, writtenAt: 5 * 1_024, lifetimeMs: 1_000, audience: { to: 'all' }, body };
  messaging.deliver(writer, entry, 'journal-0-1');
}

describe('a message that is sent', () => {
  it.each<[string, Parameters<Messaging['send']>[1], Audience]>([
    ['to a device', idOf('kitchen'), { to: 'devices', names: [idOf('kitchen')] }],
    ['to a role', { role: 'pos' }, { to: 'role', names: ['pos'] }],
    ['to a capability', { capability: 'bar' }, { to: 'capability', names: ['bar'] }],
    ['to a device that is away, which is not judged [R3]', idOf('absent'), { to: 'devices', names: [idOf('absent')] }],
    ['to nobody in particular', undefined, { to: 'all' }],
  ])('%s is written for it', (_, target, audience) => {
    messaging.send(note, target);
    expect(written.map((each) => each.audience)).toEqual([audience]);
  });

  it('to print is for the printers that are there, and a ping for everyone', () => {
    messaging.send({ type: 'print', printJob: { jobId: 'j', content: { kind: 'text', text: 'x' } } });
    messaging.send({ type: 'ping' });
    expect(written.map(({ audience }) => audience)).toEqual([
      { to: 'devices', names: [printer.peerId] },
      { to: 'devices', names: [kitchen.peerId, printer.peerId, guest.peerId] },
    ]);
  });

  it('to a device that may not have it is refused, and nothing is written [R3]', () => {
    expect(() => messaging.send(note, guest.peerId)).toThrow(expect.objectContaining({ code: 'NOT_ENTITLED' }));
    expect(() => as('guest').send(note)).toThrow(expect.objectContaining({ code: 'NOT_ENTITLED' }));
    expect(written).toEqual([]);
  });
});

describe('a message that comes', () => {
  it('is handed over with whom it is from, its id, and when it was written', () => {
    deliver(note, kitchen);
    expect(handed).toEqual([[note, kitchen.peerId, { id: 'journal-0-1', writtenAtMs: 5 }]]);
  });

  it.each<[string, P2PMessage]>([
    ['of a type that its writer may not write', note],
    [
      'for another table',
      { ...order(), order: { ...(order() as { order: object }).order, tableId: '7' } } as P2PMessage,
    ],
    ['in the name of another guest', order({ placedBy: idOf('other') })],
  ])('%s is not, and is told of [R4] [R5]', (_, message) => {
    deliver(message, guest);
    expect(handed).toEqual([]);
    expect(errors).toEqual([expect.objectContaining({ code: 'INVALID_PEER_MESSAGE', peerId: guest.peerId })]);
    deliver(order(), guest);
    expect(handed).toHaveLength(1);
  });

  it('whose body is none is told of, and the next one is handed over', () => {
    const entry: Entry = {
      ...{ type: 'x-note', writtenAt: 1, lifetimeMs: 1, audience: { to: 'all' } },
      body: Uint8Array.of(0, 2, 123),
    };
    messaging.deliver(kitchen, entry, 'journal-0-1');
    expect([handed, errors.length]).toEqual([[], 1]);
    deliver(note, kitchen);
    expect(handed).toHaveLength(1);
  });
});

it('a ping is answered, but not before the last answer has arrived', () => {
  for (let count = 0; count < 3; count += 1) deliver({ type: 'ping', timestamp: count }, kitchen);
  expect(written.map(({ message, audience }) => [message, audience])).toEqual([
    [
      { type: 'pong', timestamp: 0 },
      { to: 'devices', names: [kitchen.peerId] },
    ],
  ]);
  deliver({ type: 'ping' }, printer);
  written[0]?.delivery.succeed();
  deliver({ type: 'ping', timestamp: 4 }, kitchen);
  expect(written).toHaveLength(3);
});
