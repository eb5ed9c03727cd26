import type { CancelTimer, Clock } from '@innmesh/kit';

interface Parcel {
  dueMs: number;
  deliver(): void;
}

/** How often a pipe that is blocked is tried again. */
const RETRANSMIT_MS = 250;

/** Delivers in order, each after a delay; holds everything back while it is blocked, as TCP and SCTP do. */
export class Pipe {
  readonly #clock: Clock;
  readonly #delayMs: () => number;
  readonly #isBlocked: () => boolean;
  readonly #parcels: Parcel[] = [];
  #lastDueMs = 0;
  #cancelTimer: CancelTimer = () => {};

  constructor(clock: Clock, delayMs: () => number, isBlocked: () => boolean) {
    this.#clock = clock;
    this.#delayMs = delayMs;
    this.#isBlocked = isBlocked;
  }

  push(deliver: () => void): void {
    this.#lastDueMs = Math.max(this.#lastDueMs, this.#clock.nowMs() + this.#delayMs());
    this.#parcels.push({ dueMs: this.#lastDueMs, deliver });
    if (this.#parcels.length === 1) this.#awaitFirst();
  }

  /** Loses what is on its way. */
  empty(): void {
    this.#cancelTimer();
    this.#parcels.length = 0;
  }

  #awaitFirst(): void {
    const first = this.#parcels[0];
    if (first) this.#cancelTimer = this.#clock.setTimer(() => this.#deliverFirst(), first.dueMs - this.#clock.nowMs());
  }

  #deliverFirst(): void {
    if (this.#isBlocked()) {
      this.#cancelTimer = this.#clock.setTimer(() => this.#deliverFirst(), RETRANSMIT_MS);
      return;
    }
    const first = this.#parcels.shift();
    this.#awaitFirst();
    first?.deliver();
  }
}
