import { ConfigurationError, turnUrlSchema, turnUrlsBounds } from '@innmesh/protocol';
import * as s from '@innmesh/protocol/schema';

/** Relays (RFC 8656) that the server lends to the devices in its rooms: a coturn with `use-auth-secret`. */
export interface TurnOptions {
  /** 1 to 4, in the order in which they are handed out: `['turn:turn.example.com:3478']`. */
  urls: readonly string[];
  /** What coturn has as `static-auth-secret`, at least 16 characters. */
  secret: string;
  /**
   * How long what a device is given is good for, in seconds; half of it later it is given anew. A relayed link that stands
   * outlives it. At least four heartbeats, at most 86,400. Default: 3600.
   */
  lifetimeSeconds?: number;
}

export const turnSchema = s.strictObject({
  urls: s.list(turnUrlSchema, turnUrlsBounds),
  secret: s.text({ min: 16 }),
  lifetimeSeconds: s.optional(s.wholeNumber({ min: 1, max: 86_400 }), 3_600),
});

export type TurnSettings = s.InferOutput<typeof turnSchema>;

/** It is looked at once each heartbeat, and some of its time has to be left then. Throws `ConfigurationError`. */
export function requireTimeToRenew({ lifetimeSeconds }: TurnSettings, heartbeatMs: number): void {
  const leastSeconds = Math.ceil((4 * heartbeatMs) / 1000);
  if (lifetimeSeconds >= leastSeconds) return;
  throw new ConfigurationError(
    'turn.lifetimeSeconds',
    `must be at least four heartbeats (${leastSeconds} s), not ${lifetimeSeconds}`,
  );
}
