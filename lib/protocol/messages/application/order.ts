import * as s from '../../schema/index.ts';
import { currencySchema, normalisePrices, priceSchema } from '../../values/money.ts';
import { idSchema, openObject, proseSchema, timestampSchema } from '../../values/text.ts';

/**
 * Where an order stands: pending → confirmed → preparing → ready → served; or cancelled by the guest's side, or
 * rejected by the kitchen's.
 */
export const orderStatuses = ['pending', 'confirmed', 'preparing', 'ready', 'served', 'cancelled', 'rejected'] as const;
export type OrderStatus = (typeof orderStatuses)[number];

const orderItemSchema = openObject({
  itemId: idSchema,
  name: s.text({ min: 1, max: 200 }),
  quantity: s.wholeNumber({ min: 1, max: 999 }),
  /** For one. */
  price: s.optional(priceSchema),
  /** For the kitchen: `No onions`. */
  notes: s.optional(proseSchema),
});

/** A table's order, and each later word on it: the same `orderId` with the new `status`. */
export const orderMessage = s.strictObject({
  type: s.literal('order'),
  order: s.transform(
    openObject({
      orderId: idSchema,
      tableId: s.union([idSchema, s.wholeNumber()], 'must be a table number or name'),
      items: s.list(orderItemSchema, { min: 1, max: 500 }),
      total: priceSchema,
      currency: currencySchema,
      status: s.picklist(orderStatuses),
      /**
       * The id of the guest's device that placed it, which alone of all guests' devices gets word of it. Filled in where
       * a guest's device writes the order; later words on it carry it along.
       */
      placedBy: s.optional(idSchema),
      /** Of the person who eats, for a banner on the ticket: `nuts`. */
      allergies: s.optional(s.list(s.text({ min: 1, max: 100 }))),
      placedAt: s.optional(timestampSchema),
      /** When the status last changed. */
      updatedAt: s.optional(timestampSchema),
      /** Why it was cancelled or rejected. */
      reason: s.optional(proseSchema),
    }),
    normalisePrices,
  ),
});

export type OrderMessage = s.InferOutput<typeof orderMessage>;
export type OrderItem = s.InferInput<typeof orderItemSchema>;
