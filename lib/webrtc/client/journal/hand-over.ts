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
  readonly #progress = new WeakMap<Stream, Progress>();
  /** Of streams that an earlier run has left something of, what comes before that has been handed over. */
  readonly #later = new Map<Stream, (() => void)[]>();
  #stopped = false;

  constructor(deps: HandOverDeps) {
    this.#deps = deps;
  }

  /**
   * `taken`: how far the stream was handed over in an earlier run. What comes from now on waits until `caughtUp()`, behind
   * what that run has left.
   */
  begin(stream: Stream, taken: Taken): void {
    this.#progress.set(stream, { taken, last: taken.upTo, open: new Set() });
    this.#later.set(stream, []);
  }

  caughtUp(stream: Stream): void {
    const later = this.#later.get(stream) ?? [];
    this.#later.delete(stream);
    for (const work of later) work();
  }

  taken(stream: Stream): Taken {
    return this.#of(stream).taken;
  }

  /** Whether something of it has come that is not done. */
  isOpen(stream: Stream): boolean {
    return this.#later.has(stream) || (this.#progress.get(stream)?.open.size ?? 0) > 0;
  }

  /** Has come and is nothing for the application. */
  pass(stream: Stream, seq: number): void {
    const later = this.#later.get(stream);
    if (later) later.push(() => this.passOld(stream, seq));
    else this.passOld(stream, seq);
  }

  /** Has come. */
  add(handed: HandedEntry): void {
    const later = this.#later.get(handed.stream);
    if (later) later.push(() => this.addOld(handed));
    else this.addOld(handed);
  }

  /** Had come in an earlier run and is nothing for the application, now if not then. */
  passOld(stream: Stream, seq: number): void {
    const progress = this.#of(stream);
    progress.last = Math.max(progress.last, seq);
    advance(progress);
    this.#deps.moved(stream);
  }

  /** Had come in an earlier run; dropped where that has handed it over. */
  addOld(handed: HandedEntry): void {
    const { stream, seq, entry } = handed;
    const progress = this.#of(stream);
    if (seq <= progress.last) return;
    if (seq <= (progress.taken.byType.get(entry.type) ?? 0)) {
      this.passOld(stream, seq);
      return;
    }
    progress.last = seq;
    progress.open.add(seq);
    const key = queueKey(handed);
    const queue = this.#queues.get(key);
    if (queue) queue.waiting.push(handed);
    else if (this.#attempt(handed, key)) this.#close(handed);
  }

  /** What waits is offered again by whoever opens the store next. */
  stop(): void {
    this.#stopped = true;
    for (const { cancelRetry } of this.#queues.values()) cancelRetry();
  }

  /** Whether it is done with at once. */
  #attempt(handed: HandedEntry, key: string): boolean {
    if (this.#stopped) return false;
    try {
      const outcome = this.#deps.deliver(handed);
      if (outcome) this.#await(outcome, handed, key);
      return !outcome;
    } catch (error) {
      this.#failed(error, handed, key);
      return false;
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
    this.#goOn(handed, key);
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
    const isOver = handed.expiresAtMs <= this.#deps.clock.nowMs();
    if (isOver || this.#attempt(handed, key)) this.#goOn(handed, key);
  }

  /** That one is done with; as many of those that wait behind it follow as are taken at once. */
  #goOn(handed: HandedEntry, key: string): void {
    const queue = this.#queues.get(key);
    for (let done: HandedEntry | undefined = handed; done && !this.#stopped; ) {
      this.#close(done);
      queue?.waiting.shift();
      if (queue) queue.failures = 0;
      const next: HandedEntry | undefined = queue?.waiting[0];
      if (!next) this.#queues.delete(key);
      done = next && this.#attempt(next, key) ? next : undefined;
    }
  }

  #close({ stream, seq, entry: { type } }: HandedEntry): void {
    if (this.#stopped) return;
    const progress = this.#of(stream);
    const { taken, open } = progress;
    open.delete(seq);
    taken.byType.set(type, Math.max(taken.byType.get(type) ?? 0, seq));
    advance(progress);
    this.#deps.moved(stream);
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

/** What is said of types is of use for as long as something before it waits. */
function advance({ taken, open, last }: Progress): void {
  const [lowest] = open;
  taken.upTo = lowest === undefined ? last : Math.max(taken.upTo, lowest - 1);
  for (const [type, seq] of taken.byType) if (seq <= taken.upTo) taken.byType.delete(type);
}

const queueKey = ({ stream, entry }: HandedEntry) => `${stream.key} ${entry.type}`;
