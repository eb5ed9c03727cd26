import type { CancelTimer, Clock } from '@innmesh/kit';
import { LANE_COUNT, type Lane } from './transport.ts';

/** An acknowledgement waits this long for more to come, unless none was sent for as long. */
const INTERVAL_MS = 20;
/** It does not wait when so much has come since the last one, so that a sender's window keeps moving. */
const MAX_ENTRIES = 64;
const MAX_BYTES = 64 * 1024;

interface Unacknowledged {
  seq: number;
  entries: number;
  bytes: number;
}

/** Turns what an application has taken into as few cursor messages as keep the sender going. */
export class Acknowledger {
  readonly #clock: Clock;
  readonly #send: (lane: Lane, seq: number) => void;
  readonly #lanes: Unacknowledged[] = Array.from({ length: LANE_COUNT }, () => ({ seq: 0, entries: 0, bytes: 0 }));
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: CancelTimer | null = null;

  constructor(clock: Clock, send: (lane: Lane, seq: number) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  taken(lane: Lane, seq: number, sizeBytes: number): void {
    const waiting = this.#lanes[lane] as Unacknowledged;
    waiting.seq = seq;
    waiting.entries += 1;
    waiting.bytes += sizeBytes;
    const quietMs = this.#clock.monotonicMs() - this.#sentAtMs;
    if (waiting.entries >= MAX_ENTRIES || waiting.bytes >= MAX_BYTES || quietMs >= INTERVAL_MS) this.flush();
    else this.#cancelTimer ??= this.#clock.setTimer(() => this.flush(), INTERVAL_MS - quietMs);
  }

  /** Acknowledges at once whatever has been taken. */
  flush(): void {
    this.cancel();
    this.#sentAtMs = this.#clock.monotonicMs();
    this.#lanes.forEach((waiting, lane) => {
      if (waiting.entries === 0) return;
      this.#send(lane as Lane, waiting.seq);
      waiting.entries = 0;
      waiting.bytes = 0;
    });
  }

  cancel(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }
}
