import { ByteReader, ByteWriter } from '@innmesh/protocol';
import type { Segment } from './store/journal-store.ts';

/** One entry of a journal, as it is kept: whose, and what it says, is in its bytes. */
export interface KeptEntry {
  /** Greater than that of every entry before it in its journal; what a device may not read leaves gaps. */
  readonly seq: number;
  readonly expiresAtMs: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Numbers are varints, each entry's after the one before: `seq`'s distance, `expiresAtMs`, length; then its bytes. */
export function encodeSegment(journal: string, entries: readonly KeptEntry[]): Segment {
  const [first, last] = [entries[0] as KeptEntry, entries.at(-1) as KeptEntry];
  const writer = new ByteWriter(entries.reduce((size, { bytes }) => size + bytes.length + 16, 0));
  let before = first.seq;
  for (const { seq, expiresAtMs, bytes } of entries) {
    writer.varint(seq - before);
    writer.varint(expiresAtMs);
    writer.varint(bytes.length);
    writer.bytes(bytes);
    before = seq;
  }
  const expiresAtMs = entries.reduce((latest, entry) => Math.max(latest, entry.expiresAtMs), 0);
  return { journal, firstSeq: first.seq, lastSeq: last.seq, expiresAtMs, bytes: writer.finish() };
}

/** Throws `MalformedFrameError` for what no device has written. */
export function decodeSegment(firstSeq: number, bytes: Uint8Array<ArrayBuffer>): KeptEntry[] {
  const reader = new ByteReader(bytes);
  const entries: KeptEntry[] = [];
  let seq = firstSeq;
  while (reader.remaining > 0) {
    seq += reader.varint();
    entries.push({ seq, expiresAtMs: reader.varint(), bytes: reader.bytes(reader.varint()) });
  }
  return entries;
}
