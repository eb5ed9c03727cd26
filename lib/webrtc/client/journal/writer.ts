import { type Clock, type HybridClock, msOfHybridTime, type Random } from '@innmesh/kit';
import {
  type Audience,
  allSeries,
  decodeEntry,
  type Entry,
  encodeEntry,
  isKept,
  isShared,
  JOURNAL_ID_BYTES,
  limits,
  type Party,
  type Series,
  series,
} from '@innmesh/protocol';
import { StorageFullError } from '../errors.ts';
import type { Delivery } from '../public-types.ts';
import { type Deliveries, wasPending } from './deliveries.ts';
import { OwnJournal } from './own-journal.ts';
import type { Fresh } from './pump.ts';
import type { Replica, Stream } from './replica.ts';
import type { Sealer } from './sealer.ts';
import type { KeptEntry } from './segment-codec.ts';
import { journalName } from './stream.ts';

/** What is to be written. */
export interface Draft {
  readonly type: string;
  readonly audience: Audience;
  readonly lifetimeMs: number;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Not worth keeping over a restart. */
  readonly isPassing: boolean;
  /** Every full replica may hold it. */
  readonly isShareable: boolean;
}

export interface WriterDeps {
  clock: Clock;
  random: Random;
  times: HybridClock;
  replica: Replica;
  deliveries: Deliveries;
  sealer: Sealer;
  self: Party;
  /** The same for entries that the same devices may read. */
  eyesOf(entry: Entry): string;
  written(stream: Stream, fresh: Fresh): void;
  /** Whether everything of a stream up to there has got where it is to go. */
  isDone(key: string, lastSeq: number): boolean;
  /** What was written could not be kept. */
  notKept(error: unknown): void;
}

interface OwnSeries {
  readonly stream: Stream;
  readonly journal: OwnJournal;
}

/** From here on a message takes the bulk channel. */
const BULK_BYTES = limits.channelFrameBytes / 2;
const OWN_MARK = 'own';

/** This device's own journal. */
export class Writer {
  readonly #deps: WriterDeps;
  readonly #bySeries = new Map<Series, OwnSeries>();
  /** What the commit keeps that comes next, or runs. */
  readonly #keeping = new Map<Stream, { stored: Promise<void>; seqs: number[] }>();

  private constructor(deps: WriterDeps) {
    this.#deps = deps;
  }

  /** Goes on with the journal that is kept, and with what of it nobody has taken or signed yet. */
  static async open(deps: WriterDeps): Promise<Writer> {
    const writer = new Writer(deps);
    const kept = keptJournal(deps);
    // What passes is forgotten by a restart, numbers too: they must not be taken for those given before.
    const passing = newJournal(deps.random);
    const opened = Promise.all(allSeries.map((each) => writer.#open(each, isKept(each) ? kept : passing)));
    await Promise.all([opened, deps.replica.settled()]);
    for (const { stream } of writer.#bySeries.values()) await writer.#restore(stream);
    deps.deliveries.restored();
    return writer;
  }

  /**
   * Gives it a number, sends it, and keeps it.
   * @throws StorageFullError where there is no room for it
   */
  write(draft: Draft): Delivery {
    const { clock, times, replica, deliveries } = this.#deps;
    const entry: Entry = { ...draft, writtenAt: times.next() };
    const bytes = encodeEntry(entry);
    const { stream, journal } = this.#ofSeries(seriesOf(draft, bytes.length));
    if (isKept(stream.series) && !replica.hasRoomFor(bytes.length, this.#deps.isDone)) {
      const error = new StorageFullError();
      this.#deps.notKept(error);
      throw error;
    }
    const expiresAtMs = clock.nowMs() + draft.lifetimeMs;
    const previous = stream.last;
    const { seq, stored } = journal.append(bytes, expiresAtMs);
    stream.last = seq;
    stream.untilMs = Math.max(stream.untilMs, expiresAtMs);
    const awaited = { stream, seq, entry, sentAtMs: clock.nowMs(), expiresAtMs };
    const delivery = deliveries.add(awaited, stored);
    this.#follow(stream, seq, stored);
    this.#deps.written(stream, { seq, bytes, expiresAtMs, previous, entry });
    this.#seal(stream, { seq, bytes, expiresAtMs }, entry);
    return delivery;
  }

  /** What is kept by one commit is told of once. */
  #follow(stream: Stream, seq: number, stored: Promise<void>): void {
    const known = this.#keeping.get(stream);
    if (known?.stored === stored) {
      known.seqs.push(seq);
      return;
    }
    const seqs = [seq];
    this.#keeping.set(stream, { stored, seqs });
    stored.then(
      () => {
        stream.kept = Math.max(stream.kept, seqs.at(-1) ?? 0);
      },
      (error) => {
        for (const each of seqs) {
          this.#deps.deliveries.fail(stream, each, error);
          this.#deps.sealer.drop(stream, each);
        }
        this.#deps.notKept(error);
      },
    );
  }

  /** Whether it is of the journal that is being written. */
  writes(stream: Stream): boolean {
    return this.#bySeries.get(stream.series)?.stream === stream;
  }

  #ofSeries(each: Series): OwnSeries {
    return this.#bySeries.get(each) as OwnSeries;
  }

  async #open(each: Series, name: string): Promise<void> {
    const { replica, self } = this.#deps;
    const stream = replica.stream({ origin: self.peerId, journal: name, series: each });
    const journal = await OwnJournal.open(stream.log, stream.key);
    this.#bySeries.set(each, { stream, journal });
  }

  async #restore(stream: Stream): Promise<void> {
    const { replica, deliveries, clock } = this.#deps;
    const isPending = wasPending(replica, stream);
    for await (const kept of stream.log.entries(stream.key, 0)) {
      const entry = decodeEntry(kept.bytes);
      const { seq, expiresAtMs } = kept;
      if (seq > stream.sealed) this.#seal(stream, kept, entry);
      if (expiresAtMs <= clock.nowMs() || !isPending(seq)) continue;
      const sentAtMs = msOfHybridTime(entry.writtenAt);
      deliveries.add({ stream, seq, entry, sentAtMs, expiresAtMs }, Promise.resolve());
    }
  }

  #seal(stream: Stream, { seq, bytes, expiresAtMs }: KeptEntry, entry: Entry): void {
    if (!isShared(stream.series)) return;
    this.#deps.sealer.add(stream, { seq, bytes, expiresAtMs, eyes: this.#deps.eyesOf(entry) });
  }
}

const newJournal = (random: Random) => journalName(random.bytes(JOURNAL_ID_BYTES));

/** Another role begins another journal: what was written before is judged by what the device was then. */
function keptJournal({ replica, random, self }: WriterDeps): string {
  const role = `${self.role} ${self.table ?? ''}`;
  const [name = '', ...before] = (replica.log.mark(OWN_MARK) ?? '').split(' ');
  if (name !== '' && before.join(' ') === role) return name;
  const fresh = newJournal(random);
  // Where it cannot be kept, neither can the numbers that are reserved at the same time.
  replica.log.setMarks([[OWN_MARK, `${fresh} ${role}`]]);
  return fresh;
}

/** Long messages to one device, and what is for some eyes only, nobody hands on. */
function seriesOf({ audience, isPassing, isShareable }: Draft, sizeBytes: number): Series {
  const isLong = sizeBytes >= BULK_BYTES;
  const isForFew = audience.to === 'first' || (isLong && audience.to === 'devices');
  if (isPassing) return isLong ? series.passingBulk : series.passing;
  if (isForFew || !isShareable) return isLong ? series.directBulk : series.direct;
  return isLong ? series.sharedBulk : series.shared;
}
