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
});
