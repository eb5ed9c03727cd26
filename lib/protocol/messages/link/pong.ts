import * as v from 'valibot';
import { struct, varint } from '../../wire/layout.ts';

/** The answer to a `ping`. */
export const pong = {
  code: 5,
  schema: v.object({ type: v.literal('pong'), nonce: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) }),
  layout: struct({ nonce: varint }),
};
