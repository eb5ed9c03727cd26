import { limits } from '../../limits.ts';
import * as s from '../../schema/index.ts';
import { list, struct, varint } from '../../wire/layout.ts';
import { rosterEntryLayout, rosterEntrySchema, slotSchema } from './roster-entry.ts';

/** Server → device, the answer to `join`: its slot, and everyone who is there already. */
export const welcome = {
  code: 2,
  schema: s.object({
    type: s.literal('welcome'),
    slot: slotSchema,
    /** The server's heartbeat interval. A side that heard nothing for two of them takes the socket for dead. */
    heartbeatMs: s.wholeNumber({ min: 1, max: limits.heartbeatMs }),
    roster: s.list(rosterEntrySchema),
  }),
  layout: struct({ slot: varint, heartbeatMs: varint, roster: list(rosterEntryLayout) }),
};
