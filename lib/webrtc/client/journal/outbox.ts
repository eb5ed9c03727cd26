import type { Clock } from '@innmesh/kit';
import {
  type DeviceType,
  decodeMessage,
  encodeMessage,
  limits,
  NotEntitledError,
  parseMessage,
  type ReceivedMessage,
  toBase64url,
} from '@innmesh/protocol';
import { OutboxFullError } from '../errors.ts';
import { LANE_COUNT, type Lane, lanes } from '../link/transport.ts';
import { addresseesOf } from './addressees.ts';
import { DeliveryTracker } from './delivery.ts';
import { timeToLiveMs } from './time-to-live.ts';

/** A message of this device that somebody has not got yet. */
export interface OutboundEntry {
  readonly type: string;
  readonly lane: Lane;
  /** Its place among this device's entries of that lane, from 1. */
  readonly seq: number;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly expiresAtMs: number;
  readonly delivery: DeliveryTracker;
  /** Who is to have it and has not said so. */
  readonly awaiting: Set<string>;
}

/** An entry that was sent to all while nobody was there, and who has claimed it since. */
type Claims = Set<string>;

/** Keeps what waits for absent devices from filling the memory of a device that runs for weeks. */
const MAX_ENTRIES = 100_000;
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * What this device has written and others have not taken yet, in order. A link that opens is sent what its peer lacks;
 * the peer's cursor takes entries out. In memory: a reload empties it.
 */
export class Outbox {
  /** New with each outbox, so that nobody takes its entries for those of an earlier one. */
  readonly journal: Uint8Array<ArrayBuffer>;
  readonly #idPrefix: string;
  readonly #clock: Clock;
  /** The oldest first. */
  readonly #entries = new Set<OutboundEntry>();
  /** What each peer is to have, by lane, in the order of `seq`: an acknowledgement looks at nobody else's. */
  readonly #queues = new Map<string, Set<OutboundEntry>[]>();
  readonly #unclaimed = new Map<OutboundEntry, Claims>();
  readonly #lastSeq: number[] = Array.from({ length: LANE_COUNT }, () => 0);
  #bytes = 0;
  #nothingExpiresBeforeMs = Number.POSITIVE_INFINITY;
  /** Entries that one device has and others wait for: what may go when there is no room. */
  readonly #partlyDelivered = new Set<OutboundEntry>();

  constructor(journal: Uint8Array<ArrayBuffer>, clock: Clock) {
    this.journal = journal;
    this.#idPrefix = toBase64url(journal);
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * Takes in a message for these devices; for none, it is kept for those of its kind that come.
   * @throws MessageTooLargeError, OutboxFullError
   */
  add(message: ReceivedMessage, recipients: readonly string[]): OutboundEntry {
    const body = encodeMessage(message);
    this.#makeRoom(body.length);
    const lane = body.length < limits.channelFrameBytes / 2 ? lanes.entries : lanes.bulk;
    const seq = (this.#lastSeq[lane] ?? 0) + 1;
    this.#lastSeq[lane] = seq;
    const entry: OutboundEntry = {
      type: message.type,
      lane,
      seq,
      body,
      expiresAtMs: this.#clock.nowMs() + timeToLiveMs(message.type),
      delivery: new DeliveryTracker(`${this.#idPrefix}-${lane}-${seq}`, message.type),
      awaiting: new Set(),
    };
    this.#entries.add(entry);
    this.#nothingExpiresBeforeMs = Math.min(this.#nothingExpiresBeforeMs, entry.expiresAtMs);
    this.#bytes += body.length;
    for (const peerId of recipients) this.#address(entry, peerId);
    if (recipients.length === 0) this.#unclaimed.set(entry, new Set());
    return entry;
  }

  /**
   * What a peer is to have and lacks, in order; entries that wait for one of its kind become the peer's. What it may not
   * read, now that it is known who it is, fails.
   */
  claimFor(peerId: string, deviceType: DeviceType, mayRead: (message: ReceivedMessage) => boolean): OutboundEntry[] {
    const queued = (this.#queues.get(peerId) ?? []).flatMap((queue) => [...queue]);
    for (const entry of queued) this.#release(entry, peerId);
    const claimed = [
      ...this.#claim(peerId, deviceType, mayRead),
      ...queued.filter((entry) => mayRead(messageOf(entry))),
    ];
    for (const entry of claimed) this.#address(entry, peerId);
    for (const entry of queued) if (!this.#isAwaited(entry)) this.#withhold(entry);
    return claimed.sort((a, b) => a.seq - b.seq);
  }

  *#claim(
    peerId: string,
    deviceType: DeviceType,
    mayRead: (message: ReceivedMessage) => boolean,
  ): Generator<OutboundEntry> {
    for (const [entry, claims] of this.#unclaimed) {
      const { devices, each } = addresseesOf(entry.type);
      if (!devices.includes(deviceType) || claims.has(peerId)) continue;
      if (!mayRead(messageOf(entry))) continue;
      claims.add(peerId);
      if (!each) this.#unclaimed.delete(entry);
      yield entry;
    }
  }

  /** Whether anybody is still to have it. */
  #isAwaited(entry: OutboundEntry): boolean {
    return entry.awaiting.size > 0 || this.#unclaimed.has(entry);
  }

  /** It was sent to a device that now turns out to be of another role. */
  #withhold(entry: OutboundEntry): void {
    entry.delivery.failWith(new NotEntitledError(`This "${entry.type}" message may not go to the device.`));
    this.#remove(entry);
  }

  /** The peer has all of the lane up to `seq`. */
  acknowledge(peerId: string, lane: Lane, seq: number): void {
    for (const entry of this.#queues.get(peerId)?.[lane] ?? []) {
      if (entry.seq > seq) return;
      this.#release(entry, peerId);
      entry.delivery.succeed();
      if (this.#isAwaited(entry)) this.#partlyDelivered.add(entry);
      else this.#remove(entry);
    }
  }

  /** Drops what is past its time. */
  expire(): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs < this.#nothingExpiresBeforeMs) return;
    this.#nothingExpiresBeforeMs = Number.POSITIVE_INFINITY;
    for (const entry of this.#entries) {
      if (entry.expiresAtMs > nowMs) {
        this.#nothingExpiresBeforeMs = Math.min(this.#nothingExpiresBeforeMs, entry.expiresAtMs);
      } else {
        entry.delivery.fail('expired');
        this.#remove(entry);
      }
    }
  }

  /** Drops everything: the application has disconnected. */
  abandon(): void {
    for (const entry of this.#entries) {
      entry.delivery.fail('disconnected');
      this.#remove(entry);
    }
  }

  /** What is past its time goes first, then what at least one device has, and what nobody has never. */
  #makeRoom(bytes: number): void {
    if (!this.#fits(bytes)) this.expire();
    for (const entry of this.#partlyDelivered) {
      if (this.#fits(bytes)) return;
      this.#remove(entry);
    }
    if (!this.#fits(bytes)) throw new OutboxFullError(this.size, this.#bytes);
  }

  #fits(bytes: number): boolean {
    return this.size < MAX_ENTRIES && this.#bytes + bytes <= MAX_BYTES;
  }

  #address(entry: OutboundEntry, peerId: string): void {
    let queues = this.#queues.get(peerId);
    if (!queues) {
      queues = Array.from({ length: LANE_COUNT }, () => new Set());
      this.#queues.set(peerId, queues);
    }
    entry.awaiting.add(peerId);
    queues[entry.lane]?.add(entry);
  }

  #release(entry: OutboundEntry, peerId: string): void {
    const queues = this.#queues.get(peerId);
    entry.awaiting.delete(peerId);
    queues?.[entry.lane]?.delete(entry);
    if (queues?.every(({ size }) => size === 0)) this.#queues.delete(peerId);
  }

  #remove(entry: OutboundEntry): void {
    if (!this.#entries.delete(entry)) return;
    for (const peerId of [...entry.awaiting]) this.#release(entry, peerId);
    this.#unclaimed.delete(entry);
    this.#partlyDelivered.delete(entry);
    this.#bytes -= entry.body.length;
  }
}

const messageOf = ({ body }: OutboundEntry): ReceivedMessage => parseMessage(decodeMessage(body));
