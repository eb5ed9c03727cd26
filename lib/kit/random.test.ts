import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Random, randomUint32, seededRandom, systemRandom } from './random.ts';
import { randomId } from './random-id.ts';

const draw = (random: Random) => [random.unit(), ...random.bytes(16), randomId(random, 8), random.unit()];
const fixedBytes = (...bytes: number[]): Random => ({ unit: () => 0, bytes: () => Uint8Array.from(bytes) });

describe('seededRandom', () => {
  it('gives the same numbers for the same seed and others for another', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, other) => {
        expect(draw(seededRandom(seed))).toEqual(draw(seededRandom(seed)));
        if (seed !== other) expect(draw(seededRandom(other))).not.toEqual(draw(seededRandom(seed)));
      }),
      { seed: 1 },
    );
  });

  it('keeps its numbers from release to release, so that a seed in a bug report stays of use', () => {
    const random = seededRandom(1);
    expect([random.unit(), random.unit(), random.unit()]).toEqual([
      0.6270739405881613, 0.002735721180215478, 0.5274470399599522,
    ]);
  });

  it('stays within [0, 1) and spreads evenly', () => {
    const random = seededRandom(7);
    const tenths = new Array<number>(10).fill(0);
    for (let draws = 0; draws < 100_000; draws++) {
      const tenth = Math.floor(random.unit() * 10);
      tenths[tenth] = (tenths[tenth] ?? Number.NaN) + 1;
    }
    expect(tenths).toHaveLength(10);
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});

describe('randomUint32', () => {
  it('takes four bytes, highest first, and is never negative', () => {
    expect(randomUint32(fixedBytes(0, 0, 0, 0))).toBe(0);
    expect(randomUint32(fixedBytes(1, 2, 3, 4))).toBe(0x01020304);
    expect(randomUint32(fixedBytes(255, 255, 255, 255))).toBe(2 ** 32 - 1);
  });
});

describe('randomId', () => {
  it('has the length asked for, out of a–z and 2–7', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 64 }), (seed, length) => {
        expect(randomId(seededRandom(seed), length)).toMatch(new RegExp(`^[a-z2-7]{${length}}$`));
      }),
      { seed: 1 },
    );
  });

  it('gives each of the 32 characters to exactly eight of the 256 bytes', () => {
    const counts = new Map<string, number>();
    for (let byte = 0; byte < 256; byte++) {
      const id = randomId(fixedBytes(byte), 1);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    expect(counts.size).toBe(32);
    expect(new Set(counts.values())).toEqual(new Set([8]));
  });

  it("does not repeat with the system's randomness", () => {
    const ids = Array.from({ length: 1_000 }, () => randomId(systemRandom, 16));
    expect(new Set(ids).size).toBe(1_000);
  });
});
