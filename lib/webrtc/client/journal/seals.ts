import { ByteReader, ByteWriter, type Entry, MalformedFrameError, SIGNATURE_BYTES } from '@innmesh/protocol';
import type { KeptEntry } from './segment-codec.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Entries of one stream for the same eyes, and their writer's signature over them. */
export interface SealGroup {
  readonly seqs: number[];
  readonly signature: Bytes;
}

/** What a writer sealed at one time: every entry behind the round before, up to `upTo`. */
export interface SealRound {
  /** Where the round before ended. */
  readonly after: number;
  readonly upTo: number;
  readonly groups: SealGroup[];
}

/** A round with the entries that it is about. */
export interface SealedRound {
  readonly after: number;
  readonly upTo: number;
  readonly groups: { readonly entries: (KeptEntry & { readonly entry: Entry })[]; readonly signature: Bytes }[];
}

/** Throws `MalformedFrameError` for numbers that do not go up in each group, or lie outside of `least` to `upTo`. */
export function expectOrdered(groups: readonly (readonly number[])[], least: number, upTo: number): void {
  for (const seqs of groups) {
    const isOrdered = seqs.every((seq, index) => seq >= least && seq <= upTo && seq > (seqs[index - 1] ?? -1));
    if (!isOrdered) throw new MalformedFrameError('Sealed entries are not in order.');
  }
}

/** As it is kept: where the round before ended; then per group a count, the numbers' distances, and the signature. */
export function encodeRound({ after, groups }: SealRound): Bytes {
  const writer = new ByteWriter(groups.reduce((size, { seqs }) => size + 80 + seqs.length * 4, 8));
  writer.varint(after);
  for (const { seqs, signature } of groups) {
    writer.varint(seqs.length);
    let before = 0;
    for (const seq of seqs) {
      writer.varint(seq - before);
      before = seq;
    }
    writer.bytes(signature);
  }
  return writer.finish();
}

export function decodeRound(upTo: number, bytes: Bytes): SealRound {
  const reader = new ByteReader(bytes);
  const after = reader.varint();
  const groups: SealGroup[] = [];
  while (reader.remaining > 0) {
    let before = 0;
    const seqs = Array.from({ length: reader.varint() }, () => {
      before += reader.varint();
      return before;
    });
    groups.push({ seqs, signature: reader.bytes(SIGNATURE_BYTES) });
  }
  return { after, upTo, groups };
}
