import { ConfigurationError, explainIssue, limits } from '@innmesh/protocol';
import * as v from 'valibot';
import { limitsSchema } from './limits/limit-options.ts';
import type { SignalingCoreOptions } from './signaling-core.ts';

const positiveInteger = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
/** A timer holds no more than 2³¹ − 1 milliseconds; these are far below. */
const intervalMs = v.pipe(positiveInteger, v.maxValue(limits.heartbeatMs));

const optionsSchema = v.object({
  heartbeatMs: v.optional(intervalMs, 15_000),
  joinTimeoutMs: v.optional(intervalMs, 5_000),
  maxBufferedBytes: v.optional(positiveInteger, 4 * 1024 * 1024),
  limits: v.optional(limitsSchema, {}),
});

/** The options with every default filled in. */
export type ServerSettings = v.InferOutput<typeof optionsSchema>;

/** Throws `ConfigurationError` with the path of the first wrong one. */
export function readOptions(options: SignalingCoreOptions): ServerSettings {
  return parseOptions(optionsSchema, options);
}

/** The same for any part of the options. */
export function parseOptions<Schema extends v.GenericSchema>(schema: Schema, options: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, options, { abortEarly: true });
  if (result.success) return result.output;
  const { path, problem } = explainIssue(result.issues[0]);
  throw new ConfigurationError(path, problem);
}
