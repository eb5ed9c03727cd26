import { describe, expect, it } from 'vitest';
import { type Order, orderTotal, readOrders, supersedes } from './order.ts';

const order = (status: Order['status'], updatedAt: string) => ({ status, updatedAt }) as Order;

describe('the total of an order', () => {
  it('adds prices in whole minor units', () => {
    const items = [
      { price: 0.1, quantity: 3 },
      { price: { amountMinor: 1250, currency: 'EUR' }, quantity: 2 },
    ];
    expect(orderTotal(items, 'EUR')).toEqual({ amountMinor: 2530, currency: 'EUR' });
  });

  it('is 0 for items without prices', () => {
    expect(orderTotal([{ quantity: 2 }], 'EUR')).toEqual({ amountMinor: 0, currency: 'EUR' });
  });

  it('refuses to add two currencies', () => {
    const yen = { price: { amountMinor: 900, currency: 'JPY' }, quantity: 1 };
    expect(() => orderTotal([yen], 'EUR')).toThrow('An order in EUR has a price in JPY');
  });
});

describe('of two words on an order', () => {
  const noon = '2026-11-23T12:00:00.000Z';

  it('the later one stands, also when it goes a step back', () => {
    expect(supersedes(order('preparing', '2026-11-23T12:00:00.001Z'), order('ready', noon))).toBe(true);
    expect(supersedes(order('ready', noon), order('preparing', '2026-11-23T12:00:00.001Z'))).toBe(false);
  });

  it('times are compared, not their spelling', () => {
    expect(supersedes(order('ready', '2026-11-23T12:30:00+01:00'), order('pending', noon))).toBe(false);
  });

  it('of one time the further one stands, and neither replaces its equal', () => {
    expect(supersedes(order('ready', noon), order('preparing', noon))).toBe(true);
    expect(supersedes(order('ready', noon), order('ready', noon))).toBe(false);
  });
});

it('what is no order is passed over', () => {
  const good = {
    orderId: 'a',
    tableId: 5,
    items: [{ itemId: 'b', name: 'B', quantity: 1 }],
    total: 0,
    status: 'ready',
  };
  expect(readOrders([null, 'order', {}, good]).map(({ orderId }) => orderId)).toEqual(['a']);
});
