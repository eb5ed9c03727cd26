import * as s from '../../schema/index.ts';
import { struct, text, varint } from '../../wire/layout.ts';
import { attemptSchema } from './attempt.ts';
import { slotSchema } from './roster-entry.ts';

/** Device → device through the server: one more address at which the sender may be reached (RFC 8838). */
export const candidate = {
  code: 18,
  schema: s.object({
    type: s.literal('candidate'),
    peer: slotSchema,
    attempt: attemptSchema,
    /** The candidate attribute (RFC 8839 §5.1). */
    candidate: s.text(),
    /** The media section it belongs to (RFC 5888); with data channels alone there is one. */
    mid: s.text(),
  }),
  layout: struct({ peer: varint, attempt: varint, candidate: text, mid: text }),
};
