import type { Clock } from '@innmesh/kit';
import { type Entry, type InnmeshError, isKept, type Reader } from '@innmesh/protocol';
import type { PendingMessage } from '../public-types.ts';
import { DeliveryTracker, type OpenDeliveries } from './delivery.ts';
import { readRanges, writeRanges } from './number-ranges.ts';
import type { Replica, Stream } from './replica.ts';
import { entryIdOf } from './stream.ts';

/** An entry of this device that nobody whom it is for has taken yet. */
interface Awaited {
  readonly stream: Stream;
  readonly seq: number;
  readonly entry: Entry;
  readonly sentAtMs: number;
  readonly expiresAtMs: number;
  readonly tracker: DeliveryTracker;
}

/** By whom it is awaited from: a device's id, or anyone. */
type Queue = Map<number, Awaited>;
const ANYONE = '*';

const pendingMark = (stream: Stream) => `pending ${stream.key}`;

export interface DeliveriesDeps {
  clock: Clock;
  open: OpenDeliveries;
  /** Whether a reader that has the stream up to there was sent this entry: it is for it, and it may read it. */
  isFor(reader: Reader, awaited: Pick<Awaited, 'stream' | 'seq' | 'entry'>): boolean;
  /** Their number has changed. */
  changed(): void;
}

/** What has become of this device's own entries. */
export class Deliveries {
  readonly #deps: DeliveriesDeps;
  /** By stream, then by whom it waits for, in order. */
  readonly #queues = new Map<Stream, Map<string, Queue>>();
  readonly #awaited = new Set<Awaited>();
  /** Streams whose list is kept in an older state. */
  readonly #dirty = new Set<Stream>();
  #nothingExpiresBeforeMs = Number.POSITIVE_INFINITY;

  constructor(deps: DeliveriesDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#awaited.size;
  }

  /** In the order in which they were sent. */
  pending(): PendingMessage[] {
    return [...this.#awaited].map(({ stream, seq, entry: { type }, sentAtMs, expiresAtMs }) => {
      return { id: entryIdOf(stream, seq), type, sentAtMs, expiresAtMs };
    });
  }

  /** What becomes of it; what is not pending any more has arrived, as what has not arrived is, until its time is over. */
  async follow(id: string): Promise<void> {
    for (const { tracker } of this.#awaited) if (tracker.id === id) return tracker.delivered;
  }

  add(awaited: Omit<Awaited, 'tracker'>, stored: Promise<void>): DeliveryTracker {
    const { stream, seq, entry, expiresAtMs } = awaited;
    const tracker = this.#trackerOf(entryIdOf(stream, seq), entry.type, stored);
    const whole = { ...awaited, tracker };
    this.#awaited.add(whole);
    for (const name of namesOf(entry)) this.#queue(stream, name).set(seq, whole);
    this.#nothingExpiresBeforeMs = Math.min(this.#nothingExpiresBeforeMs, expiresAtMs);
    this.#touch(stream);
    return tracker;
  }

  /** One that the application has from before `disconnect()` is the one. */
  #trackerOf(id: string, type: string, stored: Promise<void>): DeliveryTracker {
    const { open } = this.#deps;
    const tracker = open.get(id) ?? new DeliveryTracker(id, type, stored);
    open.set(id, tracker);
    return tracker;
  }

  /** The first number of the stream that is pending; `Infinity` where none is. */
  firstPending(key: string): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { stream, seq } of this.#awaited) if (stream.key === key) first = Math.min(first, seq);
    return first;
  }

  /** Whether something that names this device has been on its way for so long. */
  isAwaitedBy(peerId: string, forMs = 0): boolean {
    const sinceMs = this.#deps.clock.nowMs() - forMs;
    for (const byName of this.#queues.values()) {
      const [oldest] = byName.get(peerId)?.values() ?? [];
      if (oldest && oldest.sentAtMs <= sinceMs) return true;
    }
    return false;
  }

  /** All that is kept has been added: what is not among it never comes. */
  restored(): void {
    const pending = new Set([...this.#awaited].map(({ tracker }) => tracker));
    for (const [id, tracker] of this.#deps.open) {
      if (pending.has(tracker)) continue;
      tracker.fail('expired');
      this.#deps.open.delete(id);
    }
  }

  /** The reader has the stream up to `seq`: whatever of it is for it has arrived. */
  taken(reader: Reader, stream: Stream, seq: number): void {
    for (const name of [reader.peerId, ANYONE]) {
      for (const [number, awaited] of this.#queues.get(stream)?.get(name) ?? []) {
        if (number > seq) break;
        if (!this.#deps.isFor(reader, awaited)) continue;
        // What was past its time when its turn came was not sent.
        if (awaited.expiresAtMs <= this.#deps.clock.nowMs()) awaited.tracker.fail('expired');
        else awaited.tracker.succeed();
        this.#remove(awaited);
      }
    }
  }

  /** These have arrived at one whom they are for. */
  received(key: string, covers: (seq: number) => boolean): void {
    for (const awaited of this.#awaited) {
      if (awaited.stream.key !== key || !covers(awaited.seq)) continue;
      awaited.tracker.succeed();
      this.#remove(awaited);
    }
  }

  /** Nobody whom it is for may have it after all. */
  fail(stream: Stream, seq: number, error: InnmeshError): void {
    for (const awaited of this.#awaited) {
      if (awaited.stream !== stream || awaited.seq !== seq) continue;
      awaited.tracker.failWith(error);
      this.#remove(awaited);
    }
  }

  /** Gives up what is past its time. */
  expire(): void {
    const nowMs = this.#deps.clock.nowMs();
    if (nowMs < this.#nothingExpiresBeforeMs) return;
    this.#nothingExpiresBeforeMs = Number.POSITIVE_INFINITY;
    for (const awaited of this.#awaited) {
      if (awaited.expiresAtMs > nowMs) {
        this.#nothingExpiresBeforeMs = Math.min(this.#nothingExpiresBeforeMs, awaited.expiresAtMs);
      } else {
        awaited.tracker.fail('expired');
        this.#remove(awaited);
      }
    }
  }

  /** The application has disconnected: what is kept is sent when it is back, the rest never. */
  abandonPassing(): void {
    for (const awaited of this.#awaited) {
      if (isKept(awaited.stream.series)) continue;
      awaited.tracker.fail('disconnected');
      this.#remove(awaited);
    }
  }

  /** Keeps which numbers are pending, where that has changed. Rejects where it cannot be kept. */
  async note({ log }: Replica): Promise<void> {
    const streams = [...this.#dirty].filter(({ series }) => isKept(series));
    this.#dirty.clear();
    if (streams.length === 0) return;
    try {
      const marks = streams.map((stream): [string, string] => {
        return [pendingMark(stream), `${stream.last} ${writeRanges(this.#numbersOf(stream))}`];
      });
      // A receipt that was handed over is noted anyway too, and does not come again.
      await log.setMarks(marks, marks);
    } catch (error) {
      for (const stream of streams) this.#dirty.add(stream);
      throw error;
    }
  }

  #numbersOf(stream: Stream): number[] {
    const numbers = [...this.#awaited].filter((awaited) => awaited.stream === stream).map(({ seq }) => seq);
    return numbers.sort((one, other) => one - other);
  }

  #queue(stream: Stream, name: string): Queue {
    const byName = this.#queues.get(stream) ?? new Map<string, Queue>();
    this.#queues.set(stream, byName);
    const queue = byName.get(name) ?? new Map();
    byName.set(name, queue);
    return queue;
  }

  #remove(awaited: Awaited): void {
    if (!this.#awaited.delete(awaited)) return;
    this.#deps.open.delete(awaited.tracker.id);
    const { stream, seq, entry } = awaited;
    for (const name of namesOf(entry)) {
      const queue = this.#queues.get(stream)?.get(name);
      queue?.delete(seq);
      if (queue?.size === 0) this.#queues.get(stream)?.delete(name);
    }
    this.#touch(stream);
  }

  #touch(stream: Stream): void {
    this.#dirty.add(stream);
    this.#deps.changed();
  }
}

const namesOf = ({ audience }: Awaited['entry']): string[] => (audience.to === 'devices' ? audience.names : [ANYONE]);

/** Whether an entry of this device was pending when it was noted last; what was written since, is. */
export function wasPending(replica: Replica, stream: Stream): (seq: number) => boolean {
  const [notedUpTo = '0', ranges = ''] = (replica.log.mark(pendingMark(stream)) ?? '').split(' ');
  const isNoted = readRanges(ranges);
  return (seq) => seq > Number(notedUpTo) || isNoted(seq);
}
