import * as v from 'valibot';

/**
 * Are you there? Answered with a `pong` by the library at the other end, by itself. The library's own keepalive uses
 * frames of the link, which an application does not see.
 */
export const pingMessage = v.strictObject({
  type: v.literal('ping'),
  /** The sender's clock, in milliseconds since the Unix epoch; comes back in the `pong`. */
  timestamp: v.optional(v.pipe(v.number(), v.finite())),
});

export type PingMessage = v.InferOutput<typeof pingMessage>;
