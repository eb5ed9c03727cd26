import type { Clock } from '@innmesh/kit';

export interface AttemptLimits {
  /** How many may fail in a window before the rest of it is closed. */
  failures: number;
  windowMs: number;
}

/** More keys than this are an attack: the oldest are forgotten. */
const MAX_KEYS = 100_000;

/** Counts failures by whoever makes them. In memory: a restart of the issuer, which none of them can cause, forgets. */
export class AttemptLimiter {
  readonly #limits: AttemptLimits;
  readonly #clock: Clock;
  readonly #windows = new Map<string, { failures: number; endsAtMs: number }>();

  constructor(limits: AttemptLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Seconds until the next try is allowed; 0 for now. */
  waitSeconds(key: string): number {
    const window = this.#windows.get(key);
    if (!window || window.failures < this.#limits.failures) return 0;
    return Math.max(0, Math.ceil((window.endsAtMs - this.#clock.nowMs()) / 1000));
  }

  noteFailure(key: string): void {
    const nowMs = this.#clock.nowMs();
    const window = this.#windows.get(key);
    if (window && window.endsAtMs > nowMs) window.failures++;
    else this.#begin(key, nowMs);
  }

  #begin(key: string, nowMs: number): void {
    this.#windows.delete(key);
    this.#windows.set(key, { failures: 1, endsAtMs: nowMs + this.#limits.windowMs });
    const [oldest] = this.#windows.keys();
    if (this.#windows.size > MAX_KEYS && oldest !== undefined) this.#windows.delete(oldest);
  }
}
