import { ManualClock, seededRandom } from '@innmesh/kit';
import type { OrderMessage, OrderStatus } from '@innmesh/protocol';
import { describe, expect, it } from 'vitest';
import { FakeRoom } from '../shared/fake-room.ts';
import { GuestOrderApp, type GuestOrderOptions, type PlacedOrder } from './guest-order.ts';
import { KitchenDisplayApp, type KitchenDisplayOptions } from './kitchen-display.ts';
import type { Order } from './order.ts';
import type { OrderStore } from './order-store.ts';

const burger = { itemId: 'burger', name: 'Cheeseburger', quantity: 1, notes: 'No onions' };

function memoryStore<Kept extends Order>(): OrderStore<Kept> {
  let kept: Kept[] = [];
  return {
    load: () => structuredClone(kept),
    save: (orders) => {
      kept = structuredClone(orders);
    },
  };
}

function hotel() {
  const room = new FakeRoom();
  const clock = new ManualClock(Date.parse('2026-11-23T12:00:00Z'));
  let seed = 1;
  const shared = () => ({ createConnection: room.createConnection, clock, random: seededRandom(seed++) });
  return {
    room,
    clock,
    guest: (table = 5, options: GuestOrderOptions = {}) =>
      new GuestOrderApp(table, 'demo-hotel', { ...shared(), ...options }),
    kitchen: (name = 'Main Kitchen', options: KitchenDisplayOptions = {}) =>
      new KitchenDisplayApp('demo-hotel', name, { ...shared(), ...options }),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const statuses = (orders: readonly { status: OrderStatus }[]) => orders.map(({ status }) => status);

describe('an order', () => {
  it('reaches the kitchen and its status comes back at each step', async () => {
    const { guest, kitchen } = hotel();
    const [table5, display] = [guest(), kitchen()];
    await display.connect();
    await table5.connect();
    const { orderId } = await table5.placeOrder([burger], { allergies: ['nuts'], notes: 'Birthday' });
    await settled();
    expect(display.tickets).toMatchObject([{ orderId, tableId: 5, allergies: ['nuts'], notes: 'Birthday' }]);
    expect(table5.orders[0]?.delivery).toEqual({ state: 'received' });
    for (const status of ['confirmed', 'preparing', 'ready', 'served']) {
      display.advance(orderId);
      expect(table5.orders[0]?.status).toBe(status);
    }
    expect(display.tickets).toEqual([]);
    expect(display.served).toMatchObject([{ orderId }]);
  });

  it('that waits for a kitchen goes out when one comes', async () => {
    const { guest, kitchen } = hotel();
    const [table5, display] = [guest(), kitchen()];
    await table5.connect();
    await table5.placeOrder([burger]);
    expect(table5.orders[0]?.delivery.state).toBe('waiting');
    await display.connect();
    await settled();
    expect(statuses(display.tickets)).toEqual(['pending']);
    expect(table5.orders[0]?.delivery.state).toBe('received');
  });

  it('that no kitchen has in time has failed, and goes out on retry alone', async () => {
    const { guest, kitchen, clock } = hotel();
    const [table5, display] = [guest(5, { sendWithinMs: 60_000 }), kitchen()];
    await table5.connect();
    const { orderId } = await table5.placeOrder([burger]);
    clock.advance(60_000);
    expect(table5.orders[0]?.delivery).toMatchObject({ state: 'failed', reason: expect.stringContaining('1 minute') });
    await display.connect();
    expect(display.tickets).toEqual([]);
    table5.retry(orderId);
    await settled();
    expect(display.tickets).toMatchObject([{ orderId }]);
    expect(table5.orders[0]?.delivery.state).toBe('received');
  });

  it('that is given up on its way is called back, and comes again on retry', async () => {
    const { room, guest, kitchen, clock } = hotel();
    const sounded: unknown[] = [];
    const display = kitchen('Main', { onNewTicket: ({ status }) => sounded.push(status) });
    const table5 = guest(5, { sendWithinMs: 60_000 });
    for (const app of [display, table5]) await app.connect();
    room.of(table5).held = true;
    const { orderId } = await table5.placeOrder([burger]);
    clock.advance(60_000);
    room.of(table5).release();
    await settled();
    expect(statuses(display.tickets)).toEqual(['cancelled']);
    expect(table5.orders[0]?.delivery.state).toBe('failed');
    display.dismiss(orderId);
    table5.retry(orderId);
    await settled();
    expect(statuses(display.tickets)).toEqual(['pending']);
    expect(sounded).toEqual(['pending', 'pending']);
    expect(table5.orders[0]?.delivery.state).toBe('received');
  });

  it('that the kitchen has is not given up, not even after a reload', async () => {
    const { guest, kitchen, clock } = hotel();
    const [store, display] = [memoryStore<PlacedOrder>(), kitchen()];
    const before = guest(5, { store });
    for (const app of [display, before]) await app.connect();
    await before.placeOrder([burger]);
    await settled();
    before.disconnect();
    clock.advance(3_600_000);
    const after = guest(5, { store });
    clock.advance(1);
    expect(after.orders).toMatchObject([{ status: 'pending', delivery: { state: 'received' } }]);
  });

  it('is never shown to another guest', async () => {
    const { room, guest, kitchen } = hotel();
    const [table5, table6, display] = [guest(5), guest(6), kitchen()];
    for (const app of [display, table5, table6]) await app.connect();
    const received: unknown[] = [];
    room.of(table6).on('order', (message) => received.push(message));
    const { orderId } = await table5.placeOrder([burger]);
    display.advance(orderId);
    expect(received).toEqual([]);
    expect(statuses(table5.orders)).toEqual(['confirmed']);
  });

  it('takes no word from another guest', async () => {
    const { guest } = hotel();
    const [table5, table6] = [guest(5), guest(6)];
    await table5.connect();
    await table6.connect();
    const order = await table5.placeOrder([burger]);
    const word = { ...order, status: 'ready' as const, updatedAt: '2026-11-23T13:00:00.000Z' };
    table6.connection.send({ type: 'order', order: word } as OrderMessage, table5.peerId);
    expect(statuses(table5.orders)).toEqual(['pending']);
  });

  it('follows a kitchen whose clock is behind the guest’s', async () => {
    const { room, guest, kitchen, clock } = hotel();
    const late = new ManualClock(clock.nowMs() - 3_600_000);
    const [table5, display] = [guest(), kitchen('Main', { createConnection: room.createConnection, clock: late })];
    await display.connect();
    await table5.connect();
    const { orderId } = await table5.placeOrder([burger]);
    display.advance(orderId);
    display.advance(orderId);
    expect(statuses(table5.orders)).toEqual(['preparing']);
    display.recall(orderId);
    expect(statuses(table5.orders)).toEqual(['confirmed']);
  });

  it('that is refused tells the guest why', async () => {
    const { guest, kitchen } = hotel();
    const [table5, display] = [guest(), kitchen()];
    await display.connect();
    await table5.connect();
    const { orderId } = await table5.placeOrder([burger]);
    display.reject(orderId, 'Sold out');
    expect(table5.orders[0]).toMatchObject({ status: 'rejected', reason: 'Sold out' });
    expect(display.tickets).toEqual([]);
  });

  it('with a wrong field is refused with its path, and nothing is kept', async () => {
    const { guest } = hotel();
    const table5 = guest();
    await table5.connect();
    const wrong = table5.placeOrder([{ ...burger, quantity: 0 }]);
    await expect(wrong).rejects.toMatchObject({ code: 'INVALID_MESSAGE', path: 'order.items[0].quantity' });
    expect(table5.orders).toEqual([]);
  });

  it('survives a reload of the guest’s page, and goes on being followed', async () => {
    const { guest, kitchen } = hotel();
    const [store, display] = [memoryStore<PlacedOrder>(), kitchen()];
    const before = guest(5, { store });
    await display.connect();
    await before.connect();
    const { orderId } = await before.placeOrder([burger]);
    before.disconnect();
    display.advance(orderId);
    const after = guest(5, { store });
    await after.connect();
    expect(statuses(after.orders)).toEqual(['confirmed']);
    display.advance(orderId);
    expect(statuses(after.orders)).toEqual(['preparing']);
  });
});

describe('a kitchen display', () => {
  it('that is reloaded gets every open order back, with the last status', async () => {
    const { guest, kitchen } = hotel();
    const [table5, table6, before] = [guest(5), guest(6), kitchen()];
    for (const app of [before, table5, table6]) await app.connect();
    const first = await table5.placeOrder([burger]);
    const second = await table6.placeOrder([burger]);
    const third = await table6.placeOrder([burger]);
    before.advance(first.orderId);
    before.advance(first.orderId);
    for (let step = 0; step < 4; step++) before.advance(third.orderId);
    before.disconnect();
    const after = kitchen();
    await after.connect();
    const board = new Map(after.tickets.map(({ orderId, status }) => [orderId, status]));
    expect(board).toEqual(
      new Map([
        [first.orderId, 'preparing'],
        [second.orderId, 'pending'],
      ]),
    );
    after.advance(first.orderId);
    expect(statuses(table5.orders)).toEqual(['ready']);
  });

  it('shows an order once, however often it arrives, and sounds once', async () => {
    const { room, guest, kitchen } = hotel();
    const sounded: string[] = [];
    const [table5, display] = [guest(), kitchen('Main', { onNewTicket: ({ orderId }) => sounded.push(orderId) })];
    await display.connect();
    await table5.connect();
    const { orderId } = await table5.placeOrder([burger]);
    table5.connection.send(room.of(table5).sent[0]?.message as OrderMessage, display.peerId);
    expect(display.tickets).toHaveLength(1);
    expect(sounded).toEqual([orderId]);
  });

  it('and another one show the same board', async () => {
    const { guest, kitchen } = hotel();
    const [table5, hot, cold] = [guest(), kitchen('Hot'), kitchen('Cold')];
    for (const app of [hot, table5]) await app.connect();
    const { orderId } = await table5.placeOrder([burger]);
    hot.advance(orderId);
    await cold.connect();
    expect(statuses(cold.tickets)).toEqual(['confirmed']);
    cold.advance(orderId);
    expect(statuses(hot.tickets)).toEqual(['preparing']);
    expect(statuses(table5.orders)).toEqual(['preparing']);
  });

  it('does not bring back what another one has served', async () => {
    const { room, guest, kitchen } = hotel();
    const [table5, hot] = [guest(), kitchen('Hot')];
    for (const app of [hot, table5]) await app.connect();
    const { orderId } = await table5.placeOrder([burger]);
    const stale = room.of(table5).sent[0]?.message as OrderMessage;
    for (let step = 0; step < 4; step++) hot.advance(orderId);
    table5.connection.send(stale, hot.peerId);
    expect(hot.tickets).toEqual([]);
    hot.recall(orderId);
    expect(statuses(table5.orders)).toEqual(['ready']);
  });

  it('understands an order that says neither when nor by whom', async () => {
    const { room, kitchen } = hotel();
    const display = kitchen();
    await display.connect();
    const deviceInfo = { type: 'guest' as const, name: 'Phone', capabilities: [] };
    const phone = room.createConnection({ tenantId: 'demo-hotel', signalingServers: [], deviceInfo });
    await phone.connect();
    const heard: string[] = [];
    phone.on('order', ({ order }) => heard.push(order.status));
    const order = { orderId: 'order-123', tableId: 5, items: [burger], total: 15, status: 'pending' as const };
    phone.send({ type: 'order', order });
    display.advance('order-123');
    phone.send({ type: 'order', order });
    expect(heard).toEqual(['confirmed', 'confirmed']);
    expect(display.tickets[0]?.total).toEqual({ amountMinor: 1500, currency: 'USD' });
  });

  it('keeps a cancelled order in sight until it is dismissed', async () => {
    const { guest, kitchen } = hotel();
    const [table5, display] = [guest(), kitchen()];
    for (const app of [display, table5]) await app.connect();
    const order = await table5.placeOrder([burger]);
    const word = { ...order, status: 'cancelled' as const };
    table5.connection.send({ type: 'order', order: word } as OrderMessage, display.peerId);
    expect(statuses(display.tickets)).toEqual(['cancelled']);
    display.dismiss(order.orderId);
    expect(display.tickets).toEqual([]);
  });
});
