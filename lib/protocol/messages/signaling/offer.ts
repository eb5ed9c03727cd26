import * as s from '../../schema/index.ts';
import { NONCE_BYTES } from '../../trust/transcripts.ts';
import { bytesSchema } from '../../values/bytes.ts';
import { fixedBytes, struct, text, varint } from '../../wire/layout.ts';
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
    /** Part of what both sides sign once the link is open (SPEC.md, L4). */
    nonce: bytesSchema(NONCE_BYTES),
    sdp: s.text(),
  }),
  layout: struct({ peer: varint, attempt: varint, nonce: fixedBytes(NONCE_BYTES), sdp: text }),
};
