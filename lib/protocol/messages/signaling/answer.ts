import * as v from 'valibot';
import { struct, text, varint } from '../../wire/layout.ts';
import { attemptSchema } from './attempt.ts';
import { slotSchema } from './roster-entry.ts';

/** Device → device through the server: the session description that takes up an offer (RFC 9429 §5.3). */
export const answer = {
  code: 17,
  schema: v.object({ type: v.literal('answer'), peer: slotSchema, attempt: attemptSchema, sdp: v.string() }),
  layout: struct({ peer: varint, attempt: varint, sdp: text }),
};
