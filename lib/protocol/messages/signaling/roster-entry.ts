import * as v from 'valibot';
import { limits } from '../../limits.ts';
import { struct, text, varint } from '../../wire/layout.ts';
import { deviceInfoLayout, deviceInfoSchema } from './device-info.ts';

/** A device's number in its room. Counted up and never given twice, so that a late frame cannot reach a newcomer. */
export const slotSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const peerIdSchema = v.pipe(
  v.string(),
  v.maxLength(limits.peerIdCharacters),
  v.regex(/^[A-Za-z0-9_-]+$/, 'must be letters, digits, "-" and "_"'),
);

/** One device in a room's roster. */
export const rosterEntrySchema = v.object({ slot: slotSchema, peerId: peerIdSchema, device: deviceInfoSchema });
export type RosterEntry = v.InferOutput<typeof rosterEntrySchema>;

export const rosterEntryLayout = struct({ slot: varint, peerId: text, device: deviceInfoLayout });
