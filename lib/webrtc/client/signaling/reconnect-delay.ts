import { backoffDelayMs, type Random } from '@innmesh/kit';

/** Over this not even a server that asks for patience is waited for, unless the application's own interval is longer. */
const MAX_PATIENCE_MS = 60_000;

/** What a device has been through since a server last kept it for long. */
export interface Troubles {
  /** Tries to come back. */
  tries: number;
  /** How often a server had more to do than it can. */
  refusals: number;
}

/**
 * How long to wait before trying to come back. The first wait is spread over all of `intervalMs`, as everyone else may
 * have lost the same server in the same moment; further ones are up to twice as long, and no longer: whoever is back first
 * takes the others for gone after 15 s (docs/decisions/0015). Only refusals make them double each time.
 */
export function reconnectDelayMs({ tries, refusals }: Troubles, intervalMs: number, random: Random): number {
  const baseMs = intervalMs;
  const patienceMs = Math.max(MAX_PATIENCE_MS, intervalMs);
  if (refusals > 0) return backoffDelayMs(refusals + 1, { baseMs, maxMs: patienceMs }, random);
  if (tries === 0) return random.unit() * intervalMs;
  return backoffDelayMs(tries - 1, { baseMs, maxMs: 2 * intervalMs }, random);
}
