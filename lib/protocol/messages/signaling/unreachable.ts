import { message } from '../../wire/record-codec.ts';
import { slotLayout } from './roster-entry.ts';

/**
 * Server → device: nobody in this room has the slot that a frame was for. The same answer for a device that left and
 * for one that never was, so that it tells nothing about other rooms.
 */
export const unreachable = message(6, { slot: slotLayout });
