import * as s from '../../schema/index.ts';
import { currencySchema, normalisePrices, priceSchema } from '../../values/money.ts';
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

const receiptSchema = s.transform(
  openObject({
    transactionId: idSchema,
    /** The lines above the items: house, address, tax number. */
    header: s.optional(s.list(s.text({ max: 200 }))),
    items: s.list(
      openObject({
        name: s.text({ min: 1, max: 200 }),
        /** For one. */
        price: priceSchema,
        quantity: s.number({ min: 0, max: 100_000 }),
      }),
      { max: 1000 },
    ),
    total: priceSchema,
    currency: currencySchema,
    paymentMethod: s.optional(s.text({ max: 100 })),
    guestName: s.optional(s.text({ max: 200 })),
    paidAt: s.optional(timestampSchema),
  }),
  normalisePrices,
);

/** A receipt that the printer lays out for its own paper and language; text; or bytes that are ready for it. */
const contentSchema = s.variant('kind', {
  receipt: s.strictObject({ kind: s.literal('receipt'), receipt: receiptSchema }),
  text: s.strictObject({ kind: s.literal('text'), text: s.text({ max: 100_000 }) }),
  bytes: s.strictObject({
    kind: s.literal('bytes'),
    language: s.picklist(['esc-pos', 'star-prnt', 'pdf']),
    bytes: s.bytes(),
  }),
});

/** A print job, and each later word on it: the same `jobId` with the new `status`, then without content. */
export const printMessage = s.strictObject({
  type: s.literal('print'),
  printJob: s.check(
    openObject({
      jobId: idSchema,
      status: s.optional(s.picklist(printStatuses), 'queued'),
      printerType: s.optional(s.picklist(printerTypes), 'receipt'),
      content: s.optional(contentSchema),
      copies: s.optional(s.wholeNumber({ min: 1, max: 20 })),
      /** Why it failed or was cancelled: `The paper is out`. */
      reason: s.optional(proseSchema),
    }),
    ({ status, content }) => status !== 'queued' || content !== undefined,
    'must say what a queued job prints',
    ['content'],
  ),
});

export type PrintMessage = s.InferOutput<typeof printMessage>;
export type Receipt = s.InferOutput<typeof receiptSchema>;
