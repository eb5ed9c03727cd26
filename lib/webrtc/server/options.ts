import { ConfigurationError, explainIssue, limits } from '@innmesh/protocol';
import * as v from 'valibot';
import type { SignalingCoreOptions } from './signaling-core.ts';

const positiveInteger = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
/** A timer holds no more than 2³¹ − 1 milliseconds; these are far below. */
const intervalMs = v.pipe(positiveInteger, v.maxValue(limits.heartbeatMs));

const optionsSchema = v.object({
  heartbeatMs: v.optional(intervalMs, 15_000),
  joinTimeoutMs: v.optional(intervalMs, 5_000),
  frameRate: v.optional(v.object({ burst: positiveInteger, perSecond: positiveInteger }), {
    burst: 2_000,
    perSecond: 200,
  }),
  maxBufferedBytes: v.optional(positiveInteger, 4 * 1024 * 1024),
});

/** The options with every default filled in. Throws `ConfigurationError` with the path of the first wrong one. */
export function readOptions(options: SignalingCoreOptions): Required<SignalingCoreOptions> {
  const result = v.safeParse(optionsSchema, options, { abortEarly: true });
  if (result.success) return result.output;
  const { path, problem } = explainIssue(result.issues[0]);
  throw new ConfigurationError(path, problem);
}
