import type { CancelTimer, Clock } from '@innmesh/kit';

type Frame = Uint8Array<ArrayBuffer>;

/** How often a device is told of those who come and go, where they are many. */
const INTERVAL_MS = 1_000;

/**
 * Who comes into a device's room and who leaves it, as the device is told. The first news at once; what follows within a
 * second waits for its end, or for anything else that the device is sent, which it leaves before. Of a hotel of 50 that
 * comes back within seconds each device would otherwise be told in 49 pieces, and to write those is most of a join's cost.
 */
export class News {
  readonly #clock: Clock;
  readonly #send: (frame: Frame) => void;
  #waiting: Frame[] = [];
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: CancelTimer = () => {};

  constructor(clock: Clock, send: (frame: Frame) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  tell(frame: Frame): void {
    this.#waiting.push(frame);
    if (this.#waiting.length > 1) return;
    const leftMs = this.#toldAtMs + INTERVAL_MS - this.#clock.monotonicMs();
    if (leftMs <= 0) this.flush();
    else this.#cancelTimer = this.#clock.setTimer(() => this.flush(), leftMs);
  }

  /** What waits, now. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    this.#cancelTimer();
    this.#toldAtMs = this.#clock.monotonicMs();
    for (const frame of this.#waiting.splice(0)) this.#send(frame);
  }

  /** What waits is not sent any more. */
  stop(): void {
    this.#cancelTimer();
    this.#waiting = [];
  }
}
