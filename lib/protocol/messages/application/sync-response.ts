import * as v from 'valibot';
import { jsonSchema } from '../../values/json.ts';
import { idSchema } from '../../values/text.ts';

/** The answer to a `sync-request`, to the device that asked. */
export const syncResponseMessage = v.strictObject({
  type: v.literal('sync-response'),
  /** The request's. */
  requestId: idSchema,
  scope: idSchema,
  /** One per thing known, in the form that the scope's own messages have: for `orders`, the orders. */
  items: v.pipe(v.array(jsonSchema), v.maxLength(100_000)),
});

export type SyncResponseMessage = v.InferOutput<typeof syncResponseMessage>;
