import * as v from 'valibot';
import { currencySchema, priceNormaliser, priceSchema } from '../../values/money.ts';
import { idSchema, openObject, proseSchema, timestampSchema } from '../../values/text.ts';

/**
 * Where a print job stands: queued → claimed → sent → printed, failed (with a reason) or cancelled. `unconfirmed` is a
 * job that a printer claimed and never reported on: it may be on paper, so nothing sends it again by itself.
 */
export const printStatuses = ['queued', 'claimed', 'sent', 'printed', 'failed', 'unconfirmed', 'cancelled'] as const;
export type PrintStatus = (typeof printStatuses)[number];

/** The kinds of printer a job can ask for. */
export const printerTypes = ['receipt', 'kitchen', 'label', 'document'] as const;
export type PrinterType = (typeof printerTypes)[number];

const receiptSchema = v.pipe(
  openObject({
    transactionId: idSchema,
    /** The lines above the items: house, address, tax number. */
    header: v.optional(v.array(v.pipe(v.string(), v.maxLength(200)))),
    items: v.pipe(
      v.array(
        openObject({
          name: v.pipe(v.string(), v.nonEmpty(), v.maxLength(200)),
          /** For one. */
          price: priceSchema,
          quantity: v.pipe(v.number(), v.minValue(0), v.maxValue(100_000)),
        }),
      ),
      v.maxLength(1000),
    ),
    total: priceSchema,
    currency: currencySchema,
    paymentMethod: v.optional(v.pipe(v.string(), v.maxLength(100))),
    guestName: v.optional(v.pipe(v.string(), v.maxLength(200))),
    paidAt: v.optional(timestampSchema),
  }),
  v.rawTransform((context) => {
    const { items, total, ...receipt } = context.dataset.value;
    const money = priceNormaliser(context.addIssue, receipt.currency);
    return {
      ...receipt,
      items: items.map(({ price, ...item }, index) => ({ ...item, price: money(price, ['items', index, 'price']) })),
      total: money(total, ['total']),
    };
  }),
);

/** A receipt that the printer lays out for its own paper and language; text; or bytes that are ready for it. */
const contentSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('receipt'), receipt: receiptSchema }),
  v.strictObject({ kind: v.literal('text'), text: v.pipe(v.string(), v.maxLength(100_000)) }),
  v.strictObject({
    kind: v.literal('bytes'),
    language: v.picklist(['esc-pos', 'star-prnt', 'pdf']),
    bytes: v.instance(Uint8Array, 'must be a Uint8Array'),
  }),
]);

/** A print job, and each later word on it: the same `jobId` with the new `status`, then without content. */
export const printMessage = v.strictObject({
  type: v.literal('print'),
  printJob: v.pipe(
    openObject({
      jobId: idSchema,
      status: v.optional(v.picklist(printStatuses), 'queued'),
      printerType: v.optional(v.picklist(printerTypes), 'receipt'),
      content: v.optional(contentSchema),
      copies: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(20))),
      /** Why it failed or was cancelled: `The paper is out`. */
      reason: v.optional(proseSchema),
    }),
    v.forward(
      v.check(
        ({ status, content }) => status !== 'queued' || content !== undefined,
        'must say what a queued job prints',
      ),
      ['content'],
    ),
  ),
});

export type PrintMessage = v.InferOutput<typeof printMessage>;
export type Receipt = v.InferOutput<typeof receiptSchema>;
