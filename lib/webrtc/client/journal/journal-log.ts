import { type Clock, dropOldest } from '@innmesh/kit';
import { type Group, GroupCommit } from './group-commit.ts';
import { decodeSegment, encodeSegment, type KeptEntry } from './segment-codec.ts';
import type { JournalStore, Segment, SegmentHead, Kept as StoreContents } from './store/journal-store.ts';

/** Segments that hold less than this are put together when there are many of them in a row. */
const SMALL_SEGMENT_BYTES = 16 * 1024;
const MANY_SEGMENTS = 64;
const COMPACTED_BYTES = 64 * 1024;
/** Segments that stay in memory for a while: four megabytes at most. */
const MAX_RECENT = 16;
const MAX_RECENT_BYTES = 256 * 1024;

type Marks = Iterable<readonly [name: string, text: string | null]>;

/** What stays in memory of what was written last, for each journal. */
const MAX_TAIL_BYTES = 4 * 1024 * 1024;

/** One journal as far as it is here. */
interface Kept {
  /** In order. */
  segments: SegmentHead[];
  /** The last of them, which somebody is about to read: all behind `recentAfter`. */
  recent: KeptEntry[];
  recentAfter: number;
  recentBytes: number;
  /** Behind the segments, not kept yet. */
  pending: KeptEntry[];
  /** What of it the next commit keeps. */
  batch: Batch | null;
}

interface Batch {
  readonly group: Group;
  readonly entries: KeptEntry[];
  readonly done: Promise<void>;
}

/**
 * Every journal that a device keeps, its own and others', in order of `seq`. In memory are the heads of segments and
 * what is on its way to the store, however much is kept.
 */
export class JournalLog {
  readonly #store: JournalStore;
  readonly #commits: GroupCommit;
  readonly #journals = new Map<string, Kept>();
  readonly #marks: Map<string, string>;
  /** What was read last: several links read the same at about the same time. */
  readonly #recent = new Map<SegmentHead, KeptEntry[]>();
  #tidying: Promise<void> | null = null;
  #sizeBytes = 0;

  private constructor(store: JournalStore, clock: Clock, { segments, marks }: StoreContents) {
    this.#store = store;
    this.#commits = new GroupCommit(store, clock, (kept) => this.#setMarks(kept));
    this.#marks = marks;
    for (const head of segments) {
      this.#journal(head.journal).segments.push(head);
      this.#sizeBytes += head.sizeBytes;
    }
  }

  /** Takes the store over. Rejects as its `open()` does. */
  static async open(store: JournalStore, clock: Clock): Promise<JournalLog> {
    return new JournalLog(store, clock, await store.open());
  }

  get journals(): string[] {
    return [...this.#journals.keys()];
  }

  /** The last number that is here, kept or on its way; 0 where nothing is. */
  lastSeq(journal: string): number {
    const { segments = [], pending = [] } = this.#journals.get(journal) ?? {};
    return pending.at(-1)?.seq ?? segments.at(-1)?.lastSeq ?? 0;
  }

  /** When the last of what is kept of it is past its time; 0 where nothing is. */
  expiresAtMs(journal: string): number {
    return Math.max(0, ...(this.#journals.get(journal)?.segments ?? []).map(({ expiresAtMs }) => expiresAtMs));
  }

  /** Where nothing is kept of it, nor on its way. */
  forget(journal: string): void {
    if (this.lastSeq(journal) === 0) this.#journals.delete(journal);
  }

  /** Of all entries, kept or on their way. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** As it is kept. */
  mark(name: string): string | undefined {
    return this.#marks.get(name);
  }

  /** As they are kept, those whose names begin so. */
  marksThatBegin(beginning: string): [name: string, text: string][] {
    return [...this.#marks].filter(([name]) => name.startsWith(beginning));
  }

  /**
   * Adds entries behind those that are there, and sets marks, together: after a crash both are there or neither. They can
   * be read at once; resolves when they are kept. Rejects as the store's `commit()` does: then they are gone, and so is
   * everything else that was added at about the same time.
   */
  append(journal: string, entries: readonly KeptEntry[], marks: Marks = []): Promise<void> {
    const kept = this.#journal(journal);
    const sizeBytes = sizeOf(entries);
    const group = this.#commits.next(sizeBytes);
    for (const [name, text] of marks) group.marks.set(name, text);
    this.#sizeBytes += sizeBytes;
    if (kept.batch?.group !== group) kept.batch = this.#begin(journal, kept, group);
    for (const entry of entries) {
      kept.batch.entries.push(entry);
      kept.pending.push(entry);
    }
    return kept.batch.done;
  }

  #begin(journal: string, kept: Kept, group: Group): Batch {
    const entries: KeptEntry[] = [];
    if (journal !== '') group.entries.set(journal, entries);
    const done = this.#settle(journal, kept, entries, group);
    done.catch(() => {});
    return { group, entries, done };
  }

  async #settle(journal: string, kept: Kept, entries: KeptEntry[], group: Group): Promise<void> {
    try {
      const segments = await group.done;
      for (const segment of segments) if (segment.journal === journal) moveToSegments(kept, segment);
      this.#setMarks(group.marks);
    } catch (error) {
      takeOut(kept.pending, entries);
      this.#sizeBytes -= sizeOf(entries);
      throw error;
    }
  }

  /**
   * Sets marks alone. `anyway`: what they say where there is no room for what else goes into that commit; set then, though
   * this rejects.
   */
  setMarks(marks: Marks, anyway: Marks = []): Promise<void> {
    const done = this.append('', [], marks);
    const group = this.#commits.next();
    for (const [name, text] of anyway) group.anyway.set(name, text);
    return done;
  }

  /** Whether the last that was added to the journal will be kept by the same commit as what is added now. */
  goesAlong(journal: string): boolean {
    const batch = this.#journals.get(journal)?.batch;
    return !!batch && this.#commits.isNext(batch.group);
  }

  /** Entries behind `afterSeq`, in order; at least one where there is one, then up to `maxBytes`. */
  async read(journal: string, afterSeq: number, maxBytes: number): Promise<KeptEntry[]> {
    const entries: KeptEntry[] = [];
    let bytes = 0;
    for await (const entry of this.entries(journal, afterSeq)) {
      bytes += entry.bytes.length;
      if (entries.length > 0 && bytes > maxBytes) break;
      entries.push(entry);
    }
    return entries;
  }

  /** Entries behind `afterSeq`, in order, as they are asked for. */
  async *entries(journal: string, afterSeq: number): AsyncGenerator<KeptEntry> {
    let seq = afterSeq;
    for (let next = this.#segmentBehind(journal, seq); next; next = this.#segmentBehind(journal, seq)) {
      if (seq >= (this.#journals.get(journal)?.recentAfter ?? 0)) break;
      const entries = await this.#entriesOf(next);
      if (!entries) {
        // Dropped or put together with others meanwhile: looked for again, from where this reader is.
        await this.#tidying?.catch(() => {});
        if (this.#journals.get(journal)?.segments.includes(next)) return;
        continue;
      }
      for (const entry of entries) if (entry.seq > seq) yield entry;
      seq = next.lastSeq;
    }
    const { recent = [], pending = [] } = this.#journals.get(journal) ?? {};
    for (const entry of behind(recent, seq)) yield entry;
    for (const entry of behind(pending, seq)) yield entry;
  }

  #segmentBehind(journal: string, seq: number): SegmentHead | undefined {
    return this.#journals.get(journal)?.segments.find(({ lastSeq }) => lastSeq > seq);
  }

  /**
   * Drops segments of which every entry is past its time, and puts small ones together. One at a time, as each goes by
   * what it has read. Rejects as the store's `commit()` does.
   */
  tidy(nowMs: number): Promise<void> {
    this.#tidying ??= this.#tidy(nowMs).finally(() => {
      this.#tidying = null;
    });
    return this.#tidying;
  }

  async #tidy(nowMs: number): Promise<void> {
    for (const [journal, kept] of [...this.#journals]) {
      forgetRecent(kept, 0);
      const expired = kept.segments.filter(({ expiresAtMs }) => expiresAtMs <= nowMs);
      if (expired.length > 0) await this.#replace(journal, expired, []);
      await this.#compact(journal, nowMs);
    }
  }

  /** What may go, as `isDone` says of a journal up to a number; what is past its time first, first. */
  evictable(isDone: (journal: string, lastSeq: number) => boolean): SegmentHead[] {
    const heads = [...this.#journals.values()].flatMap(({ segments }) => segments);
    const done = heads.filter(({ journal, lastSeq }) => isDone(journal, lastSeq));
    return done.sort((one, other) => one.expiresAtMs - other.expiresAtMs);
  }

  /** Drops these. Rejects as the store's `commit()` does. */
  async evict(heads: readonly SegmentHead[]): Promise<void> {
    for (const [journal, old] of Map.groupBy(heads, (head) => head.journal)) await this.#replace(journal, old, []);
  }

  async #compact(journal: string, nowMs: number): Promise<void> {
    for (let run = this.#smallRun(journal); run; run = this.#smallRun(journal)) {
      const parts = await Promise.all(run.map(async (head) => this.#entriesOf(head)));
      const entries = parts.flatMap((part) => part ?? []).filter(({ expiresAtMs }) => expiresAtMs > nowMs);
      await this.#replace(journal, run, entries);
    }
  }

  /** `null` where it is not kept any more. */
  async #entriesOf(head: SegmentHead): Promise<KeptEntry[] | null> {
    const known = this.#recent.get(head);
    if (known) return known;
    const bytes = await this.#store.read(head);
    if (!bytes) return null;
    const entries = decodeSegment(head.firstSeq, bytes);
    if (bytes.length <= MAX_RECENT_BYTES) {
      this.#recent.set(head, entries);
      dropOldest(this.#recent, MAX_RECENT);
    }
    return entries;
  }

  /** As many small segments in a row as fit into one; `null` where there are too few for it to be worth while. */
  #smallRun(journal: string): SegmentHead[] | null {
    let run: SegmentHead[] = [];
    let bytes = 0;
    for (const head of this.#journals.get(journal)?.segments ?? []) {
      const fits = head.sizeBytes < SMALL_SEGMENT_BYTES && bytes + head.sizeBytes <= COMPACTED_BYTES;
      if (!fits && run.length >= MANY_SEGMENTS) break;
      if (!fits) [run, bytes] = [[], 0];
      if (head.sizeBytes >= SMALL_SEGMENT_BYTES) continue;
      run.push(head);
      bytes += head.sizeBytes;
    }
    return run.length >= MANY_SEGMENTS ? run : null;
  }

  async #replace(journal: string, old: readonly SegmentHead[], entries: readonly KeptEntry[]): Promise<void> {
    const put = entries.length > 0 ? [encodeSegment(journal, entries)] : [];
    const group = this.#commits.next();
    group.remove.push(...old);
    group.put.push(...put);
    await group.done;
    const kept = this.#journal(journal);
    forgetRecent(kept, 0);
    const rest = kept.segments.filter((head) => !old.includes(head));
    const made = put.map(({ bytes, ...head }) => ({ ...head, sizeBytes: bytes.length }));
    for (const { sizeBytes } of old) this.#sizeBytes -= sizeBytes;
    for (const { sizeBytes } of made) this.#sizeBytes += sizeBytes;
    kept.segments = [...rest, ...made].sort((one, other) => one.firstSeq - other.firstSeq);
  }

  /** Resolves when everything that was added is kept, or could not be. */
  settled(): Promise<void> {
    return this.#commits.settled();
  }

  /** What is on its way is kept first. */
  async close(): Promise<void> {
    await this.#commits.settled();
    await this.#store.close();
  }

  #journal(name: string): Kept {
    let kept = this.#journals.get(name);
    if (!kept) {
      kept = {
        segments: [],
        recent: [],
        recentAfter: Number.POSITIVE_INFINITY,
        recentBytes: 0,
        pending: [],
        batch: null,
      };
      this.#journals.set(name, kept);
    }
    return kept;
  }

  #setMarks(marks: Marks): void {
    for (const [name, text] of marks) {
      if (text === null) this.#marks.delete(name);
      else this.#marks.set(name, text);
    }
  }
}

const sizeOf = (entries: readonly KeptEntry[]) => entries.reduce((sum, { bytes }) => sum + bytes.length, 0);

function moveToSegments(kept: Kept, { bytes, ...head }: Segment): void {
  if ((kept.segments.at(-1)?.lastSeq ?? 0) >= head.firstSeq) return;
  const before = kept.segments.at(-1)?.lastSeq ?? 0;
  kept.segments.push({ ...head, sizeBytes: bytes.length });
  const count = kept.pending.length - behind(kept.pending, head.lastSeq).length;
  if (kept.recent.length === 0) kept.recentAfter = before;
  for (const entry of kept.pending.slice(0, count)) {
    kept.recent.push(entry);
    kept.recentBytes += entry.bytes.length;
  }
  kept.pending = kept.pending.slice(count);
  forgetRecent(kept, MAX_TAIL_BYTES);
}

function forgetRecent(kept: Kept, maxBytes: number): void {
  let count = 0;
  for (const { bytes, seq } of kept.recent) {
    if (kept.recentBytes <= maxBytes) break;
    kept.recentBytes -= bytes.length;
    kept.recentAfter = seq;
    count += 1;
  }
  if (count > 0) kept.recent = kept.recent.slice(count);
  if (kept.recent.length === 0) kept.recentAfter = Number.POSITIVE_INFINITY;
}

/** In order of `seq`, those with a greater one. */
function behind(entries: readonly KeptEntry[], seq: number): readonly KeptEntry[] {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.seq ?? 0) > seq) high = middle;
    else low = middle + 1;
  }
  return entries.slice(low);
}

/** They lie together, and what failed before them is out already. */
function takeOut(pending: KeptEntry[], entries: readonly KeptEntry[]): void {
  const at = entries[0] ? pending.indexOf(entries[0]) : -1;
  if (at >= 0) pending.splice(at, entries.length);
}
