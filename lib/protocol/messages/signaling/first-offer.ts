import { NONCE_BYTES } from '../../trust/transcripts.ts';
import { fixedBytes, type LayoutValue, list, struct, text } from '../../wire/layout.ts';
import { attemptLayout } from './attempt.ts';

/** An offer before it is known to whom: what `offer` has, but for the peer. */
const firstOfferLayout = struct({ attempt: attemptLayout, nonce: fixedBytes(NONCE_BYTES), sdp: text() });
export type FirstOffer = LayoutValue<typeof firstOfferLayout>;

/** None or one. */
export const firstOffersLayout = list(firstOfferLayout, { max: 1 });
