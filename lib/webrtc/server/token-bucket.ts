import type { Clock } from '@innmesh/kit';

export interface TokenBucketOptions {
  /** What may come at once. */
  burst: number;
  /** What comes back each second. */
  perSecond: number;
}

/** A bound on a rate that lets bursts through. */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  readonly #clock: Clock;
  #tokens: number;
  #filledAtMs: number;

  constructor(options: TokenBucketOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#tokens = options.burst;
    this.#filledAtMs = clock.nowMs();
  }

  /** Whether one more may pass; takes its token. */
  take(): boolean {
    const nowMs = this.#clock.nowMs();
    const refill = ((nowMs - this.#filledAtMs) / 1000) * this.#options.perSecond;
    this.#tokens = Math.min(this.#options.burst, this.#tokens + Math.max(0, refill));
    this.#filledAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
