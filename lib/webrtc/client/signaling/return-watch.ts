import type { CancelTimer, Clock } from '@innmesh/kit';

export interface ReturnWatchDeps {
  clock: Clock;
  /** Whether anything answers at a server's address, within `timeoutMs`. */
  answers(url: string, timeoutMs: number): Promise<boolean>;
}

/** An address that did not answer is looked for once a second by the operating system. */
const PATIENCE_MS = 1_000;
const INTERVAL_MS = 500;
/** Whoever is away for longer is not missed by the second. */
const LONG_AWAY_MS = 5 * 60_000;
const LONG_INTERVAL_MS = 5_000;

/**
 * Notices that a device which heard nobody any more is back on its network; some browsers tell nothing of it. By plain
 * requests: of WebSockets that come to nothing browsers take note, and put further ones off for up to a minute.
 */
export class ReturnWatch {
  readonly #urls: readonly string[];
  readonly #deps: ReturnWatchDeps;
  readonly #back: () => void;
  #sinceMs: number | null = null;
  #cancelTimer: CancelTimer = () => {};

  constructor(urls: readonly string[], deps: ReturnWatchDeps, back: () => void) {
    this.#urls = urls;
    this.#deps = deps;
    this.#back = back;
  }

  /** Until one answers, or `stop()`. */
  start(): void {
    if (this.#sinceMs !== null) return;
    this.#sinceMs = this.#deps.clock.monotonicMs();
    this.#askLater();
  }

  stop(): void {
    this.#sinceMs = null;
    this.#cancelTimer();
  }

  #askLater(): void {
    const { clock } = this.#deps;
    const awayMs = clock.monotonicMs() - (this.#sinceMs ?? 0);
    this.#cancelTimer = clock.setTimer(() => this.#ask(), awayMs < LONG_AWAY_MS ? INTERVAL_MS : LONG_INTERVAL_MS);
  }

  async #ask(): Promise<void> {
    const asked = this.#sinceMs;
    const answers = await Promise.all(this.#urls.map((url) => this.#deps.answers(url, PATIENCE_MS)));
    if (this.#sinceMs === null || this.#sinceMs !== asked) return;
    if (!answers.includes(true)) {
      this.#askLater();
      return;
    }
    // Once: a browser may put the WebSocket off that follows, which nobody should begin anew then.
    this.stop();
    this.#back();
  }
}
