import type { Party, ReceivedMessage } from '@innmesh/protocol';
import { expect, it } from 'vitest';
import { OrderPlacers } from './order-placers.ts';

const guest = (peerId: string): Party => ({ peerId, role: 'guest', table: '5' });
const kitchen: Party = { peerId: 'kitchen', role: 'kitchen-display' };
const order = (orderId: string, placedBy?: string): ReceivedMessage => ({
  type: 'order',
  order: {
    ...{
      orderId,
      tableId: 5,
      currency: 'EUR',
      items: [],
      total: { amountMinor: 0, currency: 'EUR' },
      status: 'pending' as const,
    },
    ...(placedBy !== undefined && { placedBy }),
  },
});

it('a guest’s order is marked with the guest, and word of it by whoever forgot with the guest as well [R5]', () => {
  const placers = new OrderPlacers();
  const taken = placers.named(order('1'), guest('g'));
  expect(taken).toEqual(order('1', 'g'));
  placers.remember(taken);
  expect(placers.complete(order('1'), kitchen, null)).toEqual(order('1', 'g'));
  expect(placers.complete(order('2'), kitchen, null)).toEqual(order('2'));
});

it('a guest who knows the id of another’s order does not own it [R5]', () => {
  const placers = new OrderPlacers();
  placers.remember(order('1', 'g'));
  expect([placers.isAnothers(order('1'), guest('thief')), placers.isAnothers(order('1'), guest('g'))]).toEqual([
    true,
    false,
  ]);
  placers.remember(order('1', 'thief'));
  expect(placers.isAnothers(order('1'), guest('g'))).toBe(false);
});
