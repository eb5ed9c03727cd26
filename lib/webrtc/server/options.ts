import { ConfigurationError, limits } from '@innmesh/protocol';
import * as s from '@innmesh/protocol/schema';
import { limitsSchema } from './limits/limit-options.ts';
import type { SignalingCoreOptions } from './signaling-core.ts';
import { requireTimeToRenew, turnSchema } from './turn/turn-options.ts';

const positiveInteger = s.wholeNumber({ min: 1 });
/** A timer holds no more than 2³¹ − 1 milliseconds; these are far below. */
const intervalMs = s.wholeNumber({ min: 1, max: limits.heartbeatMs });

const optionsSchema = s.object({
  heartbeatMs: s.optional(intervalMs, 15_000),
  joinTimeoutMs: s.optional(intervalMs, 5_000),
  maxBufferedBytes: s.optional(positiveInteger, 4 * 1024 * 1024),
  relayFrames: s.optional(s.boolean(), true),
  limits: s.optional(limitsSchema, {}),
  turn: s.optional(turnSchema, undefined),
});

/** The options with every default filled in. */
export type ServerSettings = s.InferOutput<typeof optionsSchema>;

/** Throws `ConfigurationError` with the path of the first wrong one. */
export function readOptions(options: SignalingCoreOptions): ServerSettings {
  const settings = parseOptions(optionsSchema, options);
  if (settings.turn) requireTimeToRenew(settings.turn, settings.heartbeatMs);
  return settings;
}

/** The same for any part of the options. */
export function parseOptions<Schema extends s.AnySchema>(schema: Schema, options: unknown): s.InferOutput<Schema> {
  return s.read(schema, options, (path, problem) => new ConfigurationError(path, problem));
}
