import * as s from '../../schema/index.ts';

/**
 * Are you there? Answered with a `pong` by the library at the other end, by itself. The library's own keepalive uses
 * frames of the link, which an application does not see.
 */
export const pingMessage = s.strictObject({
  type: s.literal('ping'),
  /** The sender's clock, in milliseconds since the Unix epoch; comes back in the `pong`. */
  timestamp: s.optional(s.number()),
});

export type PingMessage = s.InferOutput<typeof pingMessage>;
