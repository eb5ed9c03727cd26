import { NONCE_BYTES } from '../../trust/transcripts.ts';
import { fixedBytes, text } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';
import { attemptLayout } from './attempt.ts';
import { slotLayout } from './roster-entry.ts';

/** Device → device through the server: the session description that takes up an offer (RFC 9429 §5.3). */
export const answer = message(17, {
  peer: slotLayout,
  attempt: attemptLayout,
  /** Part of what both sides sign once the link is open (SPEC.md, L4). */
  nonce: fixedBytes(NONCE_BYTES),
  sdp: text(),
});
