type Bytes = Uint8Array<ArrayBuffer>;

/** Some of a journal's entries, one behind the other, without their bytes. */
export interface SegmentHead {
  /** Whose entries these are; the store only compares it. */
  readonly journal: string;
  /** No two segments of a journal have the same: what takes the place of one comes with that one's removal. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** When the last of them is past its time. */
  readonly expiresAtMs: number;
  readonly sizeBytes: number;
}

/**
 * What is kept as one record: a browser takes 1,400 records a second and 118,000 entries in records of 64. The store
 * does not look inside.
 */
export interface Segment extends Omit<SegmentHead, 'sizeBytes'> {
  readonly bytes: Bytes;
}

export type SegmentKey = Pick<SegmentHead, 'journal' | 'firstSeq'>;

/** Kept all together or not at all. What is removed goes first, so that segments can take the place of others. */
export interface Changes {
  readonly remove?: readonly SegmentKey[];
  readonly put?: readonly Segment[];
  /** Small texts by a name, such as how far a journal was handed over; `null` forgets one. */
  readonly marks?: Iterable<readonly [name: string, text: string | null]>;
}

export interface Kept {
  /** By journal, and in a journal by `firstSeq`. */
  readonly segments: SegmentHead[];
  readonly marks: Map<string, string>;
}

/** Where a device keeps its journals over reloads and crashes. One of its tabs or processes has it at a time. */
export interface JournalStore {
  /**
   * To be called once, first: what was kept. Whoever had the store before has it no longer, so that one which was
   * stopped, and does not know that another took its place, can change nothing.
   */
  open(): Promise<Kept>;
  /**
   * Resolves when the changes are kept; those of several calls are made in the order of the calls.
   * Rejects with `StorageFullError`, `StorageTakenOverError`, or what the platform throws; then nothing has changed.
   */
  commit(changes: Changes): Promise<void>;
  /** The bytes of a segment; `null` where there is none. */
  read(key: SegmentKey): Promise<Bytes | null>;
  /** What was committed is kept first. */
  close(): Promise<void>;
}
