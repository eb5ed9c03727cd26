import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryDisk, MemoryStore } from './memory-store.ts';
import { SqliteStore } from './sqlite-store.node.ts';
import { storeContract } from './test-support/store-contract.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'innmesh-store-'));
  folders.push(folder);
  return join(folder, 'journal.sqlite');
}

describe.each(Object.entries(storeContract))('a store %s', (_, holds) => {
  it('in memory', async () => {
    const disk = new MemoryDisk();
    await holds(async () => new MemoryStore(disk));
  });

  it('in a SQLite file', async () => {
    const file = newFile();
    await holds(async () => new SqliteStore(file));
  });
});

describe('a SQLite file', () => {
  it('is for its owner alone', async () => {
    const file = newFile();
    await new SqliteStore(file).open();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('that is full keeps all it had and nothing new, and says so', async () => {
    const store = new SqliteStore(newFile(), { maxBytes: 100 * 1024 });
    await store.open();
    await store.commit({ marks: [['x', '1']] });
    const bytes = new Uint8Array(1024 * 1024);
    const large = { journal: 'a', firstSeq: 1, lastSeq: 1, expiresAtMs: 1, bytes };
    await expect(store.commit({ put: [large], marks: [['x', '2']] })).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    await store.commit({ marks: [['y', '3']] });
    const { segments, marks } = await store.open();
    expect([segments, [...marks]]).toEqual([
      [],
      [
        ['x', '1'],
        ['y', '3'],
      ],
    ]);
  });

  it('that is full to the last page takes a mark in the place of another, as what was handed over is noted so', async () => {
    const store = new SqliteStore(newFile(), { maxBytes: 100 * 1024 });
    await store.open();
    const names = Array.from({ length: 50 }, (_, index) => `taken ${'A'.repeat(43)} AQIDBAUGBwg ${index}`);
    await store.commit({ marks: names.map((name) => [name, '1000']) });
    for (const sizeBytes of [8_000, 1_000, 10]) await fill(store, sizeBytes);
    await store.commit({ marks: names.map((name) => [name, '1001/1000']) });
    expect(new Set((await store.open()).marks.values())).toEqual(new Set(['1001/1000']));
  });
});

/** Until there is room for no segment of that size. */
async function fill(store: SqliteStore, sizeBytes: number): Promise<void> {
  for (let firstSeq = 1; ; firstSeq += 1) {
    const journal = `of ${sizeBytes}`;
    const segment = { journal, firstSeq, lastSeq: firstSeq, expiresAtMs: 1, bytes: new Uint8Array(sizeBytes) };
    try {
      await store.commit({ put: [segment] });
    } catch (error) {
      expect(error).toMatchObject({ code: 'STORAGE_FULL' });
      return;
    }
  }
}
