import { credentialLayout } from '../../trust/credential-text.ts';
import { publicKeyLayout, signatureLayout } from '../../trust/device-key.ts';
import { varint } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';

/**
 * First on the entries lane, once, from both sides: who is at this end of this very connection. Until the other side's
 * has been verified, this side sends nothing else and takes nothing else for true.
 */
export const authenticate = message(7, {
  version: varint({ min: 1 }),
  credential: credentialLayout,
  /** The sender's key; its hash is the id that the receiver was told to expect. */
  publicKey: publicKeyLayout,
  /** Over the link transcript, with that key. */
  signature: signatureLayout,
});
