import { credentialLayout } from '../../trust/credential-text.ts';
import { publicKeyLayout } from '../../trust/device-key.ts';
import { message } from '../../wire/record-codec.ts';
import { peerIdLayout } from '../signaling/peer-id.ts';

/** By what a device that is not at the other end of this link is known; before the first of its entries. */
export const origin = message(11, {
  origin: peerIdLayout,
  /** Its hash is the id. */
  publicKey: publicKeyLayout,
  /** The last one that the sender has seen; it may be over by now. */
  credential: credentialLayout,
});
