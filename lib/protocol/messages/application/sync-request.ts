import * as s from '../../schema/index.ts';
import { idSchema, timestampSchema } from '../../values/text.ts';

/** What do you know of this? Asked by a device that comes late or has lost its memory. */
export const syncRequestMessage = s.strictObject({
  type: s.literal('sync-request'),
  requestId: idSchema,
  /** What is asked for: `orders`. */
  scope: idSchema,
  /** Only what changed at or after this time. */
  since: s.optional(timestampSchema),
});

export type SyncRequestMessage = s.InferOutput<typeof syncRequestMessage>;
