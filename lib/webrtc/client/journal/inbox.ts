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

/** How far this device has each peer's entries. What it has once, it never takes again. */
export class Inbox {
  readonly #byJournal = new Map<string, JournalCursors>();
  /** The journal that each peer spoke of last. */
  readonly #current = new Map<string, Bytes>();

  /** The peer writes into this journal now: another one after it was restarted. */
  follow(peerId: string, journal: Bytes): void {
    touch(this.#current, peerId, journal);
  }

  /** For the hello. */
  cursorsFor(peerId: string): JournalCursors {
    const journal = this.#current.get(peerId) ?? NO_JOURNAL;
    return (
      this.#byJournal.get(keyOf(peerId, journal)) ?? { journal, cursors: Array.from({ length: LANE_COUNT }, () => 0) }
    );
  }

  /** Moves the cursor in the peer's journal; `false` for an entry that has been taken before. */
  take(peerId: string, lane: Lane, seq: number): boolean {
    const known = this.cursorsFor(peerId);
    if (seq <= (known.cursors[lane] ?? 0)) return false;
    known.cursors[lane] = seq;
    touch(this.#byJournal, keyOf(peerId, known.journal), known);
    return true;
  }

  /** What another tab of this device has taken; whether any of it was new here. */
  takeAll(peerId: string, { journal, cursors }: JournalCursors): boolean {
    this.follow(peerId, journal);
    const taken = cursors.map((seq, lane) => this.take(peerId, lane as Lane, seq));
    return taken.includes(true);
  }
}

const keyOf = (peerId: string, journal: Bytes) => `${peerId} ${toBase64url(journal)}`;

/** Makes it the youngest, and drops the oldest where there are too many. */
function touch<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_JOURNALS) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
