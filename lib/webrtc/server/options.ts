import { ConfigurationError, limits } from '@innmesh/protocol';
import * as s from '@innmesh/protocol/schema';
import type { SignalingCoreOptions } from './signaling-core.ts';

const positiveInteger = s.wholeNumber({ min: 1 });
/** A timer holds no more than 2³¹ − 1 milliseconds; these are far below. */
const intervalMs = s.wholeNumber({ min: 1, max: limits.heartbeatMs });

const optionsSchema = s.object({
  heartbeatMs: s.optional(intervalMs, 15_000),
  joinTimeoutMs: s.optional(intervalMs, 5_000),
  frameRate: s.optional(s.object({ burst: positiveInteger, perSecond: positiveInteger }), {
    burst: 2_000,
    perSecond: 200,
  }),
  maxBufferedBytes: s.optional(positiveInteger, 4 * 1024 * 1024),
});

/** The options with every default filled in. Throws `ConfigurationError` with the path of the first wrong one. */
export function readOptions(options: SignalingCoreOptions): Required<SignalingCoreOptions> {
  return s.read(optionsSchema, options, (path, problem) => new ConfigurationError(path, problem));
}
