import * as v from 'valibot';
import { struct, varint } from '../../wire/layout.ts';
import { slotSchema } from './roster-entry.ts';

/**
 * Server → device: nobody in this room has the slot that a frame was for. The same answer for a device that left and
 * for one that never was, so that it tells nothing about other rooms.
 */
export const unreachable = {
  code: 6,
  schema: v.object({ type: v.literal('unreachable'), slot: slotSchema }),
  layout: struct({ slot: varint }),
};
