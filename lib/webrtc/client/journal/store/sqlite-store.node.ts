import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { StorageFullError, StorageTakenOverError } from './errors.ts';
import type { Changes, JournalStore, Kept, SegmentHead, SegmentKey } from './journal-store.ts';

const SCHEMA = `
  PRAGMA page_size = 4096;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS segment (
    journal TEXT NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (journal, first_seq)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS owner (id INTEGER PRIMARY KEY CHECK (id = 0), number INTEGER NOT NULL) STRICT;
  INSERT OR IGNORE INTO owner VALUES (0, 0);
`;

/** How long another process may hold the file. */
const BUSY_TIMEOUT_MS = 5_000;
/** SQLITE_FULL (https://sqlite.org/rescode.html#full). */
const FULL = 13;
const PAGE_BYTES = 4_096;
const DEFAULT_MAX_BYTES = 1024 ** 3;

export interface SqliteStoreOptions {
  /** What the file may grow to, in bytes; default: 1 GiB. */
  maxBytes?: number;
}

/** In one SQLite file, which only its owner may read. A commit is on the disk when it resolves. */
export class SqliteStore implements JournalStore {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepareAll>;
  /** Nobody's number, until it is opened. */
  #owner = -1;

  constructor(path: string, { maxBytes = DEFAULT_MAX_BYTES }: SqliteStoreOptions = {}) {
    closeSync(openSync(path, 'a', 0o600));
    this.#database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    this.#database.exec(SCHEMA);
    this.#database.exec(`PRAGMA max_page_count = ${Math.floor(maxBytes / PAGE_BYTES)}`);
    this.#statements = prepareAll(this.#database);
  }

  async open(): Promise<Kept> {
    const { takeOver, heads, marks } = this.#statements;
    this.#owner = (takeOver.get() as { number: number }).number;
    const texts = marks.all() as { name: string; text: string }[];
    return {
      segments: heads.all().map((row) => ({ ...row }) as unknown as SegmentHead),
      marks: new Map(texts.map(({ name, text }) => [name, text])),
    };
  }

  async commit(changes: Changes): Promise<void> {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      this.#expectToOwn();
      this.#apply(changes);
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw (error as { errcode?: number }).errcode === FULL ? new StorageFullError({ cause: error }) : error;
    }
  }

  async read({ journal, firstSeq }: SegmentKey): Promise<Uint8Array<ArrayBuffer> | null> {
    const row = this.#statements.bytes.get(journal, firstSeq) as { bytes: Uint8Array<ArrayBuffer> } | undefined;
    return row?.bytes ?? null;
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  #expectToOwn(): void {
    const { number } = this.#statements.owner.get() as { number: number };
    if (number !== this.#owner) throw new StorageTakenOverError();
  }

  #apply({ remove = [], put = [], marks = [] }: Changes): void {
    const { removeSegment, putSegment, removeMark, putMark } = this.#statements;
    for (const { journal, firstSeq } of remove) removeSegment.run(journal, firstSeq);
    for (const { journal, firstSeq, lastSeq, expiresAtMs, bytes } of put) {
      putSegment.run(journal, firstSeq, lastSeq, expiresAtMs, bytes);
    }
    for (const [name, text] of marks) {
      if (text === null) removeMark.run(name);
      else putMark.run(name, text);
    }
  }
}

function prepareAll(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    owner: prepare('SELECT number FROM owner'),
    takeOver: prepare('UPDATE owner SET number = number + 1 RETURNING number'),
    heads: prepare(
      `SELECT journal, first_seq AS firstSeq, last_seq AS lastSeq, expires_at_ms AS expiresAtMs,
       length(bytes) AS sizeBytes FROM segment ORDER BY journal, first_seq`,
    ),
    marks: prepare('SELECT name, text FROM mark'),
    bytes: prepare('SELECT bytes FROM segment WHERE journal = ? AND first_seq = ?'),
    removeSegment: prepare('DELETE FROM segment WHERE journal = ? AND first_seq = ?'),
    putSegment: prepare('INSERT OR REPLACE INTO segment VALUES (?, ?, ?, ?, ?)'),
    removeMark: prepare('DELETE FROM mark WHERE name = ?'),
    putMark: prepare('INSERT OR REPLACE INTO mark VALUES (?, ?)'),
  };
}
