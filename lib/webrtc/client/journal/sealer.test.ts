import { ManualClock } from '@innmesh/kit';
import { series } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Stream } from './replica.ts';
import { Sealer } from './sealer.ts';
import type { SealRound } from './seals.ts';
import { streamOf } from './test-support/streams.ts';

/** What is written at one time is signed within so long. */
const SOON_MS = 20;

let clock: ManualClock;
let stream: Stream;
let signed: number[][];
let rounds: { of: Stream; round: SealRound; expiresAtMs: number }[];
let signing: () => Promise<void>;
let keeping: () => Promise<void>;
let logged: string[];
let sealer: Sealer;

beforeEach(async () => {
  clock = new ManualClock(1_000);
  stream = await streamOf();
  [signed, rounds, logged, signing, keeping] = [[], [], [], async () => {}, async () => {}];
  sealer = new Sealer({
    clock,
    sign: async (_, entries) => {
      await signing();
      signed.push(entries.map(({ seq }) => seq));
      return new Uint8Array(64).fill(signed.length);
    },
    keep: async (of, round, expiresAtMs) => {
      await keeping();
      of.sealed = round.upTo;
      rounds.push({ of, round, expiresAtMs });
    },
    log: (text) => logged.push(text),
  });
});

const add = (seq: number, options: { eyes?: string; sizeBytes?: number; of?: Stream } = {}) => {
  const { eyes = 'all', sizeBytes = 100, of = stream } = options;
  sealer.add(of, { seq, bytes: new Uint8Array(sizeBytes), expiresAtMs: 10_000 + seq, eyes });
};
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await settled();
}

describe('what a device writes is signed', () => {
  it('behind its being sent, when nothing has come for 10 ms', async () => {
    add(1);
    await pass(9);
    for (const seq of [2, 3]) add(seq);
    await pass(10);
    expect(signed).toEqual([]);
    await pass(1);
    expect(signed).toEqual([[1, 2, 3]]);
    add(4);
    await pass(SOON_MS);
    expect(rounds.map(({ round: { after, upTo } }) => [after, upTo])).toEqual([
      [0, 3],
      [3, 4],
    ]);
    expect(rounds.map(({ expiresAtMs }) => expiresAtMs)).toEqual([10_003, 10_004]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('after 200 ms at the latest, though more comes all the time', async () => {
    for (let seq = 1; seq <= 40; seq += 1) {
      expect(signed).toEqual([]);
      add(seq);
      await pass(5);
    }
    expect(signed).toEqual([Array.from({ length: 40 }, (_, index) => index + 1)]);
  });

  it('with a signature for each set of eyes, so that nobody needs to see what is not for it [L20]', async () => {
    for (const [seq, eyes] of [
      [1, 'all'],
      [2, 'pos'],
      [3, 'all'],
      [5, 'pos'],
    ] as const) {
      add(seq, { eyes });
    }
    await pass(SOON_MS);
    expect(rounds.map(({ round: { groups } }) => groups.map(({ seqs }) => seqs))).toEqual([
      [
        [1, 3],
        [2, 5],
      ],
    ]);
  });

  it('in rounds that each cross in few frames', async () => {
    for (let seq = 1; seq <= 100; seq += 1) add(seq, { sizeBytes: 1_000 });
    await pass(SOON_MS);
    const ends = rounds.map(({ round: { upTo } }) => upTo);
    expect(ends).toEqual([45, 90, 100]);
  });

  it('one by one where entries are long', async () => {
    const of = await streamOf('writer', { series: series.sharedBulk });
    for (const seq of [1, 2]) add(seq, { of, sizeBytes: 20_000 });
    await pass(SOON_MS);
    expect(signed).toEqual([[1], [2]]);
  });

  it('not twice where more comes while a signature is being made', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    signing = () => promise;
    add(1);
    await pass(SOON_MS);
    add(2);
    await pass(100);
    resolve();
    await settled();
    await pass(100);
    expect([signed, clock.pendingTimers]).toEqual([[[1], [2]], 0]);
  });

  it('later where the key could not be used', async () => {
    signing = () => Promise.reject(new Error('the key is locked'));
    add(1);
    await pass(SOON_MS);
    expect([signed, logged.length]).toEqual([[], 1]);
    signing = async () => {};
    await pass(999);
    expect(signed).toEqual([]);
    await pass(1);
    expect(signed).toEqual([[1]]);
  });

  it('again where the signature found no room, together with what has come meanwhile: a round has no hole [L20]', async () => {
    keeping = () => Promise.reject(new Error('the disk is full'));
    add(1);
    await pass(SOON_MS);
    add(2);
    await pass(100);
    keeping = async () => {};
    await pass(900);
    expect(rounds.map(({ round: { after, upTo, groups } }) => [after, upTo, groups[0]?.seqs])).toEqual([
      [0, 2, [1, 2]],
    ]);
  });

  it('no more once the device has stopped', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    add(1);
    signing = () => promise;
    await pass(SOON_MS);
    add(2);
    sealer.stop();
    resolve();
    await pass(100);
    expect([rounds, clock.pendingTimers]).toEqual([[], 0]);
  });
});
