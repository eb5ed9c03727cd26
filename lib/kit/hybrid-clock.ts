import type { Clock } from './clock.ts';

/** Times of one millisecond. */
const TICKS = 1_024;
/** Another device's time that is further ahead than this is wrong, and would drag along everyone's. */
const MAX_AHEAD_MS = 10 * 60 * 1_000;

/**
 * Hybrid logical time (Kulkarni and others, 2014) as one safe integer, good until the year 2248: milliseconds since the
 * Unix epoch times 1,024, and in between a count. What was written after something was seen has a later time than that, however
 * far clocks are apart.
 */
export class HybridClock {
  readonly #clock: Clock;
  #last: number;

  /** `last`: the latest time that was given or witnessed before a restart. */
  constructor(clock: Clock, last = 0) {
    this.#clock = clock;
    this.#last = last;
  }

  /** Later than every time that was given or witnessed. */
  next(): number {
    this.#last = Math.max(this.#last + 1, Math.floor(this.#clock.nowMs()) * TICKS);
    return this.#last;
  }

  /** Something of that time was seen. */
  witness(time: number): void {
    if (time > (this.#clock.nowMs() + MAX_AHEAD_MS) * TICKS) return;
    this.#last = Math.max(this.#last, time);
  }
}

/** The time's milliseconds since the Unix epoch. */
export const msOfHybridTime = (time: number): number => Math.floor(time / TICKS);
