import * as s from '../../schema/index.ts';
import { digest, struct, varint, writtenOnce } from '../../wire/layout.ts';
import { deviceInfoLayout, deviceInfoSchema } from './device-info.ts';
import { peerIdSchema } from './peer-id.ts';

/** A device's number in its room. Counted up and never given twice, so that a late frame cannot reach a newcomer. */
export const slotSchema = s.wholeNumber({ min: 0 });

/**
 * One device in a room's roster, as the server tells it. What it says of a device's role is believed when the device
 * has shown its credential on a link.
 */
export const rosterEntrySchema = s.object({ slot: slotSchema, peerId: peerIdSchema, device: deviceInfoSchema });
export type RosterEntry = s.InferOutput<typeof rosterEntrySchema>;

/** Everyone who comes is sent everyone's. */
export const rosterEntryLayout = writtenOnce(struct({ slot: varint, peerId: digest, device: deviceInfoLayout }));
