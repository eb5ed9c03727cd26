import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SqliteIssuerStore } from '../node/sqlite-issuer-store.ts';
import { MemoryIssuerStore } from './memory-store.ts';
import type { IssuerStore, TableRecord } from './store.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'innmesh-issuer-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function opened<S extends IssuerStore>(store: S): S {
  onTestFinished(() => store.close());
  return store;
}

const table = (tableId: string, keyVersion = 1): TableRecord => ({ tableId, keyVersion, session: null });

describe.each([
  ['memory', () => opened(new MemoryIssuerStore())],
  ['SQLite', () => opened(new SqliteIssuerStore(join(temporaryFolder(), 'issuer.sqlite')))],
])('the store in %s', (_, create) => {
  it('gives back what was put, replaces it, and forgets it', () => {
    const store = create();
    expect(store.get('table', 'a', '5')).toBeUndefined();
    store.put('table', 'a', '5', table('5'));
    expect(store.get('table', 'a', '5')).toEqual(table('5'));
    store.put('table', 'a', '5', table('5', 2));
    expect(store.get('table', 'a', '5')).toEqual(table('5', 2));
    store.delete('table', 'a', '5');
    expect(store.get('table', 'a', '5')).toBeUndefined();
    store.delete('table', 'a', '5');
  });

  it('keeps tenants apart, and kinds, whatever their names', () => {
    const store = create();
    store.put('table', 'a', '5', table('of a'));
    store.put('table', 'b', '5', table('of b'));
    store.put('usedProof', 'a', '5', { usedAtMs: 1 });
    for (const odd of ['a","b', "a'--", 'a\u0000b', '']) store.put('table', odd, '5', table(odd));
    expect(store.list('table', 'a')).toEqual([table('of a')]);
    expect(store.list('table', 'b')).toEqual([table('of b')]);
    expect(store.get('table', "a'--", '5')).toEqual(table("a'--"));
    store.delete('table', 'a', '5');
    expect(store.get('table', 'b', '5')).toEqual(table('of b'));
    expect(store.get('usedProof', 'a', '5')).toEqual({ usedAtMs: 1 });
  });

  it('lists in the order of the keys', () => {
    const store = create();
    for (const id of ['b', 'c', 'a']) store.put('table', 'hotel', id, table(id));
    expect(store.list('table', 'hotel').map(({ tableId }) => tableId)).toEqual(['a', 'b', 'c']);
  });

  it('knows the tenants that are set up', () => {
    const store = create();
    for (const tenantId of ['b', 'a']) {
      store.put('tenant', tenantId, '', { tenantId, denySeq: 1, denyList: 'x', denyListKeyId: 'k' });
    }
    store.put('table', 'c', '5', table('5'));
    expect(store.tenants()).toEqual(['a', 'b']);
  });

  it('removes what has expired, from that very moment on, and nothing else', () => {
    const store = create();
    store.put('table', 'a', 'stays', table('stays'));
    store.put('table', 'a', 'goes', table('goes'), 1_000);
    store.removeExpired(999);
    expect(store.get('table', 'a', 'goes')).toBeDefined();
    store.removeExpired(1_000);
    expect(store.list('table', 'a')).toEqual([table('stays')]);
  });

  it('hands out copies', () => {
    const store = create();
    const record = table('5');
    store.put('table', 'a', '5', record);
    record.keyVersion = 99;
    const read = store.get('table', 'a', '5');
    if (read) read.keyVersion = 98;
    expect(store.get('table', 'a', '5')).toEqual(table('5'));
  });

  it('writes all of a transaction or nothing of it, nested ones included', () => {
    const store = create();
    store.put('table', 'a', 'before', table('before'));
    const failing = () =>
      store.transaction(() => {
        store.transaction(() => store.put('table', 'a', 'inner', table('inner')));
        store.put('table', 'a', 'before', table('before', 2));
        store.delete('table', 'a', 'before');
        throw new Error('power cut');
      });
    expect(failing).toThrow('power cut');
    expect(store.list('table', 'a')).toEqual([table('before')]);
    expect(store.transaction(() => 'result')).toBe('result');
  });
});

describe('the store in SQLite', () => {
  it('finds everything again, in a file for its owner alone [E11]', () => {
    const path = join(temporaryFolder(), 'issuer.sqlite');
    const first = new SqliteIssuerStore(path);
    first.put('table', 'a', '5', table('5'));
    first.close();
    const second = opened(new SqliteIssuerStore(path));
    expect(second.get('table', 'a', '5')).toEqual(table('5'));
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('shares its file with a second process that prints a setup code', () => {
    const path = join(temporaryFolder(), 'issuer.sqlite');
    const [server, command] = [opened(new SqliteIssuerStore(path)), opened(new SqliteIssuerStore(path))];
    command.put('setupCode', '', 'hash', { codeHash: 'hash', tenantId: null, expiresAtMs: 1 });
    expect(server.get('setupCode', '', 'hash')).toBeDefined();
  });
});
