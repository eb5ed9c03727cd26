import * as s from '../../schema/index.ts';
import { struct, text, varint } from '../../wire/layout.ts';
import { attemptSchema } from './attempt.ts';
import { slotSchema } from './roster-entry.ts';

/** Device → device through the server: the session description that opens a link (RFC 9429 §5.2). */
export const offer = {
  code: 16,
  schema: s.object({
    type: s.literal('offer'),
    /** The receiver's slot on the way to the server, the sender's from there on. */
    peer: slotSchema,
    attempt: attemptSchema,
    sdp: s.text(),
  }),
  layout: struct({ peer: varint, attempt: varint, sdp: text }),
};
