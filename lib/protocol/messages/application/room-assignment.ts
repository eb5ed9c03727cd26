import * as v from 'valibot';
import { idSchema, openObject, proseSchema, timestampSchema } from '../../values/text.ts';

/** created → assigned → accepted → in-progress ⇄ paused → done → inspected. */
export const assignmentStatuses = [
  'created',
  'assigned',
  'accepted',
  'in-progress',
  'paused',
  'done',
  'inspected',
] as const;

/** A task in a room for somebody, and each later word on it: the same `assignmentId` with the new `status`. */
export const roomAssignmentMessage = v.strictObject({
  type: v.literal('room-assignment'),
  assignment: openObject({
    assignmentId: idSchema,
    roomNumber: idSchema,
    /** `clean`, `inspect`, `turndown`, or a word of the house's own. */
    taskType: idSchema,
    /** A person's or a device's id. */
    assignedTo: idSchema,
    status: v.optional(v.picklist(assignmentStatuses), 'assigned'),
    dueTime: v.optional(timestampSchema),
    notes: v.optional(proseSchema),
  }),
});

export type RoomAssignmentMessage = v.InferOutput<typeof roomAssignmentMessage>;
