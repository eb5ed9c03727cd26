import * as s from '../../schema/index.ts';
import { rest, struct, varint } from '../../wire/layout.ts';
import { seqSchema } from './seq.ts';

/** An application's message, in its writer's order within the lane. */
export const entry = {
  code: 2,
  schema: s.object({
    type: s.literal('entry'),
    seq: seqSchema,
    /** The message, as `encodeMessage` writes it. */
    body: s.bytes(),
  }),
  layout: struct({ seq: varint, body: rest }),
};
