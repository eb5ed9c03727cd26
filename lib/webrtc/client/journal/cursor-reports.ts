import type { CancelTimer, Clock } from '@innmesh/kit';
import type { Stream } from './replica.ts';

/** A cursor waits this long for more to come, unless none was sent for as long. */
const INTERVAL_MS = 20;
/** It does not wait when so much has come since the last one, so that a sender's window keeps moving. */
const MAX_ENTRIES = 64;
const MAX_BYTES = 64 * 1024;
/** To those who do not hand the stream on to this device, and are told only so that they know whom to ask. */
const NEWS_INTERVAL_MS = 100;

/** Turns what has come into as few cursor messages as keep a sender going. */
export class CursorReports {
  readonly #clock: Clock;
  readonly #send: (stream: Stream) => void;
  readonly #due = new Set<Stream>();
  #entries = 0;
  #bytes = 0;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: CancelTimer | null = null;
  #cancelNews: CancelTimer | null = null;

  constructor(clock: Clock, send: (stream: Stream) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** The peer has handed on entries of it, which are here for good now. */
  taken(stream: Stream, entries: number, sizeBytes: number): void {
    this.#due.add(stream);
    this.#entries += entries;
    this.#bytes += sizeBytes;
    const quietMs = this.#clock.monotonicMs() - this.#sentAtMs;
    if (this.#entries >= MAX_ENTRIES || this.#bytes >= MAX_BYTES || quietMs >= INTERVAL_MS) this.flush();
    else this.#cancelTimer ??= this.#clock.setTimer(() => this.flush(), INTERVAL_MS - quietMs);
  }

  /** Somebody else has. */
  news(stream: Stream): void {
    this.#due.add(stream);
    this.#cancelNews ??= this.#clock.setTimer(() => this.flush(), NEWS_INTERVAL_MS);
  }

  flush(): void {
    this.cancel();
    this.#sentAtMs = this.#clock.monotonicMs();
    this.#entries = 0;
    this.#bytes = 0;
    for (const stream of this.#due) this.#send(stream);
    this.#due.clear();
  }

  forget(stream: Stream): void {
    this.#due.delete(stream);
  }

  cancel(): void {
    this.#cancelTimer?.();
    this.#cancelNews?.();
    this.#cancelTimer = null;
    this.#cancelNews = null;
  }
}
