import { type CancelTimer, type Clock, setRepeating } from '@innmesh/kit';

export interface RoundTripDeps {
  clock: Clock;
  keepaliveMs: number;
  sendPing(nonce: number): void;
  /** Two pings in a row went without an answer. */
  dead(): void;
}

/** How much of a new measurement goes into the smoothed one, and into what it deviates (RFC 6298 §2.3). */
const SMOOTHING = 1 / 8;
const DEVIATION_SMOOTHING = 1 / 4;

/** Keepalive, and the measure of a link's round trip, by the same pings. */
export class RoundTrip {
  /** Smoothed, in milliseconds; `null` before the first answer. */
  smoothedMs: number | null = null;
  /** By how much measurements deviate from that, smoothed as well; `null` before there are two. */
  jitterMs: number | null = null;
  readonly #deps: RoundTripDeps;
  readonly #sentAtMs = new Map<number, number>();
  readonly #listeners = new Set<(answered: boolean) => void>();
  #nonce = 0;
  /** Keepalive pings in a row; those of `probe` are not counted, for many may be on their way at once. */
  #unanswered = 0;
  #cancelKeepalive: CancelTimer | null = null;

  constructor(deps: RoundTripDeps) {
    this.#deps = deps;
  }

  /** Pings at the keepalive interval. Not at once: a page that loads would be measured, and its first message wait. */
  start(): void {
    this.#cancelKeepalive = setRepeating(this.#deps.clock, () => this.#keepAlive(), this.#deps.keepaliveMs);
  }

  stop(): void {
    this.#cancelKeepalive?.();
    this.#tell(false);
  }

  answered(nonce: number): void {
    const sentAtMs = this.#sentAtMs.get(nonce);
    if (sentAtMs === undefined) return;
    const measuredMs = this.#deps.clock.monotonicMs() - sentAtMs;
    this.#sentAtMs.clear();
    this.#unanswered = 0;
    this.#measured(measuredMs);
    this.#tell(true);
  }

  #measured(ms: number): void {
    const { smoothedMs, jitterMs } = this;
    if (smoothedMs !== null) {
      const deviationMs = Math.abs(ms - smoothedMs);
      this.jitterMs = jitterMs === null ? deviationMs : jitterMs + DEVIATION_SMOOTHING * (deviationMs - jitterMs);
    }
    this.smoothedMs = smoothedMs === null ? ms : smoothedMs + SMOOTHING * (ms - smoothedMs);
  }

  /** Pings once; resolves at the answer, or with `false` when there is none within `timeoutMs`. */
  probe(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (answered: boolean) => {
        cancel();
        this.#listeners.delete(finish);
        resolve(answered);
      };
      const cancel = this.#deps.clock.setTimer(() => finish(false), timeoutMs);
      this.#listeners.add(finish);
      this.ping();
    });
  }

  #tell(answered: boolean): void {
    for (const listener of [...this.#listeners]) listener(answered);
  }

  #keepAlive(): void {
    if (this.#unanswered >= 2) {
      this.#deps.dead();
      return;
    }
    this.#unanswered += 1;
    this.ping();
  }

  /** Besides those of the keepalive. */
  ping(): void {
    this.#nonce += 1;
    this.#sentAtMs.set(this.#nonce, this.#deps.clock.monotonicMs());
    this.#deps.sendPing(this.#nonce);
  }
}
