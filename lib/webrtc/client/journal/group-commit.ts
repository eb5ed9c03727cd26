import type { Clock } from '@innmesh/kit';
import { encodeSegment, type KeptEntry } from './segment-codec.ts';
import { StorageFullError } from './store/errors.ts';
import type { JournalStore, Segment, SegmentKey } from './store/journal-store.ts';

/** What is to be kept together. */
export interface Group {
  /** By journal, in order. */
  readonly entries: Map<string, KeptEntry[]>;
  readonly marks: Map<string, string | null>;
  /** What is so though nothing of all that could be kept: where there is no room for it, these marks are kept alone. */
  readonly anyway: Map<string, string | null>;
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
  readonly #keptAnyway: (marks: Group['marks']) => void;
  #next: OpenGroup | null = null;
  #nextBytes = 0;
  #running: Promise<void> | null = null;
  /** Since the last look. */
  #hasGrown = false;
  #isUrgent = false;
  #endWait = () => {};

  /** `keptAnyway`: of what could not be kept, these marks are. */
  constructor(store: JournalStore, clock: Clock, keptAnyway: (marks: Group['marks']) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#keptAnyway = keptAnyway;
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

  /** Whether what is added now goes with that. */
  isNext(group: Group): boolean {
    return this.#next === group;
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
      if (!failure) continue;
      const behind = this.#refuseNext(failure.error);
      if (failure.error instanceof StorageFullError) await this.#keepAnyway([...group.anyway, ...behind]);
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

  /** What was added behind what could not be kept, without knowing of it, would leave a hole. Returns what of it is so anyway. */
  #refuseNext(error: unknown): Group['anyway'] {
    const refused = this.#next ?? emptyGroup();
    refused.reject(error);
    this.#next = null;
    this.#nextBytes = 0;
    return refused.anyway;
  }

  /** Who added it knows already that it was refused, so that nothing waits for this. */
  async #keepAnyway(all: Iterable<readonly [name: string, text: string | null]>): Promise<void> {
    const marks = new Map(all);
    if (marks.size === 0) return;
    try {
      await this.#store.commit({ marks });
      this.#keptAnyway(marks);
    } catch {
      // There is no room for that either, and whoever added it tries again.
    }
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
  return { entries: new Map(), marks: new Map(), anyway: new Map(), remove: [], put: [], done, resolve, reject };
}
