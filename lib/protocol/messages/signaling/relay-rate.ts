import * as limits from '../../limits.ts';
import { type LayoutValue, list, struct, varint } from '../../wire/layout.ts';

/** How many bytes of sealed frames a server hands on for a device, each frame counted as in SPEC.md, F6. */
const relayRateLayout = struct({
  burstBytes: varint({ min: limits.sealedWindowBytes }),
  bytesPerSecond: varint({ min: 1 }),
});
export type RelayRate = LayoutValue<typeof relayRateLayout>;

/** None where the server hands on none. */
export const relayRatesLayout = list(relayRateLayout, { max: 1 });
