import { message } from '../../wire/record-codec.ts';
import { rosterEntryLayout } from './roster-entry.ts';

/** Server → everyone else in the room: a device has come. It makes the offers; the others wait for them. */
export const joined = message(3, { peer: rosterEntryLayout });
