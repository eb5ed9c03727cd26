import type { Clock } from '@innmesh/kit';
import { encodeSegment, type KeptEntry } from './segment-codec.ts';
import type { JournalStore, Segment, SegmentKey } from './store/journal-store.ts';

/** What is to be kept together, of one turn. */
export interface Addition {
  readonly journal?: string;
  /** In order. */
  readonly entries?: readonly KeptEntry[];
  readonly marks?: Iterable<readonly [name: string, text: string | null]>;
  readonly remove?: readonly SegmentKey[];
  readonly put?: readonly Segment[];
}

interface Group {
  readonly entries: Map<string, KeptEntry[]>;
  readonly marks: Map<string, string | null>;
  readonly remove: SegmentKey[];
  readonly put: Segment[];
  readonly done: PromiseWithResolvers<Segment[]>;
}

/**
 * From one commit's beginning to the next one's, where there is more to keep all the time: in Node a commit waits for the
 * disk and everything else waits for it, and in a browser it costs two processes a millisecond.
 */
const INTERVAL_MS = 8;

const MAX_SEGMENT_BYTES = 256 * 1024;

/**
 * One commit at a time; what comes meanwhile goes with the next, in one segment per journal. So the more there is to
 * keep, the more a commit keeps.
 */
export class GroupCommit {
  readonly #store: JournalStore;
  readonly #clock: Clock;
  #next: Group | null = null;
  #running: Promise<void> | null = null;
  #begunAtMs = Number.NEGATIVE_INFINITY;
  #endPause = () => {};

  constructor(store: JournalStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Resolves with the segments that its group became. Rejects as the store's `commit()` does, for the whole group. */
  add({ journal = '', entries = [], marks = [], remove = [], put = [] }: Addition): Promise<Segment[]> {
    this.#next ??= emptyGroup();
    const group = this.#next;
    if (entries.length > 0) {
      const gathered = group.entries.get(journal);
      if (gathered) gathered.push(...entries);
      else group.entries.set(journal, [...entries]);
    }
    for (const [name, text] of marks) group.marks.set(name, text);
    group.remove.push(...remove);
    group.put.push(...put);
    this.#running ??= this.#run();
    return group.done.promise;
  }

  /** Resolves when everything that was added is kept, or could not be. */
  async settled(): Promise<void> {
    this.#endPause();
    await this.#running;
  }

  async #run(): Promise<void> {
    // What the same turn adds goes along.
    await Promise.resolve();
    for (let group = this.#next; group; group = this.#next) {
      await this.#pause();
      this.#begunAtMs = this.#clock.monotonicMs();
      this.#next = null;
      const failure = await this.#commit(group);
      if (failure) this.#refuseNext(failure.error);
    }
    this.#running = null;
  }

  /** Cut short by whoever waits for all to be kept. */
  async #pause(): Promise<void> {
    const pauseMs = INTERVAL_MS - (this.#clock.monotonicMs() - this.#begunAtMs);
    if (pauseMs <= 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.setTimer(resolve, pauseMs);
    this.#endPause = resolve;
    await promise;
    cancel();
    this.#endPause = () => {};
  }

  async #commit({ entries, marks, remove, put, done }: Group): Promise<{ error: unknown } | null> {
    try {
      const segments = [...entries].flatMap(([journal, gathered]) =>
        cut(gathered).map((part) => encodeSegment(journal, part)),
      );
      await this.#store.commit({ remove, put: [...put, ...segments], marks });
      done.resolve(segments);
      return null;
    } catch (error) {
      done.reject(error);
      return { error };
    }
  }

  /** What was added behind what could not be kept, without knowing of it, would leave a hole. */
  #refuseNext(error: unknown): void {
    this.#next?.done.reject(error);
    this.#next = null;
  }
}

/** Whoever reads an entry reads its segment. */
function cut(entries: readonly KeptEntry[]): KeptEntry[][] {
  const parts: KeptEntry[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    bytes += entry.bytes.length;
    if (bytes > MAX_SEGMENT_BYTES) {
      parts.push([]);
      bytes = entry.bytes.length;
    }
    parts.at(-1)?.push(entry);
  }
  return parts;
}

function emptyGroup(): Group {
  const done = Promise.withResolvers<Segment[]>();
  // Each caller has the promise too, and is told.
  done.promise.catch(() => {});
  return { entries: new Map(), marks: new Map(), remove: [], put: [], done };
}
