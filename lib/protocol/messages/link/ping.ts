import * as s from '../../schema/index.ts';
import { struct, varint } from '../../wire/layout.ts';

/** Keepalive and the measure of the round trip; answered at once with a `pong` of the same number. */
export const ping = {
  code: 4,
  schema: s.object({ type: s.literal('ping'), nonce: s.wholeNumber({ min: 0 }) }),
  layout: struct({ nonce: varint }),
};
