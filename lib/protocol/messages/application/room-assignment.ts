import * as s from '../../schema/index.ts';
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
export const roomAssignmentMessage = s.strictObject({
  type: s.literal('room-assignment'),
  assignment: openObject({
    assignmentId: idSchema,
    roomNumber: idSchema,
    /** `clean`, `inspect`, `turndown`, or a word of the house's own. */
    taskType: idSchema,
    /** A person's or a device's id. */
    assignedTo: idSchema,
    status: s.optional(s.picklist(assignmentStatuses), 'assigned'),
    dueTime: s.optional(timestampSchema),
    notes: s.optional(proseSchema),
  }),
});

export type RoomAssignmentMessage = s.InferOutput<typeof roomAssignmentMessage>;
