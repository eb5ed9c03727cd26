import { limits } from '../../limits.ts';
import * as s from '../../schema/index.ts';
import { credentialTextSchema } from '../../trust/credential-text.ts';
import { list, struct, text, varint } from '../../wire/layout.ts';
import { rosterEntryLayout, rosterEntrySchema, slotSchema } from './roster-entry.ts';

/** Server → device, the answer to `join`: its slot, and everyone who is there already and whom it may link to. */
export const welcome = {
  code: 2,
  schema: s.object({
    type: s.literal('welcome'),
    slot: slotSchema,
    /** The server's heartbeat interval. A side that heard nothing for two of them takes the socket for dead. */
    heartbeatMs: s.wholeNumber({ min: 1, max: limits.heartbeatMs }),
    roster: s.list(rosterEntrySchema),
    /** In development mode, what the server issued to this device; else empty. */
    credential: credentialTextSchema,
    /** In development mode, the JWK set to check other devices' with; else empty. */
    issuerKeys: s.text({ max: 4_096 }),
  }),
  layout: struct({
    slot: varint,
    heartbeatMs: varint,
    roster: list(rosterEntryLayout),
    credential: text,
    issuerKeys: text,
  }),
};
