import type { Clock } from '@innmesh/kit';
import { encodeSegment, type KeptEntry } from './segment-codec.ts';
import type { JournalStore, Segment, SegmentKey } from './store/journal-store.ts';

/** What is to be kept together. */
export interface Group {
  /** By journal, in order. */
  readonly entries: Map<string, KeptEntry[]>;
  readonly marks: Map<string, string | null>;
  readonly remove: SegmentKey[];
  readonly put: Segment[];
  /** Resolves with the segments that it became. Rejects as the store's `commit()` does. */
  readonly done: Promise<Segment[]>;
}

interface OpenGroup extends Group {
  readonly resolve: (segments: Segment[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A commit waits for the moment when nothing was added for so long, as it keeps a browser's processes, and in Node the whole
 * device, busy for a millisecond or more; and never for longer than the second, as whoever wrote waits to be told.
 */
const QUIET_MS = 4;
const MAX_WAIT_MS = 24;
/** Nor with more than this: what comes behind is kept meanwhile. */
const MAX_GROUP_BYTES = 1024 * 1024;
/** Whoever reads an entry reads its segment. */
const MAX_SEGMENT_BYTES = 256 * 1024;

/**
 * One commit at a time; what comes meanwhile goes with the next, in few segments. So the more there is to keep, the more a
 * commit keeps.
 */
export class GroupCommit {
  readonly #store: JournalStore;
  readonly #clock: Clock;
  #next: OpenGroup | null = null;
  #nextBytes = 0;
  #running: Promise<void> | null = null;
  /** Since the last look. */
  #hasGrown = false;
  #isUrgent = false;
  #endWait = () => {};

  constructor(store: JournalStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** What is kept next; another one as soon as its commit begins. `sizeBytes`: of what the caller is about to add. */
  next(sizeBytes = 0): Group {
    this.#next ??= emptyGroup();
    this.#nextBytes += sizeBytes;
    this.#hasGrown = true;
    if (this.#nextBytes >= MAX_GROUP_BYTES) this.#hurry();
    this.#running ??= this.#run();
    return this.#next;
  }

  /** Resolves when everything that was added is kept, or could not be. */
  async settled(): Promise<void> {
    if (!this.#running) return;
    this.#hurry();
    await this.#running;
  }

  #hurry(): void {
    this.#isUrgent = true;
    this.#endWait();
  }

  async #run(): Promise<void> {
    for (let group = this.#next; group; group = this.#next) {
      await this.#quiet();
      this.#next = null;
      this.#nextBytes = 0;
      const failure = await this.#commit(group);
      if (failure) this.#refuseNext(failure.error);
    }
    this.#running = null;
    this.#isUrgent = false;
  }

  async #quiet(): Promise<void> {
    // What the same turn adds goes along, however urgent it is.
    await Promise.resolve();
    const untilMs = this.#clock.monotonicMs() + MAX_WAIT_MS;
    do {
      this.#hasGrown = false;
      if (!this.#isUrgent) await this.#wait();
    } while (this.#hasGrown && !this.#isUrgent && this.#clock.monotonicMs() < untilMs);
    this.#isUrgent = false;
  }

  #wait(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.setTimer(resolve, QUIET_MS);
    this.#endWait = resolve;
    return promise.finally(cancel);
  }

  async #commit({ entries, marks, remove, put, resolve, reject }: OpenGroup): Promise<{ error: unknown } | null> {
    try {
      const segments = [...entries].flatMap(([journal, all]) => cut(all).map((part) => encodeSegment(journal, part)));
      await this.#store.commit({ remove, put: [...put, ...segments], marks });
      resolve(segments);
      return null;
    } catch (error) {
      reject(error);
      return { error };
    }
  }

  /** What was added behind what could not be kept, without knowing of it, would leave a hole. */
  #refuseNext(error: unknown): void {
    this.#next?.reject(error);
    this.#next = null;
    this.#nextBytes = 0;
  }
}

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

function emptyGroup(): OpenGroup {
  const { promise: done, resolve, reject } = Promise.withResolvers<Segment[]>();
  // Each caller has the promise too, and is told.
  done.catch(() => {});
  return { entries: new Map(), marks: new Map(), remove: [], put: [], done, resolve, reject };
}
