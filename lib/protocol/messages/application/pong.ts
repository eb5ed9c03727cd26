import * as v from 'valibot';

/** The answer to a `ping`. */
export const pongMessage = v.strictObject({
  type: v.literal('pong'),
  /** The ping's. */
  timestamp: v.optional(v.pipe(v.number(), v.finite())),
});

export type PongMessage = v.InferOutput<typeof pongMessage>;
