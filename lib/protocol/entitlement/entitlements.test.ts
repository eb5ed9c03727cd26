import { describe, expect, it } from 'vitest';
import type { ReceivedMessage } from '../messages/application/index.ts';
import { applicationSamples } from '../test-support/application-samples.ts';
import { type Role, roles } from '../trust/roles.ts';
import { Entitlements, type Party } from './entitlements.ts';
import { house } from './rules.ts';

const table = new Entitlements();
const party = (role: Role, peerId: string = role): Party => ({
  peerId,
  role,
  table: role === 'guest' ? '5' : undefined,
});
const order = (more: { tableId?: string | number; placedBy?: string } = {}): ReceivedMessage => ({
  type: 'order',
  order: {
    orderId: 'o',
    tableId: 5,
    currency: 'EUR',
    items: [],
    total: { amountMinor: 0, currency: 'EUR' },
    status: 'pending',
    ...more,
  },
});

/** Writer → readers, as SPEC.md has them; what is conditional comes below. */
const promised: Record<string, (writer: Role) => readonly Role[]> = {
  order: (writer) => (house.includes(writer) || writer === 'guest' ? house : []),
  print: (writer) => (house.includes(writer) ? [...house, 'printer'] : writer === 'printer' ? house : []),
  notification: (writer) => (house.includes(writer) ? house : []),
  'room-assignment': (writer) => (house.includes(writer) ? house : []),
  'iot-command': (writer) => (house.includes(writer) ? [...house, 'gateway'] : []),
  'sync-request': (writer) => (house.includes(writer) ? [...house, 'guest'] : []),
  'sync-response': (writer) => (house.includes(writer) ? house : []),
  ping: () => roles,
  pong: () => roles,
  'x-anything': (writer) => (house.includes(writer) ? house : []),
};

describe('who may write what to whom', () => {
  it.each(Object.entries(promised))('%s: as the table has it, for every pair of roles [R2]', (type, readersOf) => {
    const message = type === 'order' ? order() : ({ type } as ReceivedMessage);
    for (const writer of roles) {
      const readers = roles.filter((reader) => table.allows(message, party(writer), party(reader, 'reader')));
      expect([writer, readers]).toEqual([writer, roles.filter((reader) => readersOf(writer).includes(reader))]);
      expect(table.mayWrite(type, writer)).toBe(readersOf(writer).length > 0);
    }
  });

  it('every type of message has its rules, and one without them is for nobody [R2]', () => {
    const types = Object.values(applicationSamples).map(({ type }) => (type.startsWith('x-') ? 'x-anything' : type));
    expect([...new Set(types)].filter((type) => !(type in promised))).toEqual([]);
    for (const type of ['unknown', 'toString', '__proto__', 'x']) {
      for (const role of roles) expect(table.mayWrite(type, role)).toBe(false);
    }
  });

  it('is for an application to say otherwise, type by type [R2]', () => {
    const own = new Entitlements({ 'x-tip': [{ writers: ['guest'], readers: ['pos'] }] });
    const tip = { type: 'x-tip', data: 1 } as const;
    expect([own.allows(tip, party('guest'), party('pos')), own.mayWrite('x-tip', 'staff')]).toEqual([true, false]);
    expect(own.allows({ type: 'x-other', data: 1 }, party('staff'), party('pos'))).toBe(true);
  });
});

describe('a guest', () => {
  const kitchen = party('kitchen-display');
  const writes = (message: ReceivedMessage, writer = party('guest')) => table.allows(message, writer, kitchen);

  it('orders for its own table alone, and in its own name [R5]', () => {
    expect([writes(order()), writes(order({ tableId: '5', placedBy: 'guest' }))]).toEqual([true, true]);
    expect([writes(order({ tableId: 6 })), writes(order({ placedBy: 'other' }))]).toEqual([false, false]);
    expect(writes(order(), { peerId: 'guest', role: 'guest' })).toBe(false);
  });

  it('reads of orders those that it placed [R2]', () => {
    const reads = (placedBy?: string) => table.allows(order(placedBy ? { placedBy } : {}), kitchen, party('guest'));
    expect([reads('guest'), reads('other'), reads()]).toEqual([true, false, false]);
  });

  it('never links to a guest, whatever the rules say [R6]', () => {
    const lax = new Entitlements({ 'x-chat': [{ writers: roles, readers: roles }] });
    expect([table.mayLink('guest', 'guest'), lax.mayLink('guest', 'guest')]).toEqual([false, false]);
    expect(lax.mayLink('guest', 'printer')).toBe(true);
  });
});

it('roles link where one has something to say to the other, and pings are nothing [R6]', () => {
  const linked = roles.flatMap((one) =>
    roles.filter((other) => table.mayLink(one, other)).map((other) => `${one} ${other}`),
  );
  const outsiders: Role[] = ['printer', 'guest', 'gateway'];
  const expected = roles.flatMap((one) =>
    roles.filter((other) => !(outsiders.includes(one) && outsiders.includes(other))).map((other) => `${one} ${other}`),
  );
  expect(linked).toEqual(expected);
});

describe('what the table says of a type as a whole', () => {
  it('is whether it has any rule: a type without one may be of a newer release', () => {
    const own = new Entitlements({ 'x-off': [], tip: [{ writers: ['guest'], readers: ['pos'] }] });
    const types = ['order', 'x-anything', 'tip', 'x-off', 'newer', 'toString'];
    expect(types.filter((type) => own.knows(type))).toEqual(['order', 'x-anything', 'tip']);
  });

  it('is whether each device of the house may read all of it, so that each may hold it', () => {
    const own = new Entitlements({
      'x-cash': [{ writers: ['pos'], readers: ['pos', 'staff'] }],
      'x-parts': [
        { writers: ['pos'], readers: ['pos', 'staff'] },
        { writers: house, readers: ['hub', 'kitchen-display'] },
      ],
    });
    const placers = new Entitlements({ order: [{ writers: house, readers: house, only: 'reader-order' }] });
    expect(placers.isForAll('order', 'pos', house)).toBe(false);
    const forHouse = (type: string, writer: Role) => own.isForAll(type, writer, house);
    expect(['order', 'print', 'notification', 'x-a'].map((type) => forHouse(type, 'staff'))).toEqual(
      Array(4).fill(true),
    );
    expect([forHouse('order', 'guest'), forHouse('print', 'guest'), forHouse('newer', 'staff')]).toEqual([
      true,
      false,
      false,
    ]);
    expect([forHouse('x-cash', 'pos'), forHouse('x-parts', 'pos'), forHouse('x-parts', 'staff')]).toEqual([
      false,
      true,
      false,
    ]);
  });
});
