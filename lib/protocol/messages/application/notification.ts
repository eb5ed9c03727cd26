import * as s from '../../schema/index.ts';
import { idSchema, openObject, proseSchema, timestampSchema } from '../../values/text.ts';

export const notificationPriorities = ['low', 'normal', 'high', 'urgent'] as const;

/** A word to staff: `Table 5 asks for the bill`. */
export const notificationMessage = s.strictObject({
  type: s.literal('notification'),
  notification: openObject({
    notificationId: idSchema,
    title: s.text({ min: 1, max: 200 }),
    body: s.optional(proseSchema),
    priority: s.optional(s.picklist(notificationPriorities), 'normal'),
    sentAt: s.optional(timestampSchema),
  }),
});

export type NotificationMessage = s.InferOutput<typeof notificationMessage>;
