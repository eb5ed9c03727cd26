import type { Clock } from '@innmesh/kit';
import { encodeMessage, limits, type P2PMessage } from '@innmesh/protocol';
import { OutboxFullError } from '../errors.ts';
import { LANE_COUNT, type Lane, lanes } from '../link/transport.ts';
import { DeliveryTracker } from './delivery.ts';
import { timeToLiveMs } from './time-to-live.ts';

/** A message of this device that somebody has not got yet. */
export interface OutboundEntry {
  readonly lane: Lane;
  /** Its place among this device's entries of that lane, from 1. */
  readonly seq: number;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly expiresAtMs: number;
  readonly delivery: DeliveryTracker;
  /** Who is to have it and has not said so; `null` while nobody is there: whoever comes first. */
  awaiting: Set<string> | null;
}

/** Keeps what waits for absent devices from filling the memory of a device that runs for weeks. */
const MAX_ENTRIES = 100_000;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * What this device has written and others have not taken yet, in order. A link that opens is sent what its peer lacks;
 * the peer's cursor takes entries out. In memory: a reload empties it.
 */
export class Outbox {
  readonly #ownerId: string;
  readonly #clock: Clock;
  /** By lane, in the order of `seq`. */
  readonly #entries: Map<number, OutboundEntry>[] = Array.from({ length: LANE_COUNT }, () => new Map());
  readonly #lastSeq: number[] = Array.from({ length: LANE_COUNT }, () => 0);
  #bytes = 0;

  constructor(ownerId: string, clock: Clock) {
    this.#ownerId = ownerId;
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Takes in a message for these devices; for none, it is kept for the first that comes.
   * @throws MessageTooLargeError, OutboxFullError
   */
  add(message: P2PMessage, recipients: readonly string[]): OutboundEntry {
    const body = encodeMessage(message);
    this.#makeRoom(body.length);
    const lane = body.length < limits.channelFrameBytes / 2 ? lanes.entries : lanes.bulk;
    const seq = (this.#lastSeq[lane] ?? 0) + 1;
    this.#lastSeq[lane] = seq;
    const entry: OutboundEntry = {
      lane,
      seq,
      body,
      expiresAtMs: this.#clock.nowMs() + timeToLiveMs(message.type),
      delivery: new DeliveryTracker(`${this.#ownerId}-${lane}-${seq}`, message.type),
      awaiting: recipients.length > 0 ? new Set(recipients) : null,
    };
    this.#entries[lane]?.set(seq, entry);
    this.#bytes += body.length;
    return entry;
  }

  /** What a peer is to have and lacks, in order; entries that wait for anybody become the peer's. */
  claimFor(peerId: string): OutboundEntry[] {
    const claimed: OutboundEntry[] = [];
    for (const entry of this.#all()) {
      entry.awaiting ??= new Set([peerId]);
      if (entry.awaiting.has(peerId)) claimed.push(entry);
    }
    return claimed;
  }

  /** The peer has all of the lane up to `seq`. */
  acknowledge(peerId: string, lane: Lane, seq: number): void {
    for (const entry of this.#entries[lane]?.values() ?? []) {
      if (entry.seq > seq) return;
      if (!entry.awaiting?.delete(peerId)) continue;
      entry.delivery.succeed();
      if (entry.awaiting.size === 0) this.#remove(entry);
    }
  }

  /** Drops what is past its time. */
  expire(): void {
    const nowMs = this.#clock.nowMs();
    for (const entry of this.#all()) {
      if (entry.expiresAtMs > nowMs) continue;
      entry.delivery.fail('expired');
      this.#remove(entry);
    }
  }

  /** Drops everything: the application has disconnected. */
  abandon(): void {
    for (const entry of this.#all()) {
      entry.delivery.fail('disconnected');
      this.#remove(entry);
    }
  }

  /** First what is past its time goes, then what at least one device has; never what nobody has. */
  #makeRoom(bytes: number): void {
    const fits = () => this.size < MAX_ENTRIES && this.#bytes + bytes <= MAX_BYTES;
    if (fits()) return;
    this.expire();
    for (const entry of this.#all()) {
      if (fits()) return;
      if (entry.delivery.status === 'delivered') this.#remove(entry);
    }
    if (!fits()) throw new OutboxFullError(this.size, this.#bytes);
  }

  *#all(): Generator<OutboundEntry> {
    for (const entries of this.#entries) yield* entries.values();
  }

  #remove(entry: OutboundEntry): void {
    if (this.#entries[entry.lane]?.delete(entry.seq)) this.#bytes -= entry.body.length;
  }
}
