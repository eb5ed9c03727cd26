import * as s from '../../schema/index.ts';
import { struct, varint } from '../../wire/layout.ts';
import { slotSchema } from './roster-entry.ts';

/** Server → everyone else in the room: that device's socket is gone. Its links may still stand. */
export const left = {
  code: 4,
  schema: s.object({ type: s.literal('left'), slot: slotSchema }),
  layout: struct({ slot: varint }),
};
