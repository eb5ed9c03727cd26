import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedFrameError } from '../errors.ts';
import * as limits from '../limits.ts';
import { cutIntoPieces, outgoing, packBatch } from '../test-support/frames.ts';
import { FrameWriter, MAX_BATCHED_BYTES, RecordAssembler } from './channel-frame.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const MAX_BYTES = 100_000;
const FIRST = 1;
const NEXT = 2;

const assembler = () => new RecordAssembler(MAX_BYTES);
const recordOf = (length: number, fill = 7): Bytes => new Uint8Array(length).fill(fill);
const counted = (length: number): Bytes => Uint8Array.from({ length }, (_, index) => (index * 31) % 251);

/** Frames for the records in order: a batch is closed where `cuts` says, or where it is full. */
function framesOf(records: readonly Bytes[], cuts: readonly boolean[]): Bytes[] {
  const writer = new FrameWriter();
  const frames: Bytes[] = [];
  const flush = () => {
    if (writer.frame.length > 1) frames.push(writer.frame.slice());
    writer.beginBatch();
  };
  writer.beginBatch();
  records.forEach((record, index) => {
    const isLong = record.length > MAX_BATCHED_BYTES;
    if (isLong || cuts[index]) flush();
    if (isLong) frames.push(...cutIntoPieces(record));
    else if (!writer.add(outgoing(record))) {
      flush();
      writer.add(outgoing(record));
    }
  });
  flush();
  return frames;
}

describe('records in frames', () => {
  it('come out as they went in, in order, however they were batched and cut, in frames of at most 16 KiB [W5]', () => {
    const length = fc.oneof(
      { weight: 5, arbitrary: fc.nat({ max: 300 }) },
      { weight: 1, arbitrary: fc.integer({ min: MAX_BATCHED_BYTES - 5, max: MAX_BATCHED_BYTES + 5 }) },
      {
        weight: 1,
        arbitrary: fc.integer({ min: 2 * limits.channelFrameBytes - 15, max: 2 * limits.channelFrameBytes }),
      },
      { weight: 1, arbitrary: fc.nat({ max: MAX_BYTES }) },
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

  it('come out of two parts and pieces of any length as one [W5]', () => {
    const parts = fc.record({
      headBytes: fc.nat({ max: 20_000 }),
      bodyBytes: fc.nat({ max: 50_000 }),
      frameBytes: fc.integer({ min: 16, max: limits.channelFrameBytes }),
    });
    fc.assert(
      fc.property(parts, ({ headBytes, bodyBytes, frameBytes }) => {
        const record = counted(headBytes + bodyBytes + 1);
        const whole = outgoing(record.subarray(0, headBytes), record.subarray(headBytes));
        const receiver = assembler();
        const received = cutIntoPieces(whole, 300, frameBytes).flatMap((frame) => receiver.receive(frame));
        expect(Buffer.compare(received[0] as Bytes, record)).toBe(0);
        expect(received).toHaveLength(1);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('of two parts lie in a batch as one', () => {
    const writer = new FrameWriter();
    writer.beginBatch();
    writer.add(outgoing(Uint8Array.of(1), Uint8Array.of(2, 3)));
    expect(writer.frame).toEqual(packBatch([Uint8Array.of(1, 2, 3)]));
    expect(packBatch([Uint8Array.of(1, 2, 3)])).toEqual(Uint8Array.of(0, 3, 1, 2, 3));
  });

  it('of several streams take turns, and batches come between their pieces [W5]', () => {
    const [long, longer] = [recordOf(40_000, 1), recordOf(50_000, 2)];
    const [a, b] = [cutIntoPieces(long, 1), cutIntoPieces(longer, 200)];
    const batch = packBatch([recordOf(10, 3)]);
    const receiver = assembler();
    const frames = [a[0], batch, b[0], b[1], a[1], batch, a[2], b[2], b[3]] as Bytes[];
    const received = frames.map((frame) => receiver.receive(frame).map((record) => [record[0], record.length]));
    expect(received).toEqual([[], [[3, 10]], [], [], [], [[3, 10]], [[1, 40_000]], [], [[2, 50_000]]]);
  });

  it('of the longest size for a batch fill one frame exactly', () => {
    const writer = new FrameWriter();
    const fits = (length: number) => {
      writer.beginBatch();
      return writer.add(outgoing(recordOf(length)));
    };
    expect([fits(MAX_BATCHED_BYTES + 1), fits(MAX_BATCHED_BYTES)]).toEqual([false, true]);
    expect(writer.frame.length).toBe(limits.channelFrameBytes - 1);
  });
});

const forged = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f);

describe('a receiver refuses', () => {
  const cases: [string, Bytes][] = [
    ['an empty frame', new Uint8Array()],
    ['a frame of no known kind', Uint8Array.of(3, 1, 2)],
    ['a batch that breaks off within a length', Uint8Array.of(0, 0x80)],
    ['a batch that breaks off within a record', Uint8Array.of(0, 5, 1, 2)],
    ['a batch whose length is forged', Uint8Array.of(0, ...forged)],
    ['a piece whose length is forged', Uint8Array.of(FIRST, 0, ...forged, 1)],
    ['a first piece that breaks off within its length', Uint8Array.of(FIRST, 0, 0x80)],
    ['an empty piece, which costs work and counts for nothing', Uint8Array.of(FIRST, 0, 5)],
    ['a piece of more than its record', Uint8Array.of(FIRST, 0, 1, 7, 7)],
    ['a piece of no record', Uint8Array.of(NEXT, 0, 7)],
    ['a frame over the limit of a frame', new Uint8Array(limits.channelFrameBytes + 1)],
  ];
  it.each(cases)('%s [W5]', (_, frame) => {
    expect(() => assembler().receive(frame)).toThrow(MalformedFrameError);
  });

  it('a frame of no known kind for a record that has begun [W5]', () => {
    const receiver = assembler();
    receiver.receive(Uint8Array.of(FIRST, 0, 3, 7));
    expect(() => receiver.receive(Uint8Array.of(3, 0, 7))).toThrow('No channel frame begins with 3.');
  });

  it('a further piece of more than its record, and an empty one [W5]', () => {
    for (const rest of [[1, 2, 3], []]) {
      const receiver = assembler();
      receiver.receive(Uint8Array.of(FIRST, 0, 3, 7));
      expect(() => receiver.receive(Uint8Array.of(NEXT, 0, ...rest))).toThrow(MalformedFrameError);
    }
  });

  it('a second record of a stream before the first has ended, which it would overtake [W5]', () => {
    const receiver = assembler();
    receiver.receive(Uint8Array.of(FIRST, 0, 3, 7));
    expect(() => receiver.receive(Uint8Array.of(FIRST, 0, 3, 7))).toThrow('before the last one has ended');
  });

  it('a ninth record at once [W5]', () => {
    const receiver = assembler();
    for (let stream = 1; stream <= 8; stream++) receiver.receive(Uint8Array.of(FIRST, stream, 2, 7));
    expect(() => receiver.receive(Uint8Array.of(FIRST, 9, 2, 7))).toThrow('Too many records at once.');
    expect(receiver.receive(Uint8Array.of(NEXT, 8, 7))).toEqual([recordOf(2)]);
    expect(receiver.receive(Uint8Array.of(FIRST, 9, 2, 7))).toEqual([]);
  });

  it('a record that announces more than the limit, or than the others leave of it [W5]', () => {
    const pieceOf = (length: number, stream: number) => cutIntoPieces(recordOf(length), stream)[0] as Bytes;
    expect(() => assembler().receive(pieceOf(MAX_BYTES + 1, 0))).toThrow('over the limit of 100000');
    const receiver = assembler();
    receiver.receive(pieceOf(60_000, 0));
    expect(() => receiver.receive(pieceOf(40_001, 1))).toThrow('over the limit of 40000');
    receiver.receive(pieceOf(40_000, 1));
  });

  it('a record over 64 MiB + 1 KiB, though several may come to 4 MiB more [W5]', () => {
    const announce = (length: number) => {
      const first = Uint8Array.of(FIRST, 0, 0, 0, 0, 0, 7);
      for (let index = 2, rest = length; index < 6; index++, rest = Math.floor(rest / 128))
        first[index] = (rest % 128) | (index < 5 ? 128 : 0);
      return first;
    };
    const receive = (length: number) => new RecordAssembler(limits.unfinishedBytes).receive(announce(length));
    expect(receive(limits.recordBytes)).toEqual([]);
    expect(() => receive(limits.recordBytes + 1)).toThrow('over the limit of 67109888');
    expect([limits.recordBytes, limits.unfinishedBytes]).toEqual([64 * 2 ** 20 + 1024, 68 * 2 ** 20 + 1024]);
  });
});

describe('a receiver', () => {
  it('makes room as a record comes, not as it is announced [W3]', () => {
    const before = process.memoryUsage().arrayBuffers;
    const receivers = Array.from({ length: 20 }, () => new RecordAssembler(limits.unfinishedBytes));
    for (const receiver of receivers) receiver.receive(Uint8Array.of(FIRST, 0, 0x80, 0x80, 0x80, 0x20, 7));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 2 ** 20);
    expect(receivers).toHaveLength(20);
  });

  it('puts a long record together in room that it doubles, and hands that out', () => {
    const record = counted(3_000_001);
    const receiver = new RecordAssembler(limits.unfinishedBytes);
    const received = cutIntoPieces(record).flatMap((frame) => receiver.receive(frame));
    expect(Buffer.compare(received[0] as Bytes, record)).toBe(0);
    expect(received[0]?.buffer.byteLength).toBe(record.length);
  });

  it('begins anew after a finished record', () => {
    const receiver = assembler();
    receiver.receive(Uint8Array.of(FIRST, 0, 2, 7));
    expect(receiver.receive(Uint8Array.of(NEXT, 0, 7))).toEqual([recordOf(2)]);
    expect(receiver.receive(Uint8Array.of(FIRST, 0, 3, 7, 7, 7))).toEqual([recordOf(3)]);
    expect(receiver.receive(packBatch([recordOf(2), recordOf(0)]))).toEqual([recordOf(2), recordOf(0)]);
  });
});
