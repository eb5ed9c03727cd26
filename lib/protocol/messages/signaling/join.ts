import * as limits from '../../limits.ts';
import * as s from '../../schema/index.ts';
import { credentialLayout } from '../../trust/credential-text.ts';
import { publicKeyLayout, signatureLayout } from '../../trust/device-key.ts';
import { text } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';
import { deviceInfoLayout } from './device-info.ts';
import { firstOffersLayout } from './first-offer.ts';

/** Device → server, once, in answer to its `challenge`: which room, who comes, and the proof. Answered by `welcome`. */
export const join = message(1, {
  tenantId: text(s.text({ min: 1, max: limits.tenantIdCharacters })),
  device: deviceInfoLayout,
  /** Empty where a server in development mode is to give one. */
  credential: credentialLayout,
  /** The device's key; its hash is the device's id. */
  publicKey: publicKeyLayout,
  /** Over the join transcript, with that key. */
  signature: signatureLayout,
  /** Handed to one device of the room, so that the first link need not wait for the welcome (SPEC.md, L1). */
  offers: firstOffersLayout,
});
