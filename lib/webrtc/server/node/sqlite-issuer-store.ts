import { chmodSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { IssuerRecords, IssuerStore, RecordKind } from '../issuer/store.ts';

/*
 * One table of documents: each is read and written whole, by its key, and the tenant is the key's first part. The words
 * of a schema are in store.ts.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS record (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    expires_at_ms INTEGER,
    PRIMARY KEY (tenant, kind, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS record_expiry ON record (expires_at_ms) WHERE expires_at_ms IS NOT NULL;
`;

/** Version of `SCHEMA`, in the file's `user_version`. */
const SCHEMA_VERSION = 1;

/** How long a second process (one that prints a setup code) may hold the file. */
const BUSY_TIMEOUT_MS = 5_000;

/** Keeps everything in one SQLite file, which only its owner may read. `:memory:` keeps it in memory. */
export class SqliteIssuerStore implements IssuerStore {
  readonly #database: DatabaseSync;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #list: StatementSync;
  readonly #tenants: StatementSync;
  readonly #removeExpired: StatementSync;

  constructor(path: string) {
    this.#database = open(path);
    const prepare = (sql: string) => this.#database.prepare(sql);
    this.#get = prepare('SELECT body FROM record WHERE tenant = ? AND kind = ? AND key = ?');
    this.#put = prepare(
      'INSERT OR REPLACE INTO record (tenant, kind, key, body, expires_at_ms) VALUES (?, ?, ?, ?, ?)',
    );
    this.#delete = prepare('DELETE FROM record WHERE tenant = ? AND kind = ? AND key = ?');
    this.#list = prepare('SELECT body FROM record WHERE tenant = ? AND kind = ? ORDER BY key');
    this.#tenants = prepare("SELECT tenant FROM record WHERE kind = 'tenant' ORDER BY tenant");
    this.#removeExpired = prepare('DELETE FROM record WHERE expires_at_ms <= ?');
  }

  get<K extends RecordKind>(kind: K, tenantId: string, key: string): IssuerRecords[K] | undefined {
    const row = this.#get.get(tenantId, kind, key);
    return row && read<K>(row);
  }

  put<K extends RecordKind>(
    kind: K,
    tenantId: string,
    key: string,
    record: IssuerRecords[K],
    expiresAtMs?: number,
  ): void {
    const expires = expiresAtMs === undefined ? null : Math.ceil(expiresAtMs);
    this.#put.run(tenantId, kind, key, JSON.stringify(record), expires);
  }

  delete(kind: RecordKind, tenantId: string, key: string): void {
    this.#delete.run(tenantId, kind, key);
  }

  list<K extends RecordKind>(kind: K, tenantId: string): IssuerRecords[K][] {
    return this.#list.all(tenantId, kind).map(read<K>);
  }

  tenants(): string[] {
    return this.#tenants.all().map(({ tenant }) => String(tenant));
  }

  removeExpired(nowMs: number): void {
    this.#removeExpired.run(Math.floor(nowMs));
  }

  transaction<T>(work: () => T): T {
    if (this.#database.isTransaction) return work();
    // At once for writing: another process must not write between what is read here and what follows from it.
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  flush(): void {
    this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)');
  }

  close(): void {
    this.#database.close();
  }
}

function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  // No wait for the disk at each request: signaling may run in this process. What must not be taken back is flushed; the
  // rest may be: used proofs are over in a minute, and a renewal token is taken also where the store is behind it.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > SCHEMA_VERSION) {
    database.close();
    throw new Error(`${path} was written by a newer version of Innmesh. Update this one.`);
  }
  database.exec(`${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION};`);
  if (path !== ':memory:') chmodSync(path, 0o600);
  return database;
}

const read = <K extends RecordKind>(row: Record<string, unknown>) => JSON.parse(String(row.body)) as IssuerRecords[K];
