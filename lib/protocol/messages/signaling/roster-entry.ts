import { type LayoutValue, struct, varint, writtenOnce } from '../../wire/layout.ts';
import { deviceInfoLayout } from './device-info.ts';
import { peerIdLayout } from './peer-id.ts';

/** A device's number in its room. Counted up and never given twice, so that a late frame cannot reach a newcomer. */
export const slotLayout = varint();

/**
 * One device in a room's roster, as the server tells it; everyone who comes is sent everyone's. What it says of a
 * device's role is believed when the device has shown its credential on a link.
 */
export const rosterEntryLayout = writtenOnce(
  struct({ slot: slotLayout, peerId: peerIdLayout, device: deviceInfoLayout }),
);
export type RosterEntry = LayoutValue<typeof rosterEntryLayout>;
