import * as s from '../../schema/index.ts';
import { jsonSchema } from '../../values/json.ts';
import { idSchema } from '../../values/text.ts';

/** The answer to a `sync-request`, to the device that asked. */
export const syncResponseMessage = s.strictObject({
  type: s.literal('sync-response'),
  /** The request's. */
  requestId: idSchema,
  scope: idSchema,
  /** One per thing known, in the form that the scope's own messages have: for `orders`, the orders. */
  items: s.list(jsonSchema, { max: 100_000 }),
});

export type SyncResponseMessage = s.InferOutput<typeof syncResponseMessage>;
