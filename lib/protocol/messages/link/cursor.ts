import * as s from '../../schema/index.ts';
import { struct, varint } from '../../wire/layout.ts';
import { seqSchema } from './seq.ts';

/** I have your entries of this lane up to here, and my application has been given them. */
export const cursor = {
  code: 3,
  schema: s.object({
    type: s.literal('cursor'),
    lane: s.wholeNumber({ min: 0 }),
    seq: seqSchema,
  }),
  layout: struct({ lane: varint, seq: varint }),
};
