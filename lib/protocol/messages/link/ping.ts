import { varint } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';

/** Keepalive and the measure of the round trip; answered at once with a `pong` of the same number. */
export const ping = message(4, { nonce: varint() });
