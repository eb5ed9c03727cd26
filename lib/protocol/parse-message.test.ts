import { describe, expect, it } from 'vitest';
import { InvalidMessageError } from './errors.ts';
import * as limits from './limits.ts';
import { parseMessage } from './parse-message.ts';
import { applicationSamples } from './test-support/application-samples.ts';

const order = (fields: object = {}) => ({
  type: 'order',
  order: { ...(applicationSamples.order as { order: object }).order, ...fields },
});

function refusal(message: unknown): { path: string; text: string } {
  try {
    parseMessage(message);
  } catch (error) {
    if (error instanceof InvalidMessageError) return { path: error.path, text: error.message };
    throw error;
  }
  throw new Error('The message was taken.');
}

/** An object within an object, `levels` deep. */
function nested(levels: number): object {
  let value = {};
  for (let level = 1; level < levels; level++) value = { inside: value };
  return value;
}

describe("the user's own examples are taken as they stand", () => {
  it('an order: a plain total becomes Money in US dollars', () => {
    expect(parseMessage(applicationSamples.order)).toEqual({
      type: 'order',
      order: {
        orderId: 'order-123',
        tableId: 5,
        items: [{ itemId: 'burger', name: 'Burger', quantity: 1 }],
        total: { amountMinor: 1_500, currency: 'USD' },
        currency: 'USD',
        status: 'pending',
      },
    });
  });

  it('a receipt: each price becomes Money, and the job is queued for a receipt printer', () => {
    const message = parseMessage(applicationSamples.receipt);
    expect(message).toMatchObject({
      printJob: {
        status: 'queued',
        printerType: 'receipt',
        content: {
          receipt: {
            items: [
              { name: 'Room 205 (2 nights)', price: { amountMinor: 15_000, currency: 'USD' }, quantity: 1 },
              { name: 'Breakfast', price: { amountMinor: 2_500, currency: 'USD' }, quantity: 2 },
            ],
            total: { amountMinor: 20_000, currency: 'USD' },
            paymentMethod: 'Visa ****1234',
            guestName: 'John Smith',
          },
        },
      },
    });
  });

  it('a room assignment: it is assigned', () => {
    const sent = applicationSamples['room-assignment'] as { assignment: object };
    expect(parseMessage(sent)).toEqual({ ...sent, assignment: { ...sent.assignment, status: 'assigned' } });
  });
});

it.each(Object.entries(applicationSamples))('the normal form of "%s" is its own normal form', (_, message) => {
  const normal = parseMessage(message);
  expect(parseMessage(normal)).toEqual(normal);
});

describe('prices', () => {
  it("are counted in the message's currency, unless one brings its own", () => {
    const items = [{ itemId: 'tea', name: 'Tea', quantity: 1, price: { amountMinor: 350, currency: 'EUR' } }];
    expect(parseMessage(order({ total: 1_500, currency: 'JPY', items }))).toMatchObject({
      order: {
        total: { amountMinor: 1_500, currency: 'JPY' },
        items: [{ price: { amountMinor: 350, currency: 'EUR' } }],
      },
    });
    expect(parseMessage(order({ total: 1.005, currency: 'KWD' }))).toHaveProperty('order.total.amountMinor', 1_005);
    expect(parseMessage(order({ total: 0.1 + 0.2 }))).toHaveProperty('order.total.amountMinor', 30);
  });

  it('with a digit too many are refused where they stand', () => {
    expect(refusal(order({ total: 12.345, currency: 'EUR' }))).toEqual({
      path: 'order.total',
      text: 'Invalid message: "order.total" must have at most 2 decimal places for EUR, not 12.345.',
    });
    const items = [{ itemId: 'tea', name: 'Tea', quantity: 1, price: 1.999 }];
    expect(refusal(order({ items })).path).toBe('order.items[0].price');
  });
});

describe('fields that a message does not name', () => {
  it('are carried when they are JSON, at every level that an application may add to', () => {
    const items = [{ itemId: 'b', name: 'B', quantity: 1, hot: true }];
    const extra = { loyalty: { points: [1, null] } };
    expect(parseMessage(order({ items, ...extra }))).toMatchObject({ order: { ...extra, items: [{ hot: true }] } });
  });

  it.each<[string, unknown, string, RegExp]>([
    ['a function', () => {}, 'order.extra', /must be JSON, not a function\.$/],
    ['NaN', { deep: [0, Number.NaN] }, 'order.extra.deep[1]', /must be a finite number, not NaN\.$/],
    ['Infinity', [Number.POSITIVE_INFINITY], 'order.extra[0]', /must be a finite number, not Infinity\.$/],
    ['a Date', { at: new Date(0) }, 'order.extra.at', /must be JSON, not a Date\.$/],
    ['a Map', new Map(), 'order.extra', /must be JSON, not a Map\.$/],
    ['bytes', Uint8Array.of(1), 'order.extra', /must be JSON, not a Uint8Array\.$/],
    ['a bigint', 1n, 'order.extra', /must be JSON, not 1\.$/],
    ['a symbol', Symbol('s'), 'order.extra', /must be JSON, not a symbol\.$/],
    ['undefined within', { gone: undefined }, 'order.extra.gone', /must be JSON, not undefined\.$/],
  ])('are refused with their path when they are %s', (_, extra, path, text) => {
    expect(refusal(order({ extra }))).toEqual({ path, text: expect.stringMatching(text) });
  });

  it('are refused when they lead back to themselves, without overflowing the stack', () => {
    const circle: Record<string, unknown> = {};
    circle.self = [circle];
    const expected = 'must not be nested more than 64 levels deep or lead back to itself.';
    expect(refusal(order({ circle }))).toEqual({
      path: 'order.circle',
      text: `Invalid message: "order.circle" ${expected}`,
    });
    expect(refusal({ type: 'x-circle', data: circle }).path).toBe('data');
  });

  it('are taken to the limit of nesting and not beyond [W6]', () => {
    const data = nested(limits.jsonDepth + 1);
    expect(parseMessage({ type: 'x-deep', data })).toEqual({ type: 'x-deep', data });
    expect(refusal({ type: 'x-deep', data: { one: data } }).text).toContain('nested');
    expect(refusal(order({ extra: nested(100_000) })).path).toBe('order.extra');
  });

  it('cannot reach the prototype of anything', () => {
    const hostile = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    const inside = JSON.parse(
      `{"type":"order","order":${JSON.stringify(order().order).slice(0, -1)},"a":${hostile},"__proto__":{"polluted":true}}}`,
    );
    const parsed = [parseMessage(inside), parseMessage({ type: 'x-a', data: JSON.parse(hostile) })];
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(parsed[0]).not.toHaveProperty('order.polluted');
    for (const message of parsed) expect(Object.getPrototypeOf(message)).toBe(Object.prototype);
    expect(Object.getPrototypeOf((parsed[0] as unknown as { order: object }).order)).toBe(Object.prototype);
  });
});

describe("an application's own message", () => {
  it.each(['x-a', 'x-0', 'x-minibar.taken', 'x-a-b.c-9', `x-${'a'.repeat(62)}`])('may be called %s', (type) => {
    expect(parseMessage({ type, data: 1 })).toEqual({ type, data: 1 });
  });

  it.each(['x-', 'x-A', 'x--a', 'x-.a', 'x-a b', 'x-a_b', 'x-ä', `x-${'a'.repeat(63)}`, 'x-a\n'])(
    'may not be called %j',
    (type) => {
      expect(refusal({ type, data: 1 })).toEqual({ path: 'type', text: expect.stringContaining('must be "x-" and') });
    },
  );

  it('brings data: JSON, or bytes as they are', () => {
    const bytes = Uint8Array.of(1, 2);
    expect(parseMessage({ type: 'x-a', data: bytes })).toEqual({ type: 'x-a', data: bytes });
    expect(parseMessage({ type: 'x-a', data: null })).toEqual({ type: 'x-a', data: null });
    expect(refusal({ type: 'x-a' }).text).toBe('Invalid message: "data" is missing.');
    expect(refusal({ type: 'x-a', data: { in: [bytes] } }).path).toBe('data.in[0]');
    expect(refusal({ type: 'x-a', data: new Uint16Array(1) }).text).toContain('must be JSON, not a Uint16Array');
  });
});
