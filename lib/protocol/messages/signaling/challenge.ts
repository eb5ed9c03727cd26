import * as s from '../../schema/index.ts';
import { NONCE_BYTES } from '../../trust/transcripts.ts';
import { bytesSchema } from '../../values/bytes.ts';
import { fixedBytes, flag, struct } from '../../wire/layout.ts';

/** Server → device, first and with the upgrade: what the device signs in its `join`, so that no old one can be replayed. */
export const challenge = {
  code: 7,
  schema: s.object({
    type: s.literal('challenge'),
    nonce: bytesSchema(NONCE_BYTES),
    /** A server in development mode gives a credential to whoever asks. A device that was given one asks for none. */
    development: s.boolean(),
  }),
  layout: struct({ nonce: fixedBytes(NONCE_BYTES), development: flag }),
};
