import type { CancelTimer, Clock } from '@innmesh/kit';

/** The next try, when its time has come; one at a time. */
export class RetryTimer {
  readonly #clock: Clock;
  #cancel: CancelTimer | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isPending(): boolean {
    return this.#cancel !== null;
  }

  start(attempt: () => void, delayMs: number): void {
    this.cancel();
    this.#cancel = this.#clock.setTimer(() => {
      this.#cancel = null;
      attempt();
    }, delayMs);
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
