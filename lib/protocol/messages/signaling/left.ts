import * as v from 'valibot';
import { struct, varint } from '../../wire/layout.ts';
import { slotSchema } from './roster-entry.ts';

/** Server → everyone else in the room: that device's socket is gone. Its links may still stand. */
export const left = {
  code: 4,
  schema: v.object({ type: v.literal('left'), slot: slotSchema }),
  layout: struct({ slot: varint }),
};
