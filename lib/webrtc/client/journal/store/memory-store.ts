import { StorageTakenOverError } from './errors.ts';
import type { Changes, JournalStore, Kept, Segment, SegmentHead, SegmentKey } from './journal-store.ts';

/** What stores in one process or page share, as if they were opened one after the other on one disk. */
export class MemoryDisk {
  readonly segments = new Map<string, Segment>();
  readonly marks = new Map<string, string>();
  owner: MemoryStore | null = null;
}

/** Where a platform keeps nothing, and in tests: until the page or process ends. */
export class MemoryStore implements JournalStore {
  readonly #disk: MemoryDisk;

  constructor(disk = new MemoryDisk()) {
    this.#disk = disk;
  }

  async open(): Promise<Kept> {
    const { segments, marks } = this.#disk;
    this.#disk.owner = this;
    return { segments: [...segments.values()].map(headOf).sort(byPlace), marks: new Map(marks) };
  }

  async commit({ remove = [], put = [], marks = [] }: Changes): Promise<void> {
    const disk = this.#disk;
    if (disk.owner !== this) throw new StorageTakenOverError();
    const copies = put.map((segment) => ({ ...segment, bytes: segment.bytes.slice() }));
    for (const key of remove) disk.segments.delete(nameOf(key));
    for (const segment of copies) disk.segments.set(nameOf(segment), segment);
    for (const [name, text] of marks) {
      if (text === null) disk.marks.delete(name);
      else disk.marks.set(name, text);
    }
  }

  async read(key: SegmentKey): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#disk.segments.get(nameOf(key))?.bytes.slice() ?? null;
  }

  async close(): Promise<void> {
    if (this.#disk.owner === this) this.#disk.owner = null;
  }
}

const nameOf = ({ journal, firstSeq }: SegmentKey) => JSON.stringify([journal, firstSeq]);

function headOf({ bytes, ...head }: Segment): SegmentHead {
  return { ...head, sizeBytes: bytes.length };
}

function byPlace(one: SegmentHead, other: SegmentHead): number {
  if (one.journal !== other.journal) return one.journal < other.journal ? -1 : 1;
  return one.firstSeq - other.firstSeq;
}
