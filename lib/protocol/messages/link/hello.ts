import * as s from '../../schema/index.ts';
import { list, struct, varint } from '../../wire/layout.ts';
import { seqSchema } from './seq.ts';

/** More than any version uses. */
const MAX_LANES = 16;

/**
 * First on each lane, from both sides, for neither lane waits for the other on its way. Nothing else is sent before one
 * of the other side's has come.
 */
export const hello = {
  code: 1,
  schema: s.object({
    type: s.literal('hello'),
    version: s.wholeNumber({ min: 1 }),
    /** Per lane, how far the sender has the receiver's entries. What lies beyond is sent, what does not is never sent again. */
    cursors: s.list(seqSchema, { max: MAX_LANES }),
  }),
  layout: struct({ version: varint, cursors: list(varint, MAX_LANES) }),
};
