import type { Clock } from './clock.ts';

export interface TokenBucketOptions {
  /** What may come at once. */
  burst: number;
  /** What comes back each second; 0.5 is one each two seconds. */
  perSecond: number;
}

/** A bound on a rate that lets bursts through. */
export class TokenBucket {
  readonly options: TokenBucketOptions;
  readonly #clock: Clock;
  #tokens: number;
  #filledAtMs: number;

  constructor(options: TokenBucketOptions, clock: Clock) {
    this.options = options;
    this.#clock = clock;
    this.#tokens = options.burst;
    this.#filledAtMs = clock.nowMs();
  }

  /** Whether `count` more may pass; takes their tokens if so, and none if not. */
  take(count = 1): boolean {
    this.#fill();
    if (this.#tokens < count) return false;
    this.#tokens -= count;
    return true;
  }

  /** How long until `count` may pass, in milliseconds; 0: now. */
  waitMs(count = 1): number {
    this.#fill();
    return Math.max(0, Math.ceil(((count - this.#tokens) / this.options.perSecond) * 1000));
  }

  #fill(): void {
    const nowMs = this.#clock.nowMs();
    const refill = ((nowMs - this.#filledAtMs) / 1000) * this.options.perSecond;
    this.#tokens = Math.min(this.options.burst, this.#tokens + Math.max(0, refill));
    this.#filledAtMs = nowMs;
  }
}

/** How long an empty bucket takes to be full: one that was left alone for as long is the same as a new one. */
export function fillingMs({ burst, perSecond }: TokenBucketOptions): number {
  return (burst / perSecond) * 1000;
}
