import type { Stream } from './replica.ts';

/** So much may be on its way that the peer has not confirmed; what is more waits in the log. */
const WINDOW_BYTES = 4 * 1024 * 1024;

/** What is said of one stream on one link. */
export class Outgoing {
  readonly stream: Stream;
  /** By which this side speaks of it. */
  readonly number: number;
  /** By the transport's streams, as none waits for another. */
  readonly declaredOn = new Set<number>();
  /** The peer asked for it to be handed on. */
  isWanted = false;
  /** Entries up to here have been sent, or are not for the peer. */
  sent = 0;
  /** Up to here the peer knows that it was sent everything that is for it. */
  vouched = 0;
  /** When the peer was asked for the stream. */
  wantedAtMs = Number.NEGATIVE_INFINITY;
  /** Their writer's signatures, up to here. */
  sealed = 0;
  /** What the log holds is being read. */
  isPumping = false;
  /** How often it was begun anew: what was read before is not what comes next. */
  begun = 0;
  /** There is more since the last read was begun. */
  hasMore = false;
  /** Where the peer's cursor stands as far as is known. */
  confirmed = 0;
  /** By number, what was sent and is not confirmed. */
  readonly #unconfirmed = new Map<number, number>();
  #unconfirmedBytes = 0;

  constructor(stream: Stream, number: number) {
    this.stream = stream;
    this.number = number;
  }

  /** From there on, whatever was said before. */
  beginAt(seq: number): void {
    this.begun += 1;
    this.sent = seq;
    this.sealed = seq;
    this.vouched = seq;
    this.confirmed = seq;
    this.#unconfirmed.clear();
    this.#unconfirmedBytes = 0;
  }

  /** Nothing that was sent is on its way. */
  get isConfirmed(): boolean {
    return this.#unconfirmed.size === 0;
  }

  get hasRoom(): boolean {
    return this.#unconfirmed.size === 0 || this.#unconfirmedBytes < WINDOW_BYTES;
  }

  note(seq: number, sizeBytes: number): void {
    this.#unconfirmed.set(seq, sizeBytes);
    this.#unconfirmedBytes += sizeBytes;
  }

  confirm(seq: number): void {
    this.confirmed = Math.max(this.confirmed, seq);
    for (const [number, sizeBytes] of this.#unconfirmed) {
      if (number > seq) return;
      this.#unconfirmed.delete(number);
      this.#unconfirmedBytes -= sizeBytes;
    }
  }
}
