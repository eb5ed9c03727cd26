import * as s from '../../schema/index.ts';
import { struct, varint } from '../../wire/layout.ts';
import { slotSchema } from './roster-entry.ts';

/**
 * Server → device: nobody in this room has the slot that a frame was for. The same answer for a device that left and
 * for one that never was, so that it tells nothing about other rooms.
 */
export const unreachable = {
  code: 6,
  schema: s.object({ type: s.literal('unreachable'), slot: slotSchema }),
  layout: struct({ slot: varint }),
};
