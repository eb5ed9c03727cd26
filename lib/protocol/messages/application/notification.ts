import * as v from 'valibot';
import { idSchema, openObject, proseSchema, timestampSchema } from '../../values/text.ts';

export const notificationPriorities = ['low', 'normal', 'high', 'urgent'] as const;

/** A word to staff: `Table 5 asks for the bill`. */
export const notificationMessage = v.strictObject({
  type: v.literal('notification'),
  notification: openObject({
    notificationId: idSchema,
    title: v.pipe(v.string(), v.nonEmpty(), v.maxLength(200)),
    body: v.optional(proseSchema),
    priority: v.optional(v.picklist(notificationPriorities), 'normal'),
    sentAt: v.optional(timestampSchema),
  }),
});

export type NotificationMessage = v.InferOutput<typeof notificationMessage>;
