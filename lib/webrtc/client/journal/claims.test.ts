import { ManualClock } from '@innmesh/kit';
import { beforeEach, expect, it, vi } from 'vitest';
import { Claims } from './claims.ts';
import type { Stream } from './replica.ts';
import { StorageFullError } from './store/errors.ts';
import { MemoryDisk } from './store/memory-store.ts';
import { streamOf } from './test-support/streams.ts';

let clock: ManualClock;
let disk: MemoryDisk;
let stream: Stream;
let claims: Claims;

async function start(): Promise<void> {
  stream = await streamOf('writer', { disk });
  claims = new Claims(stream, clock);
}

beforeEach(async () => {
  clock = new ManualClock(1_000);
  disk = new MemoryDisk();
  await start();
});

it('an entry is for the first device that comes, and for no other', async () => {
  expect(await Promise.all(['first', 'second', 'first'].map((name) => claims.claim(name, stream, 7, 9_000)))).toEqual([
    true,
    false,
    true,
  ]);
  expect([claims.isOf('first', stream, 7), claims.isOf('second', stream, 7), claims.isOf('first', stream, 8)]).toEqual([
    true,
    false,
    false,
  ]);
});

it('whose it is outlives a restart: it is not printed twice', async () => {
  await claims.claim('first', stream, 7, 9_000);
  await start();
  expect([await claims.claim('second', stream, 7, 9_000), await claims.claim('second', stream, 8, 9_000)]).toEqual([
    false,
    true,
  ]);
});

it("an entry is nobody's where it could not be kept whose it is, so that no crash gives it to two [L24]", async () => {
  const setMarks = vi.spyOn(stream.log, 'setMarks').mockRejectedValueOnce(new StorageFullError());
  await expect(claims.claim('first', stream, 7, 9_000)).rejects.toThrow(StorageFullError);
  expect(claims.isOf('first', stream, 7)).toBe(false);
  expect([await claims.claim('first', stream, 7, 9_000), setMarks.mock.calls.length]).toEqual([true, 2]);
});

it('whose it was is forgotten when nobody wants the entry any more', async () => {
  for (let seq = 1; seq <= 100; seq += 1) await claims.claim('first', stream, seq, 9_000);
  const mark = () => [...disk.marks.values()].join('').length;
  const before = mark();
  clock.advance(8_000);
  await claims.claim('first', stream, 101, 20_000);
  expect(mark()).toBeLessThan(before / 10);
});
