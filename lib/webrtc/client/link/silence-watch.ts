import type { CancelTimer, Clock } from '@innmesh/kit';

/** A link on which something goes is heard of more often than that: whoever gets something confirms it. */
const QUIET_MS = 600;
/** How long an answer to a ping may take. */
const ANSWER_MS = 600;
/** For so long after something went on it, a link is expected to say so when it is asked. */
const ATTENTION_MS = 3_000;

export interface SilenceEvents {
  /** The other side is to be pinged. */
  ask(): void;
  /** It has not answered. */
  silent(): void;
}

/**
 * Notices that the other side does not answer any more, a second after it was in use and long before ICE does. A link that
 * nobody uses is left in peace.
 */
export class SilenceWatch {
  readonly #clock: Clock;
  readonly #events: SilenceEvents;
  #heardAtMs: number;
  #attentionUntilMs = Number.NEGATIVE_INFINITY;
  #askedAtMs: number | null = null;
  #cancelTimer: CancelTimer | null = null;
  #stopped = false;

  constructor(clock: Clock, events: SilenceEvents) {
    this.#clock = clock;
    this.#events = events;
    this.#heardAtMs = clock.monotonicMs();
  }

  /** Since something came. */
  get silentMs(): number {
    return this.#clock.monotonicMs() - this.#heardAtMs;
  }

  /** Something has come, whatever it is. */
  heard(): void {
    this.#heardAtMs = this.#clock.monotonicMs();
    this.#askedAtMs = null;
  }

  /** The link is of use: something was sent or has come that is confirmed. */
  used(): void {
    this.#attentionUntilMs = this.#clock.monotonicMs() + ATTENTION_MS;
    if (!this.#cancelTimer) this.#lookAfter(QUIET_MS);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
  }

  #lookAfter(delayMs: number): void {
    if (this.#stopped) return;
    this.#cancelTimer = this.#clock.setTimer(() => {
      this.#cancelTimer = null;
      this.#look(this.#clock.monotonicMs());
    }, delayMs);
  }

  #look(nowMs: number): void {
    const quietMs = nowMs - this.#heardAtMs;
    if (this.#askedAtMs !== null) {
      this.#askedAtMs = null;
      this.#attentionUntilMs = Number.NEGATIVE_INFINITY;
      this.#events.silent();
    } else if (nowMs >= this.#attentionUntilMs) {
      return;
    } else if (quietMs >= QUIET_MS) {
      this.#askedAtMs = nowMs;
      this.#events.ask();
      this.#lookAfter(ANSWER_MS);
    } else {
      this.#lookAfter(QUIET_MS - quietMs);
    }
  }
}
