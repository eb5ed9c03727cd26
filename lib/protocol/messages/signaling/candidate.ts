import { text } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';
import { attemptLayout } from './attempt.ts';
import { slotLayout } from './roster-entry.ts';

/** Device → device through the server: one more address at which the sender may be reached (RFC 8838). */
export const candidate = message(18, {
  peer: slotLayout,
  attempt: attemptLayout,
  /** The candidate attribute (RFC 8839 §5.1). */
  candidate: text(),
  /** The media section it belongs to (RFC 5888); with data channels alone there is one. */
  mid: text(),
});
