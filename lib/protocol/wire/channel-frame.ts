import { MalformedFrameError } from '../errors.ts';
import * as limits from '../limits.ts';
import { ByteReader, ByteWriter } from './bytes.ts';

/*
 * A frame of a data channel is either a batch of whole records, each with its length before it, or one piece of a
 * record that is longer than a frame. The first byte says which.
 */
const BATCH = 0;
const PIECE = 1;
const LAST_PIECE = 2;

/** The longest record that still fits a batch. */
export const MAX_BATCHED_BYTES = limits.channelFrameBytes - 4;

/** What a piece carries; the last one may carry less. */
const PIECE_BYTES = limits.channelFrameBytes - 1;

/** What a record adds to a batch, at most. */
export const batchedSize = (record: Uint8Array): number => record.length + 3;

export function packBatch(records: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(records.reduce((sum, record) => sum + batchedSize(record), 1));
  writer.byte(BATCH);
  for (const record of records) {
    writer.varint(record.length);
    writer.bytes(record);
  }
  return writer.finish();
}

/** The frames of a record that is too long for a batch, made as they are asked for. */
export function* cutIntoPieces(record: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
  for (let start = 0; start < record.length; start += PIECE_BYTES) {
    const piece = record.subarray(start, start + PIECE_BYTES);
    const frame = new Uint8Array(piece.length + 1);
    frame[0] = start + PIECE_BYTES < record.length ? PIECE : LAST_PIECE;
    frame.set(piece, 1);
    yield frame;
  }
}

/** Puts records together again out of one channel's frames, in their order. Holds one unfinished record at most. */
export class RecordAssembler {
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  /** Holds for the pieces that come from now on. */
  maxRecordBytes: number;

  constructor(maxRecordBytes: number) {
    this.maxRecordBytes = maxRecordBytes;
  }

  /** The records that this frame completes. Throws `MalformedFrameError`. */
  receive(frame: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
    if (frame.length > limits.channelFrameBytes) {
      throw new MalformedFrameError(
        `A channel frame of ${frame.length} bytes; the limit is ${limits.channelFrameBytes}.`,
      );
    }
    const reader = new ByteReader(frame);
    const kind = reader.byte();
    if (kind === BATCH) return this.#readBatch(reader);
    if (kind !== PIECE && kind !== LAST_PIECE) throw new MalformedFrameError(`No channel frame begins with ${kind}.`);
    const piece = reader.rest();
    // Were they shorter, a few bytes of record could be made to cost a buffer each.
    if (kind === PIECE && piece.length < PIECE_BYTES)
      throw new MalformedFrameError('A piece before the last is not full.');
    this.#keep(piece);
    return kind === LAST_PIECE ? [this.#join()] : [];
  }

  /** A batch amid the pieces of a record would overtake it. */
  #readBatch(reader: ByteReader): Uint8Array<ArrayBuffer>[] {
    if (this.#pieces.length > 0) throw new MalformedFrameError('A batch comes before the last piece of a record.');
    const records: Uint8Array<ArrayBuffer>[] = [];
    while (reader.remaining > 0) records.push(reader.bytes(reader.varint()));
    return records;
  }

  #keep(piece: Uint8Array): void {
    this.#pieceBytes += piece.length;
    if (this.#pieceBytes > this.maxRecordBytes) {
      throw new MalformedFrameError(`A record grows over the limit of ${this.maxRecordBytes} bytes.`);
    }
    this.#pieces.push(piece);
  }

  #join(): Uint8Array<ArrayBuffer> {
    const record = new ByteWriter(this.#pieceBytes);
    for (const piece of this.#pieces) record.bytes(piece);
    this.#pieces = [];
    this.#pieceBytes = 0;
    return record.finish();
  }
}
