import { varint } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';

/** Server → device: more sealed frames have come than this device, or all of the tenant, may send. None for so long. */
export const pause = message(21, { pauseMs: varint({ min: 1, max: 60_000 }) });
