import type { Random } from './random.ts';

export interface BackoffOptions {
  /** The delay before the first repetition, in milliseconds. */
  baseMs: number;
  /** No delay is longer, in milliseconds. */
  maxMs: number;
  /** Multiplies the delay each time. Default: 2. */
  factor?: number;
}

/**
 * The delay before repetition number `attempt` (from 0): exponential and cut at `maxMs`, then spread evenly over its
 * upper half, so that devices which lost the same server do not come back in one moment.
 */
export function backoffDelayMs(attempt: number, options: BackoffOptions, random: Random): number {
  const { baseMs, maxMs, factor = 2 } = options;
  const fullMs = Math.min(maxMs, baseMs * factor ** attempt);
  return fullMs / 2 + (random.unit() * fullMs) / 2;
}
