import * as v from 'valibot';
import { struct } from '../../wire/layout.ts';
import { rosterEntryLayout, rosterEntrySchema } from './roster-entry.ts';

/** Server → everyone else in the room: a device has come. It makes the offers; the others wait for them. */
export const joined = {
  code: 3,
  schema: v.object({ type: v.literal('joined'), peer: rosterEntrySchema }),
  layout: struct({ peer: rosterEntryLayout }),
};
