import { MalformedFrameError } from '../errors.ts';
import * as limits from '../limits.ts';
import { ByteReader, ByteWriter } from './bytes.ts';

/*
 * A frame of a data channel is either a batch of whole records, each with its length before it, or one piece of a
 * record that is longer than a frame. The first byte says which. A piece names the stream that its record belongs to,
 * and the first piece also how long the record is: pieces of several streams may take turns, and batches come between.
 */
const BATCH = 0;
const FIRST_PIECE = 1;
const NEXT_PIECE = 2;

type Bytes = Uint8Array<ArrayBuffer>;

/** A record in two parts, so that a long body need not be copied to put its head before it. */
export interface OutgoingRecord {
  readonly head: Uint8Array;
  readonly body: Uint8Array;
}

/** The longest record that still fits a batch. */
export const MAX_BATCHED_BYTES = limits.channelFrameBytes - 4;

export const recordBytes = ({ head, body }: OutgoingRecord): number => head.length + body.length;

/** Writes one frame at a time; each is good until the next is begun. */
export class FrameWriter {
  readonly #writer = new ByteWriter(limits.channelFrameBytes);

  get frame(): Bytes {
    return this.#writer.finish();
  }

  beginBatch(): void {
    this.#writer.clear();
    this.#writer.byte(BATCH);
  }

  /** `false` where the batch has no room for it. */
  add(record: OutgoingRecord): boolean {
    const length = recordBytes(record);
    if (this.#writer.length + 3 + length > limits.channelFrameBytes) return false;
    this.#writer.varint(length);
    this.#writer.bytes(record.head);
    this.#writer.bytes(record.body);
    return true;
  }

  /** A frame of what comes at this offset in the record; returns the offset behind it. */
  cut(stream: number, record: OutgoingRecord, offset: number, frameBytes: number): number {
    const writer = this.#writer;
    const length = recordBytes(record);
    const headLength = record.head.length;
    writer.clear();
    writer.byte(offset === 0 ? FIRST_PIECE : NEXT_PIECE);
    writer.varint(stream);
    if (offset === 0) writer.varint(length);
    const end = Math.min(length, offset + frameBytes - writer.length);
    writer.bytes(record.head.subarray(offset, end));
    writer.bytes(record.body.subarray(Math.max(offset - headLength, 0), Math.max(end - headLength, 0)));
    return end;
  }
}

/** Room for a record before more of it has come; it is doubled as it fills, so that an announced length costs little. */
const FIRST_ROOM_BYTES = 256 * 1024;

interface Unfinished {
  room: Bytes;
  filledBytes: number;
  readonly announcedBytes: number;
}

/** Puts records together again out of one channel's frames: of each stream one at a time. */
export class RecordAssembler {
  readonly #unfinished = new Map<number, Unfinished>();
  #announcedBytes = 0;
  /** What the unfinished records may come to together; holds for those that begin from now on. */
  maxBytes: number;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** The records that this frame completes. Throws `MalformedFrameError`. */
  receive(frame: Bytes): Bytes[] {
    if (frame.length > limits.channelFrameBytes) {
      throw new MalformedFrameError(
        `A channel frame of ${frame.length} bytes; the limit is ${limits.channelFrameBytes}.`,
      );
    }
    const reader = new ByteReader(frame);
    const kind = reader.byte();
    if (kind === BATCH) return readBatch(reader);
    if (kind !== FIRST_PIECE && kind !== NEXT_PIECE) {
      throw new MalformedFrameError(`No channel frame begins with ${kind}.`);
    }
    const stream = reader.varint();
    if (kind === FIRST_PIECE) this.#begin(stream, reader.varint());
    const record = this.#unfinished.get(stream);
    if (!record) throw new MalformedFrameError('A piece belongs to no record.');
    fill(record, reader.rest());
    if (record.filledBytes < record.announcedBytes) return [];
    this.#unfinished.delete(stream);
    this.#announcedBytes -= record.announcedBytes;
    return [record.room];
  }

  #begin(stream: number, announcedBytes: number): void {
    if (this.#unfinished.has(stream)) throw new MalformedFrameError('A record begins before the last one has ended.');
    if (this.#unfinished.size >= limits.unfinishedRecords) throw new MalformedFrameError('Too many records at once.');
    const maxBytes = Math.min(limits.recordBytes, this.maxBytes - this.#announcedBytes);
    if (announcedBytes > maxBytes) {
      throw new MalformedFrameError(`A record of ${announcedBytes} bytes is over the limit of ${maxBytes}.`);
    }
    this.#announcedBytes += announcedBytes;
    const room = new Uint8Array(Math.min(announcedBytes, FIRST_ROOM_BYTES));
    this.#unfinished.set(stream, { room, filledBytes: 0, announcedBytes });
  }
}

function readBatch(reader: ByteReader): Bytes[] {
  const records: Bytes[] = [];
  while (reader.remaining > 0) records.push(reader.bytes(reader.varint()));
  return records;
}

function fill(record: Unfinished, piece: Uint8Array): void {
  const filledBytes = record.filledBytes + piece.length;
  if (piece.length === 0) throw new MalformedFrameError('A piece is empty.');
  if (filledBytes > record.announcedBytes) throw new MalformedFrameError('A record is longer than was announced.');
  if (filledBytes > record.room.length) {
    const room = new Uint8Array(Math.min(record.announcedBytes, record.room.length * 2));
    room.set(record.room);
    record.room = room;
  }
  record.room.set(piece, record.filledBytes);
  record.filledBytes = filledBytes;
}
