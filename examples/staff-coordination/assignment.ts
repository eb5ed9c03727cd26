import { parseMessage, type RoomAssignmentMessage } from '@innmesh/protocol';
import { foreignTime } from '../shared/foreign-time.ts';

type WireAssignment = RoomAssignmentMessage['assignment'];
export type AssignmentStatus = WireAssignment['status'];

/** A task in a room, as the app keeps it. */
export interface Assignment {
  assignmentId: string;
  roomNumber: string;
  /** `clean`, `inspect`, `turndown`. */
  taskType: string;
  /** The name of the person or of their device. */
  assignedTo: string;
  status: AssignmentStatus;
  dueTime?: string;
  notes?: string;
  /** ISO 8601; the later word on an assignment stands. */
  updatedAt: string;
}

export function toAssignmentMessage(assignment: Assignment): RoomAssignmentMessage {
  return parseMessage({ type: 'room-assignment', assignment: { ...assignment } }) as RoomAssignmentMessage;
}

export function readAssignment(wire: WireAssignment & { updatedAt?: unknown }, now: string): Assignment {
  const { assignmentId, roomNumber, taskType, assignedTo, status, dueTime, notes } = wire;
  return {
    ...{ assignmentId, roomNumber, taskType, assignedTo, status },
    ...(dueTime && { dueTime }),
    ...(notes && { notes }),
    updatedAt: foreignTime(wire.updatedAt) ?? now,
  };
}

/** What of `items` is an assignment; the rest is passed over. */
export function readAssignments(items: unknown[], now: string): Assignment[] {
  return items.flatMap((assignment) => {
    try {
      const message = parseMessage({ type: 'room-assignment', assignment }) as RoomAssignmentMessage;
      return [readAssignment(message.assignment, now)];
    } catch {
      return [];
    }
  });
}
