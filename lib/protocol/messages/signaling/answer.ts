import * as s from '../../schema/index.ts';
import { struct, text, varint } from '../../wire/layout.ts';
import { attemptSchema } from './attempt.ts';
import { slotSchema } from './roster-entry.ts';

/** Device → device through the server: the session description that takes up an offer (RFC 9429 §5.3). */
export const answer = {
  code: 17,
  schema: s.object({ type: s.literal('answer'), peer: slotSchema, attempt: attemptSchema, sdp: s.text() }),
  layout: struct({ peer: varint, attempt: varint, sdp: text }),
};
