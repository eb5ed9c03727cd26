import { type Clock, TokenBucket, type TokenBucketOptions } from '@innmesh/kit';

/**
 * A bound on a rate with as much grace as its burst: who is over the burst is told how long to pause and let through all
 * the same, as that word takes a while; who goes on is refused.
 */
export class LenientBucket {
  readonly #burst: number;
  readonly #bucket: TokenBucket;

  constructor({ burst, perSecond }: TokenBucketOptions, clock: Clock) {
    this.#burst = burst;
    this.#bucket = new TokenBucket({ burst: burst * 2, perSecond }, clock);
  }

  /** How long to pause, in milliseconds; 0: not at all. `null`: refused. */
  take(count: number): number | null {
    return this.#bucket.take(count) ? this.#bucket.waitMs(this.#burst) : null;
  }
}
