import * as s from '../../schema/index.ts';

/** The answer to a `ping`. */
export const pongMessage = s.strictObject({
  type: s.literal('pong'),
  /** The ping's. */
  timestamp: s.optional(s.number()),
});

export type PongMessage = s.InferOutput<typeof pongMessage>;
