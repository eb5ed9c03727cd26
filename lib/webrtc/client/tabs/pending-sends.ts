import type { Clock } from '@innmesh/kit';
import { encodeMessage, type InnmeshError, type ReceivedMessage } from '@innmesh/protocol';
import { OutboxFullError } from '../errors.ts';
import { DeliveryTracker } from '../journal/delivery.ts';
import { timeToLiveMs } from '../journal/time-to-live.ts';
import type { MessageTarget, PendingMessage } from '../public-types.ts';
import { rebuildError } from './carried-error.ts';
import type { SendReport } from './tab-message.ts';

/** A message of this tab, until it is known what became of it. */
export interface PendingSend {
  readonly number: number;
  readonly message: ReceivedMessage;
  readonly target: MessageTarget | undefined;
  readonly sizeBytes: number;
  readonly sentAtMs: number;
  readonly expiresAtMs: number;
  readonly delivery: DeliveryTracker;
  readonly stored: { resolve(): void; reject(error: Error): void };
  /** The tab that was asked to send it, and since when; `null` while none leads. */
  submitted: { to: string; sinceMs: number } | null;
  isAccepted: boolean;
  isStored: boolean;
}

/** What is not with the leading tab yet is in memory alone. */
const MAX_SENDS = 100_000;
const MAX_BYTES = 256 * 1024 * 1024;
/** For the leader to tell of the end itself. */
const EXPIRY_GRACE_MS = 10_000;

/** What this tab has sent through others, in order. */
export class PendingSends {
  readonly #tabId: string;
  readonly #clock: Clock;
  readonly #timesToLiveMs: Readonly<Record<string, number>>;
  readonly #changed: () => void;
  readonly #sends = new Map<number, PendingSend>();
  #lastNumber = 0;
  #bytes = 0;

  /** `timesToLiveMs`: what the application says, by type. */
  constructor(
    tabId: string,
    clock: Clock,
    timesToLiveMs: Readonly<Record<string, number>> = {},
    changed: () => void = () => {},
  ) {
    this.#tabId = tabId;
    this.#clock = clock;
    this.#timesToLiveMs = timesToLiveMs;
    this.#changed = changed;
  }

  pending(): PendingMessage[] {
    return [...this.#sends.values()].map(({ delivery: { id }, message: { type }, sentAtMs, expiresAtMs }) => {
      return { id, type, sentAtMs, expiresAtMs };
    });
  }

  get size(): number {
    return this.#sends.size;
  }

  /** @throws MessageTooLargeError, OutboxFullError */
  add(message: ReceivedMessage, target: MessageTarget | undefined): PendingSend {
    const sizeBytes = encodeMessage(message).length;
    if (this.size >= MAX_SENDS || this.#bytes + sizeBytes > MAX_BYTES)
      throw new OutboxFullError(this.size, this.#bytes);
    this.#lastNumber += 1;
    const { promise, ...stored } = Promise.withResolvers<void>();
    promise.catch(() => {});
    const send: PendingSend = {
      number: this.#lastNumber,
      message,
      target,
      sentAtMs: this.#clock.nowMs(),
      sizeBytes,
      expiresAtMs: this.#clock.nowMs() + timeToLiveMs(message.type, this.#timesToLiveMs),
      delivery: new DeliveryTracker(`${this.#tabId}-${this.#lastNumber}`, message.type, promise),
      stored,
      submitted: null,
      isAccepted: false,
      isStored: false,
    };
    this.#sends.set(send.number, send);
    this.#bytes += sizeBytes;
    this.#changed();
    return send;
  }

  /** In order, what waits for a tab that takes it. */
  unsubmitted(): PendingSend[] {
    return [...this.#sends.values()].filter(({ submitted }) => !submitted);
  }

  /** Since when a tab has been silent about a message; `null` where nothing is open. */
  unconfirmedSinceMs(): number | null {
    for (const { submitted, isStored } of this.#sends.values()) if (submitted && !isStored) return submitted.sinceMs;
    return null;
  }

  /** What another tab says of one of these; a tab that was given up may still be heard. */
  take(report: SendReport, fromTabId: string): void {
    const send = this.#sends.get(report.number);
    if (!send) return;
    if (report.outcome === 'delivered') this.succeed(send);
    else if (report.outcome === 'failed') this.fail(send, rebuildError(report.error) as InnmeshError);
    else if (send.submitted?.to !== fromTabId) this.#loseTrackOf(send);
    else if (report.outcome === 'accepted') this.accept(send, report.id);
    else this.confirm(send);
  }

  /** It has its number in the device's journal, by which receivers know it. */
  accept(send: PendingSend, id: string): void {
    send.delivery.id = id;
    send.isAccepted = true;
  }

  confirm(send: PendingSend): void {
    send.isStored = true;
    send.stored.resolve();
  }

  succeed(send: PendingSend): void {
    this.confirm(send);
    send.delivery.succeed();
    this.#remove(send);
  }

  fail(send: PendingSend, error: InnmeshError): void {
    send.delivery.failWith(error);
    this.#remove(send);
  }

  /**
   * What it had kept is in the journal of the next one, and what it had not taken is for that one to send. What it was about to
   * keep may have arrived or not, and must not arrive twice.
   */
  leaderLost(): void {
    for (const send of this.#sends.values()) {
      if (send.isAccepted && !send.isStored) this.#loseTrackOf(send);
      else send.submitted = null;
    }
  }

  expire(): void {
    const nowMs = this.#clock.nowMs();
    for (const send of this.#sends.values()) {
      const graceMs = send.submitted ? EXPIRY_GRACE_MS : 0;
      if (nowMs < send.expiresAtMs + graceMs) continue;
      send.delivery.fail('expired');
      this.#remove(send);
    }
  }

  /** The application has disconnected. */
  abandon(): void {
    for (const send of this.#sends.values()) this.#loseTrackOf(send);
  }

  #loseTrackOf(send: PendingSend): void {
    send.delivery.fail('disconnected');
    this.#remove(send);
  }

  #remove(send: PendingSend): void {
    if (this.#sends.delete(send.number)) {
      this.#bytes -= send.sizeBytes;
      this.#changed();
    }
    // Settled either way: nobody waits for good.
    send.delivery.delivered.then(send.stored.resolve, send.stored.reject);
  }
}
