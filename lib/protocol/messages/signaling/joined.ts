import * as s from '../../schema/index.ts';
import { struct } from '../../wire/layout.ts';
import { rosterEntryLayout, rosterEntrySchema } from './roster-entry.ts';

/** Server → everyone else in the room: a device has come. It makes the offers; the others wait for them. */
export const joined = {
  code: 3,
  schema: s.object({ type: s.literal('joined'), peer: rosterEntrySchema }),
  layout: struct({ peer: rosterEntryLayout }),
};
