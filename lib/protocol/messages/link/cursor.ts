import * as v from 'valibot';
import { struct, varint } from '../../wire/layout.ts';
import { seqSchema } from './seq.ts';

/** I have your entries of this lane up to here, and my application has been given them. */
export const cursor = {
  code: 3,
  schema: v.object({
    type: v.literal('cursor'),
    lane: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    seq: seqSchema,
  }),
  layout: struct({ lane: varint, seq: varint }),
};
