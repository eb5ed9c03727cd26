import type { IssuerRecords, IssuerStore, RecordKind } from './store.ts';

interface Row {
  kind: RecordKind;
  tenantId: string;
  key: string;
  record: unknown;
  expiresAtMs: number;
}

/** Keeps everything in memory, for tests and for trying things out: a restart forgets every device. */
export class MemoryIssuerStore implements IssuerStore {
  #rows = new Map<string, Row>();
  #isInTransaction = false;

  get<K extends RecordKind>(kind: K, tenantId: string, key: string): IssuerRecords[K] | undefined {
    return structuredClone(this.#rows.get(rowId(kind, tenantId, key))?.record) as IssuerRecords[K] | undefined;
  }

  put<K extends RecordKind>(
    kind: K,
    tenantId: string,
    key: string,
    record: IssuerRecords[K],
    expiresAtMs = Number.POSITIVE_INFINITY,
  ): void {
    const row = { kind, tenantId, key, record: structuredClone(record), expiresAtMs };
    this.#rows.set(rowId(kind, tenantId, key), row);
  }

  delete(kind: RecordKind, tenantId: string, key: string): void {
    this.#rows.delete(rowId(kind, tenantId, key));
  }

  list<K extends RecordKind>(kind: K, tenantId: string): IssuerRecords[K][] {
    return [...this.#rows.values()]
      .filter((row) => row.kind === kind && row.tenantId === tenantId)
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ record }) => structuredClone(record) as IssuerRecords[K]);
  }

  tenants(): string[] {
    const rows = [...this.#rows.values()].filter(({ kind }) => kind === 'tenant');
    return rows.map(({ tenantId }) => tenantId).sort();
  }

  removeExpired(nowMs: number): void {
    for (const [id, { expiresAtMs }] of this.#rows) if (expiresAtMs <= nowMs) this.#rows.delete(id);
  }

  transaction<T>(work: () => T): T {
    if (this.#isInTransaction) return work();
    const before = new Map(this.#rows);
    this.#isInTransaction = true;
    try {
      return work();
    } catch (error) {
      this.#rows = before;
      throw error;
    } finally {
      this.#isInTransaction = false;
    }
  }

  flush(): void {}

  close(): void {}
}

/** Quoted, so that no two sets of parts have the same. */
const rowId = (...parts: string[]) => JSON.stringify(parts);
