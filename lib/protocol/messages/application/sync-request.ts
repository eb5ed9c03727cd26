import * as v from 'valibot';
import { idSchema, timestampSchema } from '../../values/text.ts';

/** What do you know of this? Asked by a device that comes late or has lost its memory. */
export const syncRequestMessage = v.strictObject({
  type: v.literal('sync-request'),
  requestId: idSchema,
  /** What is asked for: `orders`. */
  scope: idSchema,
  /** Only what changed at or after this time. */
  since: v.optional(timestampSchema),
});

export type SyncRequestMessage = v.InferOutput<typeof syncRequestMessage>;
