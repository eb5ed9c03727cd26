import { dropOldest } from '@innmesh/kit';
import { JOURNAL_ID_BYTES, toBase64url } from '@innmesh/protocol';
import { LANE_COUNT, type Lane } from '../link/transport.ts';

/** Devices come and go; journals that were not heard of for the longest are forgotten beyond this many. */
const MAX_JOURNALS = 2_000;

type Bytes = Uint8Array<ArrayBuffer>;

/** How far a peer's journal has been taken: per lane, the last entry. Crosses by structured clone. */
export interface JournalCursors {
  readonly journal: Bytes;
  readonly cursors: number[];
}

const NO_JOURNAL = new Uint8Array(JOURNAL_ID_BYTES);

/** By the peer and its journal. */
interface Known {
  readonly key: string;
  readonly taken: JournalCursors;
}

/** How far this device has each peer's entries. What it has once, it never takes again. */
export class Inbox {
  readonly #byJournal = new Map<string, Known>();
  /** In the journal that each peer spoke of last. */
  readonly #current = new Map<string, Known>();

  /** The peer writes into this journal now: another one after it was restarted. */
  follow(peerId: string, journal: Bytes): void {
    const key = `${peerId} ${toBase64url(journal)}`;
    this.#touch(peerId, this.#byJournal.get(key) ?? { key, taken: nothingOf(journal) });
  }

  /** For the hello. */
  cursorsFor(peerId: string): JournalCursors {
    return this.#current.get(peerId)?.taken ?? nothingOf(NO_JOURNAL);
  }

  /** Moves the cursor in the peer's journal; `false` for an entry that has been taken before. */
  take(peerId: string, lane: Lane, seq: number): boolean {
    if (!this.#current.has(peerId)) this.follow(peerId, NO_JOURNAL);
    const known = this.#current.get(peerId) as Known;
    const { cursors } = known.taken;
    if (seq <= (cursors[lane] ?? 0)) return false;
    cursors[lane] = seq;
    this.#touch(peerId, known);
    return true;
  }

  /** What another tab of this device has taken; whether any of it was new here. */
  takeAll(peerId: string, { journal, cursors }: JournalCursors): boolean {
    this.follow(peerId, journal);
    const taken = cursors.map((seq, lane) => this.take(peerId, lane as Lane, seq));
    return taken.includes(true);
  }

  #touch(peerId: string, known: Known): void {
    touch(this.#byJournal, known.key, known);
    touch(this.#current, peerId, known);
  }
}

const nothingOf = (journal: Bytes) => ({ journal, cursors: Array.from({ length: LANE_COUNT }, () => 0) });

/** Makes it the youngest, and drops the oldest where there are too many. */
function touch<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  dropOldest(map, MAX_JOURNALS);
}
