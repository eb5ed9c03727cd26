import { backoffDelayMs, type CancelTimer, type Clock, type Random } from '@innmesh/kit';
import type { Entry } from '@innmesh/protocol';
import type { Stream, Taken } from './replica.ts';

/** An entry that is for this device's application. */
export interface HandedEntry {
  readonly stream: Stream;
  readonly seq: number;
  readonly entry: Entry;
  /** By this device's clock. */
  readonly expiresAtMs: number;
}

export interface HandOverDeps {
  clock: Clock;
  random: Random;
  /** Gives it to the application. Throws or rejects where that has not taken it; then it is given again. */
  deliver(handed: HandedEntry): void | Promise<void>;
  /** An attempt that failed, the first one or another. */
  failed(error: unknown, handed: HandedEntry): void;
  /** A stream's hand-over has gone on; to be kept. */
  moved(stream: Stream): void;
}

/** How far a stream is with the application. */
interface Progress {
  readonly taken: Taken;
  /** The last that has come. */
  last: number;
  /** What of it has come and is not done, in order. */
  readonly open: Set<number>;
}

/** What waits behind an entry that was not taken yet. */
interface Queue {
  readonly waiting: HandedEntry[];
  failures: number;
  cancelRetry: CancelTimer;
}

/** A handler that failed is called again after about 1, 2, 4 … 30 s. */
const RETRY = { baseMs: 1_000, maxMs: 30_000 };

/**
 * Hands entries over to the application, each once, in order of its writer. One that the application does not take is
 * offered again, and holds up only what its writer wrote of the same type.
 */
export class HandOver {
  readonly #deps: HandOverDeps;
  /** By stream and type, where one waits. */
  readonly #queues = new Map<string, Queue>();
  readonly #progress = new Map<Stream, Progress>();
  readonly #held = new Map<Stream, (() => void)[]>();
  #stopped = false;

  constructor(deps: HandOverDeps) {
    this.#deps = deps;
  }

  /** `taken`: how far the stream was handed over in an earlier run. */
  begin(stream: Stream, taken: Taken): void {
    this.#progress.set(stream, { taken, last: taken.upTo, open: new Set() });
  }

  taken(stream: Stream): Taken {
    return this.#of(stream).taken;
  }

  /** An earlier run has left something: what comes from now on waits until that is handed over. */
  hold(stream: Stream): void {
    this.#held.set(stream, []);
  }

  /** Everything that an earlier run left has been added. */
  release(stream: Stream): void {
    const held = this.#held.get(stream) ?? [];
    this.#held.delete(stream);
    for (const work of held) work();
  }

  /** Has come and is nothing for the application. */
  pass(stream: Stream, seq: number): void {
    this.#afterHeld(stream, () => this.#pass(stream, seq));
  }

  #pass(stream: Stream, seq: number): void {
    const progress = this.#of(stream);
    progress.last = Math.max(progress.last, seq);
    if (progress.open.size === 0) progress.taken.upTo = progress.last;
    this.#deps.moved(stream);
  }

  /** Has come; dropped where it had come before. */
  add(handed: HandedEntry): void {
    this.#afterHeld(handed.stream, () => this.replay(handed));
  }

  /** As `add`, for what an earlier run has left. */
  replay(handed: HandedEntry): void {
    const { stream, seq, entry } = handed;
    const progress = this.#of(stream);
    if (seq <= progress.last) return;
    if (seq <= (progress.taken.byType.get(entry.type) ?? 0)) {
      this.#pass(stream, seq);
      return;
    }
    progress.last = Math.max(progress.last, seq);
    progress.open.add(seq);
    const key = queueKey(handed);
    const queue = this.#queues.get(key);
    if (queue) queue.waiting.push(handed);
    else this.#attempt(handed, key);
  }

  /** What waits is offered again by whoever opens the store next. */
  stop(): void {
    this.#stopped = true;
    for (const { cancelRetry } of this.#queues.values()) cancelRetry();
  }

  #afterHeld(stream: Stream, work: () => void): void {
    const held = this.#held.get(stream);
    if (held) held.push(work);
    else work();
  }

  #attempt(handed: HandedEntry, key: string): void {
    try {
      const outcome = this.#deps.deliver(handed);
      if (outcome) this.#await(outcome, handed, key);
      else this.#done(handed, key);
    } catch (error) {
      this.#failed(error, handed, key);
    }
  }

  async #await(outcome: Promise<void>, handed: HandedEntry, key: string): Promise<void> {
    this.#hold(handed, key);
    try {
      await outcome;
    } catch (error) {
      this.#failed(error, handed, key);
      return;
    }
    this.#done(handed, key);
  }

  #failed(error: unknown, handed: HandedEntry, key: string): void {
    if (this.#stopped) return;
    const queue = this.#hold(handed, key);
    const delayMs = backoffDelayMs(queue.failures, RETRY, this.#deps.random);
    queue.failures += 1;
    queue.cancelRetry = this.#deps.clock.setTimer(() => this.#retry(handed, key), delayMs);
    this.#deps.failed(error, handed);
  }

  #retry(handed: HandedEntry, key: string): void {
    if (handed.expiresAtMs <= this.#deps.clock.nowMs()) this.#done(handed, key);
    else this.#attempt(handed, key);
  }

  #done({ stream, seq, entry }: HandedEntry, key: string): void {
    if (this.#stopped) return;
    this.#close(this.#of(stream), seq, entry.type);
    this.#deps.moved(stream);
    const queue = this.#queues.get(key);
    if (!queue) return;
    queue.waiting.shift();
    queue.failures = 0;
    const next = queue.waiting[0];
    if (next) this.#attempt(next, key);
    else this.#queues.delete(key);
  }

  #close({ taken, open, last }: Progress, seq: number, type: string): void {
    open.delete(seq);
    const [lowest] = open;
    taken.upTo = lowest === undefined ? last : Math.max(taken.upTo, lowest - 1);
    if (lowest === undefined) taken.byType.clear();
    else taken.byType.set(type, Math.max(taken.byType.get(type) ?? 0, seq));
  }

  #hold(handed: HandedEntry, key: string): Queue {
    let queue = this.#queues.get(key);
    if (!queue) {
      queue = { waiting: [handed], failures: 0, cancelRetry: () => {} };
      this.#queues.set(key, queue);
    }
    return queue;
  }

  #of(stream: Stream): Progress {
    const progress = this.#progress.get(stream) ?? { taken: { upTo: 0, byType: new Map() }, last: 0, open: new Set() };
    this.#progress.set(stream, progress);
    return progress;
  }
}

const queueKey = ({ stream, entry }: HandedEntry) => `${stream.key} ${entry.type}`;
