import * as v from 'valibot';
import { limits } from '../../limits.ts';
import { credentialTextSchema } from '../../trust/credential-text.ts';
import { list, struct, text, varint } from '../../wire/layout.ts';
import { rosterEntryLayout, rosterEntrySchema, slotSchema } from './roster-entry.ts';

/** Server → device, the answer to `join`: its slot, and everyone who is there already and whom it may link to. */
export const welcome = {
  code: 2,
  schema: v.object({
    type: v.literal('welcome'),
    slot: slotSchema,
    /** The server's heartbeat interval. A side that heard nothing for two of them takes the socket for dead. */
    heartbeatMs: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(limits.heartbeatMs)),
    roster: v.array(rosterEntrySchema),
    /** In development mode, what the server issued to this device; else empty. */
    credential: credentialTextSchema,
    /** In development mode, the JWK set to check other devices' with; else empty. */
    issuerKeys: v.pipe(v.string(), v.maxLength(4_096)),
  }),
  layout: struct({
    slot: varint,
    heartbeatMs: varint,
    roster: list(rosterEntryLayout),
    credential: text,
    issuerKeys: text,
  }),
};
