import * as limits from '../../limits.ts';
import * as s from '../../schema/index.ts';
import { credentialLayout } from '../../trust/credential-text.ts';
import { list, text, varint } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';
import { relayRatesLayout } from './relay-rate.ts';
import { rosterEntryLayout, slotLayout } from './roster-entry.ts';

/** Server → device, the answer to `join`: its slot, and everyone who is there already and whom it may link to. */
export const welcome = message(2, {
  slot: slotLayout,
  /** The server's heartbeat interval. A side that heard nothing for two of them takes the socket for dead. */
  heartbeatMs: varint({ min: 1, max: limits.heartbeatMs }),
  roster: list(rosterEntryLayout),
  /** The slot that the join's offer was handed to, where there was one. */
  offeredTo: list(slotLayout, { max: 1 }),
  /** How many sealed frames the server hands on for the device. */
  relay: relayRatesLayout,
  /** In development mode, what the server issued to this device; else empty. */
  credential: credentialLayout,
  /** In development mode, the JWK set to check other devices' with; else empty. */
  issuerKeys: text(s.text({ max: 4_096 })),
});
