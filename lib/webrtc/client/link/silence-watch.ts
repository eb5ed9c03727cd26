import type { CancelTimer, Clock } from '@innmesh/kit';

/** Whoever gets something answers within a round trip and a turn of its page. */
const SILENCE_MS = 1_000;

/** Notices that the other side has stopped answering, long before ICE does. */
export class SilenceWatch {
  readonly #clock: Clock;
  readonly #silent: () => void;
  #heardAtMs: number;
  #sentAtMs: number | null = null;
  #cancelTimer: CancelTimer | null = null;

  /** `silent` is called when something was sent, and nothing came for a second after it. */
  constructor(clock: Clock, silent: () => void) {
    this.#clock = clock;
    this.#silent = silent;
    this.#heardAtMs = clock.monotonicMs();
  }

  /** Since something came. */
  get silentMs(): number {
    return this.#clock.monotonicMs() - this.#heardAtMs;
  }

  heard(): void {
    this.#heardAtMs = this.#clock.monotonicMs();
    this.#sentAtMs = null;
  }

  /** Something that the other side answers. */
  sent(): void {
    if (this.#sentAtMs !== null) return;
    this.#sentAtMs = this.#clock.monotonicMs();
    this.#cancelTimer ??= this.#clock.setTimer(() => this.#look(), SILENCE_MS);
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  #look(): void {
    this.#cancelTimer = null;
    if (this.#sentAtMs === null) return;
    const leftMs = this.#sentAtMs + SILENCE_MS - this.#clock.monotonicMs();
    if (leftMs > 0) this.#cancelTimer = this.#clock.setTimer(() => this.#look(), leftMs);
    else {
      this.#sentAtMs = null;
      this.#silent();
    }
  }
}
