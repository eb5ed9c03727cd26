import { type CancelTimer, type Clock, ManualClock } from '@innmesh/kit';

/** A clock that goes from one due timer to the next and lets every promise settle in between. */
export class VirtualTime extends ManualClock {
  /** Moves time on by `byMs`. */
  async pass(byMs: number): Promise<void> {
    const endMs = this.nowMs() + byMs;
    for (let next = this.nextDueMs; next <= endMs; next = this.nextDueMs) {
      this.advance(Math.max(0, next - this.nowMs()));
      await settled();
    }
    this.advance(endMs - this.nowMs());
  }

  /** Moves time on until `condition` holds, for `atMostMs`; whether it came to hold. */
  async until(condition: () => boolean, atMostMs: number): Promise<boolean> {
    const endMs = this.nowMs() + atMostMs;
    while (!condition() && this.nowMs() < endMs) await this.pass(10);
    return condition();
  }
}

/** Once every promise that can go on without time has done so: Node's ticks come when no microtask is left. */
const settled = () => new Promise<void>((resolve) => process.nextTick(resolve));

/** A device's own view of the clock, which stops with the device. */
export class MortalClock implements Clock {
  readonly #clock: Clock;
  readonly #pending = new Set<CancelTimer>();
  #dead = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get pendingTimers(): number {
    return this.#pending.size;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  setTimer(callback: () => void, delayMs: number): CancelTimer {
    if (this.#dead) return () => {};
    const cancelTimer = this.#clock.setTimer(() => {
      this.#pending.delete(cancel);
      callback();
    }, delayMs);
    const cancel = () => {
      this.#pending.delete(cancel);
      cancelTimer();
    };
    this.#pending.add(cancel);
    return cancel;
  }

  die(): void {
    this.#dead = true;
    for (const cancel of this.#pending) cancel();
  }
}
