import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedFrameError } from '../errors.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { text } from './layout.ts';

const readVarint = (...bytes: number[]) => new ByteReader(Uint8Array.from(bytes)).varint();

function varintBytes(value: number): Uint8Array {
  const writer = new ByteWriter();
  writer.varint(value);
  return writer.finish();
}

describe('varint', () => {
  it('takes any safe integer from 0 there and back, seven bits a byte', () => {
    const value = fc.oneof(fc.maxSafeNat(), fc.nat({ max: 20_000 }));
    fc.assert(
      fc.property(value, (value) => {
        const bytes = varintBytes(value);
        expect(bytes).toHaveLength(Math.max(1, Math.ceil(value.toString(2).length / 7)));
        expect(readVarint(...bytes)).toBe(value);
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });

  it.each([0, 1, 127, 128, 16_383, 16_384, 2 ** 32, Number.MAX_SAFE_INTEGER])('takes %d there and back', (value) => {
    expect(readVarint(...varintBytes(value))).toBe(value);
  });

  it('refuses numbers that JavaScript cannot count exactly [W2]', () => {
    expect(() => readVarint(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10)).toThrow('over 2^53');
    expect(() => readVarint(...new Array<number>(200).fill(0xff))).toThrow('over 2^53');
    expect(() => readVarint(...new Array<number>(500).fill(0x80))).toThrow(MalformedFrameError);
  });

  it('refuses a number written longer than need be, so that a message has one encoding [W2]', () => {
    expect(() => readVarint(0x80, 0x00)).toThrow('longer than need be');
    expect(() => readVarint(0xff, 0x80, 0x00)).toThrow('longer than need be');
    expect(readVarint(0x00)).toBe(0);
  });

  it('refuses a number that the frame breaks off', () => {
    expect(() => readVarint(0x80)).toThrow('ends in the middle of a field');
  });
});

describe('text', () => {
  it('keeps a byte order mark, which is a character like any other', () => {
    const writer = new ByteWriter();
    text().write(writer, '\ufeffiPad');
    expect(text().read(new ByteReader(writer.finish()))).toBe('\ufeffiPad');
  });
});

describe('ByteWriter', () => {
  it('grows with what is written', () => {
    const writer = new ByteWriter(1);
    const large = new Uint8Array(1_000).fill(7);
    writer.byte(1);
    writer.bytes(large);
    writer.byte(2);
    expect(writer.finish()).toEqual(Uint8Array.of(1, ...large, 2));
  });

  it('hands out bytes of their own, short ones and those that outgrew the desk: the next frame leaves them alone', () => {
    const contents = [3, 4_096, 4_097, 20_000].map((length) => new Uint8Array(length).fill(length));
    const written = contents.map((content) => {
      const writer = new ByteWriter();
      writer.bytes(content.subarray(0, 2));
      writer.bytes(content.subarray(2));
      return writer.finish();
    });
    expect(written).toEqual(contents);
  });
});
