import type { Clock } from '@innmesh/kit';
import { decodeEntry, isKept, MAX_LIFETIME_MS } from '@innmesh/protocol';
import { JournalLog } from './journal-log.ts';
import { decodeRound, encodeRound, type SealedRound, type SealRound } from './seals.ts';
import type { KeptEntry } from './segment-codec.ts';
import type { JournalStore } from './store/journal-store.ts';
import { MemoryStore } from './store/memory-store.ts';
import { keyOf, type StreamId, streamOf } from './stream.ts';

/** A stream as far as it is on this device. */
export interface Stream extends StreamId {
  readonly key: string;
  readonly log: JournalLog;
  /** The last entry that was written or has come. */
  last: number;
  /** The last one that is there after a crash. */
  kept: number;
  /** The last one that is there when the commit is done into which the log has put it. */
  keeping: number;
  /** Whether its mark says that less of it is here than was handed over; to be set right when it is. */
  isNotedShort: boolean;
  /** Up to here its writer's signatures are here too, so that it can be handed on. */
  sealed: number;
  /** When the last entry of it that was seen here is past its time; where none was, when it was first heard of. */
  untilMs: number;
  /** Nothing can come of it any more: whoever meets it here again begins anew. */
  isForgotten: boolean;
}

/** Beyond this, what is done with makes room. */
const FILLED = 0.9;

const sealsOf = (key: string) => `seals ${key}`;
const takenMark = (key: string) => `taken ${key}`;
const isSeals = (name: string) => name.startsWith('seals ');
/** What is kept of a stream besides its entries, here and where this device's own are written. */
const MARKS = ['taken ', 'reserved ', 'pending ', 'claimed '];
const NO_STREAMS: ReadonlySet<Stream> = new Set();

/** Every stream that is on this device, its own and others', with what is kept of each. */
export class Replica {
  readonly log: JournalLog;
  /** What need not outlive a restart. */
  readonly #passing: JournalLog;
  readonly #streams = new Map<string, Stream>();
  readonly #byOrigin = new Map<string, Set<Stream>>();
  /** What is being read: as a round comes, all links ask for the same. */
  readonly #reading = new Map<string, Promise<SealedRound[]>>();
  readonly #clock: Clock;
  readonly #maxBytes: number;
  #isMakingRoom = false;

  private constructor(log: JournalLog, passing: JournalLog, clock: Clock, maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.log = log;
    this.#passing = passing;
    this.#clock = clock;
  }

  /** Takes the store over. Rejects as its `open()` does. */
  static async open(store: JournalStore, clock: Clock, maxBytes: number): Promise<Replica> {
    const [log, passing] = await Promise.all([
      JournalLog.open(store, clock),
      JournalLog.open(new MemoryStore(), clock),
    ]);
    const replica = new Replica(log, passing, clock, maxBytes);
    for (const name of log.journals) replica.#restore(isSeals(name) ? name.slice('seals '.length) : name);
    for (const mark of ['taken ', 'reserved ']) {
      for (const [name] of log.marksThatBegin(mark)) replica.#restore(name.slice(mark.length));
    }
    return replica;
  }

  #restore(key: string): void {
    const id = streamOf(key);
    if (!id) return;
    const stream = this.stream(id);
    // What was handed over and is not here is asked for again, as others get it from here.
    const mark = this.log.mark(takenMark(key));
    const kept = readKept(mark);
    stream.last = Math.max(this.log.lastSeq(key), kept);
    stream.kept = stream.last;
    stream.isNotedShort = kept < readTaken(mark).upTo;
    stream.sealed = this.log.lastSeq(sealsOf(key));
    // Marks of earlier releases do not say it: no entry lives longer.
    const markedMs = mark === undefined ? 0 : (readUntil(mark) ?? this.#clock.nowMs() + MAX_LIFETIME_MS);
    stream.untilMs = Math.max(markedMs, this.log.expiresAtMs(key));
  }

  /** As it is here; empty where nothing is. */
  stream(id: StreamId): Stream {
    const key = keyOf(id);
    let stream = this.#streams.get(key);
    if (!stream) {
      const { origin, journal, series } = id;
      const log = isKept(series) ? this.log : this.#passing;
      const untilMs = this.#clock.nowMs();
      const none = { last: 0, kept: 0, keeping: 0, isNotedShort: false, sealed: 0, untilMs, isForgotten: false };
      stream = { origin, journal, series, key, log, ...none };
      this.#streams.set(key, stream);
      const ofOrigin = this.#byOrigin.get(origin) ?? new Set();
      this.#byOrigin.set(origin, ofOrigin.add(stream));
    }
    return stream;
  }

  knows(id: StreamId): boolean {
    return this.#streams.has(keyOf(id));
  }

  get streams(): Iterable<Stream> {
    return this.#streams.values();
  }

  streamsOf(origin: string): ReadonlySet<Stream> {
    return this.#byOrigin.get(origin) ?? NO_STREAMS;
  }

  /** Whether no entry of it is here, kept or on its way to be. */
  isEmpty({ log, key }: Stream): boolean {
    return log.lastSeq(key) === 0 && log.lastSeq(sealsOf(key)) === 0;
  }

  /** Resolves when nothing of these is kept any more. Rejects as the store's `commit()` does; it is done then all the same. */
  async forget(streams: readonly Stream[]): Promise<void> {
    const marks = streams.flatMap(({ key }) => MARKS.map((mark) => mark + key));
    for (const stream of streams) this.#drop(stream);
    const kept = marks.filter((name) => this.log.mark(name) !== undefined);
    if (kept.length > 0) await this.log.setMarks(kept.map((name) => [name, null] as const));
  }

  #drop(stream: Stream): void {
    const { key, origin, log } = stream;
    stream.isForgotten = true;
    this.#streams.delete(key);
    for (const name of [key, sealsOf(key)]) log.forget(name);
    const ofOrigin = this.#byOrigin.get(origin);
    ofOrigin?.delete(stream);
    if (ofOrigin?.size === 0) this.#byOrigin.delete(origin);
  }

  /**
   * Takes in entries of another device, in order, and with them all that there is for this device up to `upTo`; they can be
   * read at once. Resolves when they are kept, rejects as the store's `commit()` does.
   */
  async add(stream: Stream, entries: readonly KeptEntry[], upTo: number): Promise<void> {
    const kept = stream.log.append(stream.key, entries);
    stream.keeping = upTo;
    await kept;
    stream.kept = Math.max(stream.kept, upTo);
  }

  /** Takes in a writer's signatures, which the caller has verified, for entries that are here. */
  async addSeal(stream: Stream, round: SealRound, expiresAtMs: number): Promise<void> {
    stream.sealed = round.upTo;
    try {
      await stream.log.append(sealsOf(stream.key), [{ seq: round.upTo, expiresAtMs, bytes: encodeRound(round) }]);
    } catch (error) {
      stream.sealed = stream.log.lastSeq(sealsOf(stream.key));
      throw error;
    }
  }

  /** Rounds behind `after`, in order, with their entries; groups that are past their time are left out. */
  sealedRounds(stream: Stream, after: number, maxBytes: number): Promise<SealedRound[]> {
    const what = [stream.key, stream.sealed, after, maxBytes].join(' ');
    const read = () => this.#readRounds(stream, after, maxBytes).finally(() => this.#reading.delete(what));
    const rounds = this.#reading.get(what) ?? read();
    this.#reading.set(what, rounds);
    return rounds;
  }

  async #readRounds(stream: Stream, after: number, maxBytes: number): Promise<SealedRound[]> {
    const seals = await stream.log.read(sealsOf(stream.key), after, maxBytes / 8);
    const rounds: SealedRound[] = [];
    let bytes = 0;
    for (const { seq, bytes: packed } of seals) {
      if (rounds.length > 0 && bytes >= maxBytes) break;
      const { after: before, upTo, groups } = decodeRound(seq, packed);
      const entries = await this.entriesBetween(stream, before, upTo);
      rounds.push({ after: before, upTo, groups: groups.flatMap((group) => this.#withEntries(group, entries)) });
      for (const entry of entries.values()) bytes += entry.bytes.length;
    }
    return rounds;
  }

  #withEntries({ seqs, signature }: SealRound['groups'][number], known: ReadonlyMap<number, KeptEntry>) {
    const entries = seqs.flatMap((seq) => known.get(seq) ?? []);
    const nowMs = this.#clock.nowMs();
    const isWhole = entries.length === seqs.length && entries.every(({ expiresAtMs }) => expiresAtMs > nowMs);
    return isWhole
      ? [{ entries: entries.map((kept) => ({ ...kept, entry: decodeEntry(kept.bytes) })), signature }]
      : [];
  }

  /** Seals behind `after`, in order, up to `upTo`. */
  async sealsBetween(stream: Stream, after: number, upTo: number): Promise<SealRound[]> {
    const seals = await stream.log.read(sealsOf(stream.key), after, Number.POSITIVE_INFINITY);
    return seals.filter(({ seq }) => seq <= upTo).map(({ seq, bytes }) => decodeRound(seq, bytes));
  }

  /** By number, those behind `after` and up to `upTo`. */
  async entriesBetween(stream: Stream, after: number, upTo: number): Promise<Map<number, KeptEntry>> {
    const found = new Map<number, KeptEntry>();
    for await (const entry of stream.log.entries(stream.key, after)) {
      if (entry.seq > upTo) break;
      found.set(entry.seq, entry);
    }
    return found;
  }

  /** How far an earlier run has handed the stream over. */
  taken(stream: Stream): Taken {
    return readTaken(this.log.mark(takenMark(stream.key)));
  }

  /**
   * Keeps how far streams were handed over, in one commit with what was added just now; and where there is no room for that,
   * it alone. Rejects as the store's `commit()` does.
   */
  note(moved: readonly (readonly [Stream, Taken])[]): Promise<void> {
    const all = moved.filter(([{ isForgotten }]) => !isForgotten);
    const marks = all.map(([stream, taken]) => {
      const kept = stream.log.goesAlong(stream.key) ? Math.max(keptOf(stream), stream.keeping) : keptOf(stream);
      stream.isNotedShort = kept < taken.upTo;
      return takenAs(stream, taken, kept);
    });
    const anyway = all.map(([stream, taken]) => takenAs(stream, taken, keptOf(stream)));
    return this.log.setMarks(marks, anyway);
  }

  /** Whether so many bytes can be kept, by what is configured, when all is dropped that `isDone`. */
  hasRoomFor(sizeBytes: number, isDone: (key: string, lastSeq: number) => boolean): boolean {
    const missingBytes = this.log.sizeBytes + sizeBytes - this.#maxBytes;
    if (missingBytes <= 0) return true;
    return this.log.evictable(isDone).reduce((sum, head) => sum + head.sizeBytes, 0) >= missingBytes;
  }

  /** Drops what `isDone`, what is past its time first first, until a tenth of the room is free. */
  async makeRoom(isDone: (key: string, lastSeq: number) => boolean): Promise<void> {
    let missingBytes = this.log.sizeBytes - this.#maxBytes * FILLED;
    if (missingBytes <= 0 || this.#isMakingRoom) return;
    this.#isMakingRoom = true;
    try {
      const dropped = this.log.evictable(isDone).filter(({ sizeBytes }) => {
        missingBytes -= sizeBytes;
        return missingBytes + sizeBytes > 0;
      });
      await this.log.evict(dropped);
    } finally {
      this.#isMakingRoom = false;
    }
  }

  async tidy(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    await Promise.all([this.log.tidy(nowMs), this.#passing.tidy(nowMs)]);
  }

  /** Resolves when all that was added by now is kept, or could not be. */
  async settled(): Promise<void> {
    await Promise.all([this.log.settled(), this.#passing.settled()]);
  }

  async close(): Promise<void> {
    await Promise.all([this.log.close(), this.#passing.close()]);
  }
}

/** How far a stream was handed to the application. */
export interface Taken {
  /** Everything up to here. */
  upTo: number;
  /** And of these types up to here, while others wait. */
  readonly byType: Map<string, number>;
}

/** Nobody asks for what passes after a restart: it has come, and that is all. */
const keptOf = ({ series, kept }: Stream): number => (isKept(series) ? kept : Number.POSITIVE_INFINITY);

/**
 * `5@1700000000000 order:7`; or `5/3@1700000000000 order:7`, where what lies behind 3 was handed over and found no room. Behind
 * the `@` is when the last entry that it speaks of is past its time.
 */
export function readTaken(text = '0'): Taken {
  const [places = '0', ...types] = text.split(' ');
  const [upTo = '0'] = places.split(/[/@]/);
  const byType = types.map((each) => {
    const at = each.lastIndexOf(':');
    return [each.slice(0, at), Number(each.slice(at + 1))] as const;
  });
  return { upTo: Number(upTo), byType: new Map(byType) };
}

/** Of what was handed over, how far it is here. */
export function readKept(text = '0'): number {
  const [upTo, kept = upTo] = text.split(/[@ ]/, 1)[0]?.split('/') ?? [];
  return Number(kept);
}

function readUntil(text: string): number | null {
  const [, untilMs] = text.split(' ', 1)[0]?.split('@') ?? [];
  return untilMs === undefined ? null : Number(untilMs);
}

export function takenAs({ key, untilMs }: Stream, { upTo, byType }: Taken, kept = upTo): readonly [string, string] {
  const places = kept < upTo ? `${upTo}/${kept}` : upTo;
  return [takenMark(key), [`${places}@${untilMs}`, ...[...byType].map(([type, seq]) => `${type}:${seq}`)].join(' ')];
}
