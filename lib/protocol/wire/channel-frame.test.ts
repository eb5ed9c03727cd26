import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedFrameError } from '../errors.ts';
import * as limits from '../limits.ts';
import { batchedSize, cutIntoPieces, MAX_BATCHED_BYTES, packBatch, RecordAssembler } from './channel-frame.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const MAX_RECORD_BYTES = 100_000;
const FULL_PIECE = limits.channelFrameBytes;

const assembler = () => new RecordAssembler(MAX_RECORD_BYTES);
const recordOf = (length: number, fill = 7): Bytes => new Uint8Array(length).fill(fill);
const piece = (kind: 1 | 2, bytes: number): Bytes => Uint8Array.of(kind, ...recordOf(bytes));

/** Frames for the records in order: a batch is closed where `cuts` says, or where it is full. */
function framesOf(records: readonly Bytes[], cuts: readonly boolean[]): Bytes[] {
  const frames: Bytes[] = [];
  let batch: Bytes[] = [];
  const flush = () => {
    if (batch.length > 0) frames.push(packBatch(batch));
    batch = [];
  };
  records.forEach((record, index) => {
    const size = batch.reduce((sum, each) => sum + batchedSize(each), 1) + batchedSize(record);
    const tooLong = record.length > MAX_BATCHED_BYTES;
    if (tooLong || size > limits.channelFrameBytes || cuts[index]) flush();
    if (tooLong) frames.push(...cutIntoPieces(record));
    else batch.push(record);
  });
  flush();
  return frames;
}

describe('records in frames', () => {
  it('come out as they went in, in order, however they were batched and cut, in frames of at most 16 KiB [W5]', () => {
    const length = fc.oneof(
      { weight: 5, arbitrary: fc.nat({ max: 300 }) },
      { weight: 1, arbitrary: fc.integer({ min: MAX_BATCHED_BYTES - 5, max: MAX_BATCHED_BYTES + 5 }) },
      { weight: 1, arbitrary: fc.integer({ min: 2 * FULL_PIECE - 5, max: 2 * FULL_PIECE + 5 }) },
      { weight: 1, arbitrary: fc.nat({ max: MAX_RECORD_BYTES }) },
    );
    const records = fc.array(fc.tuple(length, fc.nat({ max: 255 }), fc.boolean()), { maxLength: 30 });
    fc.assert(
      fc.property(records, (drawn) => {
        const sent = drawn.map(([length, fill]) => recordOf(length, fill));
        const frames = framesOf(
          sent,
          drawn.map(([, , cut]) => cut),
        );
        for (const frame of frames) expect(frame.length).toBeLessThanOrEqual(limits.channelFrameBytes);
        const receiver = assembler();
        const received = frames.flatMap((frame) => receiver.receive(frame));
        expect(received.map(({ length }) => length)).toEqual(sent.map(({ length }) => length));
        expect(received.every((record, index) => Buffer.compare(record, sent[index] as Bytes) === 0)).toBe(true);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('keep the order of their bytes over pieces', () => {
    const record = Uint8Array.from({ length: 50_000 }, (_, index) => (index * 31) % 251);
    const receiver = assembler();
    const received = [...cutIntoPieces(record)].flatMap((frame) => receiver.receive(frame));
    expect(received).toEqual([record]);
  });

  it('of the longest size for a batch fill one frame exactly', () => {
    expect(packBatch([recordOf(MAX_BATCHED_BYTES)]).length).toBeLessThanOrEqual(limits.channelFrameBytes);
    expect(batchedSize(recordOf(MAX_BATCHED_BYTES)) + 1).toBe(limits.channelFrameBytes);
  });
});

describe('a receiver refuses', () => {
  const cases: [string, Bytes][] = [
    ['an empty frame', new Uint8Array()],
    ['a frame of no known kind', Uint8Array.of(3, 1, 2)],
    ['a batch that breaks off within a length', Uint8Array.of(0, 0x80)],
    ['a batch that breaks off within a record', Uint8Array.of(0, 5, 1, 2)],
    ['a batch whose length is forged', Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff, 0x7f)],
    ['a frame over the limit of a frame', packBatch([recordOf(limits.channelFrameBytes)])],
    ['an empty piece, which would cost memory and count for nothing', piece(1, 0)],
    ['a piece before the last that is not full', piece(1, FULL_PIECE - 2)],
  ];
  it.each(cases)('%s [W5]', (_, frame) => {
    expect(() => assembler().receive(frame)).toThrow(MalformedFrameError);
  });

  it('a record that grows over the limit, as soon as it does [W5]', () => {
    const receiver = assembler();
    const full = piece(1, FULL_PIECE - 1);
    const fitting = Math.floor(MAX_RECORD_BYTES / (FULL_PIECE - 1));
    for (let index = 0; index < fitting; index++) expect(receiver.receive(full)).toEqual([]);
    expect(() => receiver.receive(full)).toThrow(`A record grows over the limit of ${MAX_RECORD_BYTES} bytes.`);
  });

  it('a batch amid the pieces of a record, which would overtake it [W5]', () => {
    const receiver = assembler();
    receiver.receive(piece(1, FULL_PIECE - 1));
    expect(() => receiver.receive(packBatch([recordOf(1)]))).toThrow(
      'A batch comes before the last piece of a record.',
    );
  });

  it('nothing after a finished record: the next starts anew', () => {
    const receiver = assembler();
    receiver.receive(piece(1, FULL_PIECE - 1));
    expect(receiver.receive(piece(2, 1))[0]).toHaveLength(FULL_PIECE);
    expect(receiver.receive(piece(2, 3))).toEqual([recordOf(3)]);
    expect(receiver.receive(packBatch([recordOf(2), recordOf(0)]))).toEqual([recordOf(2), recordOf(0)]);
  });
});
