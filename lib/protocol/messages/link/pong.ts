import { varint } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';

/** The answer to a `ping`. */
export const pong = message(5, { nonce: varint() });
