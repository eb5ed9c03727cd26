import * as v from 'valibot';
import { rest, struct, varint } from '../../wire/layout.ts';
import { seqSchema } from './seq.ts';

/** An application's message, in its writer's order within the lane. */
export const entry = {
  code: 2,
  schema: v.object({
    type: v.literal('entry'),
    seq: seqSchema,
    /** The message, as `encodeMessage` writes it. */
    body: v.custom<Uint8Array<ArrayBuffer>>((body) => body instanceof Uint8Array),
  }),
  layout: struct({ seq: varint, body: rest }),
};
