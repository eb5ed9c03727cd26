import { type Clock, TokenBucket } from '@innmesh/kit';
import type { RelayRate } from '@innmesh/protocol';

/** The rest of a burst is for frames that come to the server closer together than they were sent. */
const OWN_SHARE = 0.5;
/** What no long transfer may use up, so that an order need not wait; less where the server gives little. */
const RESERVE_BYTES = 32 * 1024;
const RESERVE_SHARE = 0.25;

/** How fast this device may send sealed frames, over all of its relayed links. */
export class RelayPace {
  readonly #clock: Clock;
  #rate: RelayRate | null = null;
  #bucket: TokenBucket | null = null;
  #reserveBytes = 0;
  #pausedUntilMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the server hands sealed frames on. */
  get isOffered(): boolean {
    return this.#bucket !== null;
  }

  /** What the server has said in its welcome; `null`: nothing is handed on. */
  keepTo(rate: RelayRate | null): void {
    const { burstBytes, bytesPerSecond } = rate ?? {};
    if (this.#rate?.burstBytes === burstBytes && this.#rate?.bytesPerSecond === bytesPerSecond) return;
    this.#rate = rate;
    this.#bucket =
      rate && new TokenBucket({ burst: rate.burstBytes * OWN_SHARE, perSecond: rate.bytesPerSecond }, this.#clock);
    this.#reserveBytes = rate ? Math.min(RESERVE_BYTES, rate.burstBytes * OWN_SHARE * RESERVE_SHARE) : 0;
  }

  /** The server has asked for it. */
  pause(pauseMs: number): void {
    this.#pausedUntilMs = this.#clock.monotonicMs() + pauseMs;
  }

  /** How long to wait until so much may go, in milliseconds; 0: it may, and is counted. */
  take(bytes: number, isUrgent: boolean): number {
    const pausedMs = this.#pausedUntilMs - this.#clock.monotonicMs();
    if (pausedMs > 0) return Math.ceil(pausedMs);
    const waitMs = this.#bucket?.waitMs(isUrgent ? bytes : bytes + this.#reserveBytes) ?? 0;
    if (waitMs === 0) this.#bucket?.take(bytes);
    return waitMs;
  }
}
