import * as s from '../../schema/index.ts';
import { struct, varint } from '../../wire/layout.ts';

/** The answer to a `ping`. */
export const pong = {
  code: 5,
  schema: s.object({ type: s.literal('pong'), nonce: s.wholeNumber({ min: 0 }) }),
  layout: struct({ nonce: varint }),
};
