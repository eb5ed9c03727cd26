import { limits } from '../../limits.ts';
import * as s from '../../schema/index.ts';
import { struct, text, varint } from '../../wire/layout.ts';
import { deviceInfoLayout, deviceInfoSchema } from './device-info.ts';

/** A device's number in its room. Counted up and never given twice, so that a late frame cannot reach a newcomer. */
export const slotSchema = s.wholeNumber({ min: 0 });

export const peerIdSchema = s.textLike(/^[A-Za-z0-9_-]+$/, 'must be letters, digits, "-" and "_"', {
  max: limits.peerIdCharacters,
});

/** One device in a room's roster. */
export const rosterEntrySchema = s.object({ slot: slotSchema, peerId: peerIdSchema, device: deviceInfoSchema });
export type RosterEntry = s.InferOutput<typeof rosterEntrySchema>;

export const rosterEntryLayout = struct({ slot: varint, peerId: text, device: deviceInfoLayout });
