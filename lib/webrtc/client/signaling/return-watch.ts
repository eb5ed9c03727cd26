import type { CancelTimer, Clock } from '@innmesh/kit';

export interface ReturnWatchDeps {
  clock: Clock;
  /** Whether a server may be asked at all. */
  mayAsk(url: string): boolean;
  /** Whether anything answers at a server's address, within `timeoutMs`. */
  answersAt(url: string, timeoutMs: number): Promise<boolean>;
}

/** An address that did not answer is looked for once a second by the operating system. */
const PATIENCE_MS = 1_000;
const INTERVAL_MS = 500;
/**
 * A network that has just come back takes some tenths of a second to carry anything. An address that was looked for before that is
 * given up within another second, and all requests to it fail then, whenever they were sent.
 */
const HURRY = { forMs: 1_500, intervalMs: 150, patienceMs: 500 };
/** Whoever is away for longer is not missed by the second. */
const LONG_AWAY_MS = 5 * 60_000;
const LONG_INTERVAL_MS = 5_000;

/**
 * Notices that a device which heard nobody any more is back on its network; some browsers tell nothing of it. By plain
 * requests: of WebSockets that come to nothing browsers take note, and put further ones off for up to a minute.
 */
export class ReturnWatch {
  /** All servers are asked: what none of them answers, no WebSocket would reach. */
  readonly asksAll: boolean;
  readonly #urls: readonly string[];
  readonly #deps: ReturnWatchDeps;
  readonly #back: () => void;
  #wait: { sinceMs: number } | null = null;
  #hurriedUntilMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: CancelTimer = () => {};

  constructor(urls: readonly string[], deps: ReturnWatchDeps, back: () => void) {
    this.#urls = urls.filter((url) => deps.mayAsk(url));
    this.asksAll = this.#urls.length === urls.length;
    this.#deps = deps;
    this.#back = back;
  }

  get isWaiting(): boolean {
    return this.#wait !== null;
  }

  /** Asks now, and then until one answers, or `stop()`. */
  start(): void {
    if (this.isWaiting || this.#urls.length === 0) return;
    this.#wait = { sinceMs: this.#deps.clock.monotonicMs() };
    this.#askAll(this.#wait);
  }

  /** The network may be there again: asks now, where it waits, and for a while more often. */
  hurry(): void {
    if (!this.#wait) return;
    this.#cancelTimer();
    this.#hurriedUntilMs = this.#deps.clock.monotonicMs() + HURRY.forMs;
    this.#askAll(this.#wait);
  }

  stop(): void {
    this.#wait = null;
    this.#cancelTimer();
  }

  /** Each request in its own time: one that was sent a moment too early would keep the next ones waiting. */
  #askAll(wait: { sinceMs: number }): void {
    const { clock } = this.#deps;
    const nowMs = clock.monotonicMs();
    const isHurried = nowMs < this.#hurriedUntilMs;
    const restMs = nowMs - wait.sinceMs < LONG_AWAY_MS ? INTERVAL_MS : LONG_INTERVAL_MS;
    this.#cancelTimer = clock.setTimer(() => this.#askAll(wait), isHurried ? HURRY.intervalMs : restMs);
    for (const url of this.#urls) this.#ask(url, wait, isHurried ? HURRY.patienceMs : PATIENCE_MS);
  }

  async #ask(url: string, wait: { sinceMs: number }, timeoutMs: number): Promise<void> {
    if (!(await this.#deps.answersAt(url, timeoutMs)) || this.#wait !== wait) return;
    // Once: a browser may put the WebSocket off that follows, which nobody should begin anew then.
    this.stop();
    this.#back();
  }
}
