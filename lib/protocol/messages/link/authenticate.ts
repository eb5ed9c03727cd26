import * as s from '../../schema/index.ts';
import { credentialTextSchema } from '../../trust/credential-text.ts';
import { publicKeyLayout, publicKeySchema, signatureLayout, signatureSchema } from '../../trust/device-key.ts';
import { struct, text, varint } from '../../wire/layout.ts';

/**
 * First on the entries lane, once, from both sides: who is at this end of this very connection. Until the other side's
 * has been verified, this side sends nothing else and takes nothing else for true.
 */
export const authenticate = {
  code: 7,
  schema: s.object({
    type: s.literal('authenticate'),
    version: s.wholeNumber({ min: 1 }),
    credential: credentialTextSchema,
    /** The sender's key; its hash is the id that the receiver was told to expect. */
    publicKey: publicKeySchema,
    /** Over the link transcript, with that key. */
    signature: signatureSchema,
  }),
  layout: struct({ version: varint, credential: text, publicKey: publicKeyLayout, signature: signatureLayout }),
};
