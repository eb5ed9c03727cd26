import * as v from 'valibot';
import { struct, varint } from '../../wire/layout.ts';

/** Keepalive and the measure of the round trip; answered at once with a `pong` of the same number. */
export const ping = {
  code: 4,
  schema: v.object({ type: v.literal('ping'), nonce: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) }),
  layout: struct({ nonce: varint }),
};
