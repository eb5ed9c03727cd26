import * as v from 'valibot';
import { currencySchema, priceNormaliser, priceSchema } from '../../values/money.ts';
import { idSchema, openObject, proseSchema, timestampSchema } from '../../values/text.ts';

/**
 * Where an order stands: pending → confirmed → preparing → ready → served; or cancelled by the guest's side, or
 * rejected by the kitchen's.
 */
export const orderStatuses = ['pending', 'confirmed', 'preparing', 'ready', 'served', 'cancelled', 'rejected'] as const;
export type OrderStatus = (typeof orderStatuses)[number];

const orderItemSchema = openObject({
  itemId: idSchema,
  name: v.pipe(v.string(), v.nonEmpty(), v.maxLength(200)),
  quantity: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(999)),
  /** For one. */
  price: v.optional(priceSchema),
  /** For the kitchen: `No onions`. */
  notes: v.optional(proseSchema),
});

/** A table's order, and each later word on it: the same `orderId` with the new `status`. */
export const orderMessage = v.strictObject({
  type: v.literal('order'),
  order: v.pipe(
    openObject({
      orderId: idSchema,
      tableId: v.union([idSchema, v.pipe(v.number(), v.integer())], 'must be a table number or name'),
      items: v.pipe(v.array(orderItemSchema), v.minLength(1), v.maxLength(500)),
      total: priceSchema,
      currency: currencySchema,
      status: v.picklist(orderStatuses),
      /**
       * The id of the guest's device that placed it, which alone of all guests' devices gets word of it. Filled in where
       * a guest's device writes the order; later words on it carry it along.
       */
      placedBy: v.optional(idSchema),
      /** Of the person who eats, for a banner on the ticket: `nuts`. */
      allergies: v.optional(v.array(v.pipe(v.string(), v.nonEmpty(), v.maxLength(100)))),
      placedAt: v.optional(timestampSchema),
      /** When the status last changed. */
      updatedAt: v.optional(timestampSchema),
      /** Why it was cancelled or rejected. */
      reason: v.optional(proseSchema),
    }),
    v.rawTransform((context) => {
      const { items, total, ...order } = context.dataset.value;
      const money = priceNormaliser(context.addIssue, order.currency);
      return {
        ...order,
        items: items.map(({ price, ...item }, index) => ({
          ...item,
          ...(price !== undefined && { price: money(price, ['items', index, 'price']) }),
        })),
        total: money(total, ['total']),
      };
    }),
  ),
});

export type OrderMessage = v.InferOutput<typeof orderMessage>;
export type OrderItem = v.InferInput<typeof orderItemSchema>;
