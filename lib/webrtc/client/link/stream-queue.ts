import { MAX_BATCHED_BYTES, type OutgoingRecord, recordBytes } from '@innmesh/protocol';

interface Waiting extends OutgoingRecord {
  next: Waiting | null;
}

/** What waits of one stream, in its order. Linked, as a device that comes back may find 100,000 entries to send. */
export class StreamQueue {
  readonly number: number;
  first: Waiting | null = null;
  /** How much of the first record is sent already, where that is cut. */
  offset = 0;
  #last: Waiting | null = null;

  constructor(number: number) {
    this.number = number;
  }

  /** The first record goes into a batch, whole. */
  get isShort(): boolean {
    return this.firstBytes <= MAX_BATCHED_BYTES;
  }

  get firstBytes(): number {
    return this.first ? recordBytes(this.first) : 0;
  }

  push(head: Uint8Array, body: Uint8Array): void {
    const waiting: Waiting = { head, body, next: null };
    if (this.#last) this.#last.next = waiting;
    else this.first = waiting;
    this.#last = waiting;
  }

  shift(): void {
    this.first = this.first?.next ?? null;
    if (!this.first) this.#last = null;
    this.offset = 0;
  }
}
