import { NONCE_BYTES } from '../../trust/transcripts.ts';
import { fixedBytes, flag } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';

/** Server → device, first and with the upgrade: what the device signs in its `join`, so that no old one can be replayed. */
export const challenge = message(7, {
  nonce: fixedBytes(NONCE_BYTES),
  /** A server in development mode gives a credential to whoever asks. A device that was given one asks for none. */
  development: flag,
});
