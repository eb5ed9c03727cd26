import type { Clock } from '@innmesh/kit';
import { decodeEntry, isKept, type Series } from '@innmesh/protocol';
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
  /** Up to here its writer's signatures are here too, so that it can be handed on. */
  sealed: number;
}

/** Beyond this, what is done with makes room. */
const FILLED = 0.9;

type Marks = Iterable<readonly [name: string, text: string | null]>;

const sealsOf = (key: string) => `seals ${key}`;
const takenMark = (key: string) => `taken ${key}`;
const isSeals = (name: string) => name.startsWith('seals ');

/** Every stream that is on this device, its own and others', with what is kept of each. */
export class Replica {
  readonly log: JournalLog;
  /** What need not outlive a restart. */
  readonly #passing: JournalLog;
  readonly #streams = new Map<string, Stream>();
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
    for (const [name] of log.marksThatBegin('taken ')) replica.#restore(name.slice('taken '.length));
    return replica;
  }

  #restore(key: string): void {
    const id = streamOf(key);
    if (!id) return;
    const stream = this.stream(id);
    stream.last = Math.max(this.log.lastSeq(key), readTaken(this.log.mark(takenMark(key))).upTo);
    stream.kept = stream.last;
    stream.sealed = this.log.lastSeq(sealsOf(key));
  }

  /** As it is here; empty where nothing is. */
  stream(id: StreamId): Stream {
    const key = keyOf(id);
    let stream = this.#streams.get(key);
    if (!stream) {
      const { origin, journal, series } = id;
      const log = isKept(series) ? this.log : this.#passing;
      stream = { origin, journal, series, key, log, last: 0, kept: 0, sealed: 0 };
      this.#streams.set(key, stream);
    }
    return stream;
  }

  knows(id: StreamId): boolean {
    return this.#streams.has(keyOf(id));
  }

  get streams(): Iterable<Stream> {
    return this.#streams.values();
  }

  /** By journal, what it is here of each series; for a hello. */
  journals(): Map<string, { origin: string; journal: string; bySeries: Map<Series, Stream> }> {
    const journals = new Map<string, { origin: string; journal: string; bySeries: Map<Series, Stream> }>();
    for (const stream of this.#streams.values()) {
      const { origin, journal } = stream;
      const name = `${origin} ${journal}`;
      const known = journals.get(name) ?? { origin, journal, bySeries: new Map() };
      journals.set(name, known);
      known.bySeries.set(stream.series, stream);
    }
    return journals;
  }

  /**
   * Takes in entries of another device, in order; they can be read at once. Resolves when they are kept, rejects as the store's
   * `commit()` does.
   */
  async add(stream: Stream, entries: readonly KeptEntry[], marks: Marks = []): Promise<void> {
    stream.last = Math.max(stream.last, entries.at(-1)?.seq ?? 0);
    const { last } = stream;
    await stream.log.append(stream.key, entries, marks);
    stream.kept = Math.max(stream.kept, last);
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

export function readTaken(text = '0'): Taken {
  const [upTo = '0', ...types] = text.split(' ');
  const byType = types.map((each) => {
    const at = each.lastIndexOf(':');
    return [each.slice(0, at), Number(each.slice(at + 1))] as const;
  });
  return { upTo: Number(upTo), byType: new Map(byType) };
}

export function takenAs(stream: Stream, { upTo, byType }: Taken): readonly [string, string] {
  return [takenMark(stream.key), [upTo, ...[...byType].map(([type, seq]) => `${type}:${seq}`)].join(' ')];
}
