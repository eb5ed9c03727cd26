import { completed, openDatabase, settled } from '../../indexed-db.browser.ts';
import { StorageFullError, StorageTakenOverError } from './errors.ts';
import type { Changes, JournalStore, Kept, SegmentHead, SegmentKey } from './journal-store.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** A segment's head is its key: a start reads what is kept without its bytes, and a segment is one request. */
type Key = [journal: string, firstSeq: number, lastSeq: number, expiresAtMs: number, sizeBytes: number];

interface Writing {
  transaction: IDBTransaction;
  segments: IDBObjectStore;
  /** Under `OWNER` the number of who has the store; under other names, which begin with a colon, the marks. */
  marks: IDBObjectStore;
  done: Promise<void>;
}

const TABLES = ['segments', 'marks'];
const OWNER = 'owner';
/**
 * Handed to the operating system, not forced through to the disk: it outlives the page and the browser, and of a power
 * cut's last moments something may be missing.
 */
const DURABILITY = { durability: 'relaxed' } as const;

/** In IndexedDB, for all pages of this origin. */
export class IndexedDbStore implements JournalStore {
  readonly #database: Promise<IDBDatabase>;
  /** Nobody's number, until it is opened. */
  #owner: string | undefined = 'nobody';

  constructor(name: string) {
    this.#database = openDatabase(`innmesh-journal ${name}`, TABLES);
    // Whoever opens the store is told.
    this.#database.catch(() => {});
  }

  async open(): Promise<Kept> {
    try {
      return await this.#takeOver((before) => String(Number(before ?? 0) + 1));
    } catch (error) {
      if (!isFull(error)) throw error;
      // Where there is no room for another number there is for none: whoever had the store has another one than that.
      return this.#takeOver(() => undefined);
    }
  }

  async #takeOver(next: (before: string | undefined) => string | undefined): Promise<Kept> {
    const { segments, marks, done } = await this.#write();
    const owner = next(await settled(marks.get(OWNER)));
    const taken: Promise<unknown> =
      owner === undefined ? settled(marks.delete(OWNER)) : settled(marks.put(owner, OWNER));
    // Said by the transaction's end.
    taken.catch(() => {});
    const [keys, names, texts] = await Promise.all([
      settled(segments.getAllKeys() as IDBRequest<unknown>) as Promise<Key[]>,
      settled(marks.getAllKeys()) as Promise<string[]>,
      settled<string[]>(marks.getAll()),
    ]);
    await done;
    this.#owner = owner;
    const named = names.map((name, index) => [name.slice(1), texts[index] ?? ''] as const);
    return { segments: keys.map(headOf), marks: new Map(named.filter((_, index) => names[index] !== OWNER)) };
  }

  async commit(changes: Changes): Promise<void> {
    const writing = await this.#write();
    try {
      // Not awaited one by one: each would be a way to the disk's process and back.
      await Promise.all([this.#expectToOwn(writing), ...applied(changes, writing), writing.done]);
    } catch (error) {
      abort(writing);
      throw isFull(error) ? new StorageFullError({ cause: error }) : error;
    }
  }

  async read(key: SegmentKey): Promise<Bytes | null> {
    const segments = (await this.#database).transaction('segments').objectStore('segments');
    return (await settled<Bytes | undefined>(segments.get(rangeOf(key)))) ?? null;
  }

  /** The browser ends open transactions first. */
  async close(): Promise<void> {
    (await this.#database).close();
  }

  async #write(): Promise<Writing> {
    const transaction = (await this.#database).transaction(TABLES, 'readwrite', DURABILITY);
    const done = completed(transaction);
    // Whoever waits for it is told.
    done.catch(() => {});
    const [segments, marks] = [transaction.objectStore('segments'), transaction.objectStore('marks')];
    return { transaction, segments, marks, done };
  }

  async #expectToOwn({ marks }: Writing): Promise<void> {
    if ((await settled(marks.get(OWNER))) !== this.#owner) throw new StorageTakenOverError();
  }
}

function applied({ remove = [], put = [], marks = [] }: Changes, writing: Writing): Promise<unknown>[] {
  const { segments, marks: texts } = writing;
  const requests: IDBRequest[] = [
    ...remove.map((key) => segments.delete(rangeOf(key))),
    ...put.map(({ journal, firstSeq, lastSeq, expiresAtMs, bytes }) => {
      return segments.put(bytes, [journal, firstSeq, lastSeq, expiresAtMs, bytes.length] satisfies Key);
    }),
    ...[...marks].map(([name, text]) => (text === null ? texts.delete(`:${name}`) : texts.put(text, `:${name}`))),
  ];
  return requests.map(settled);
}

/** Whatever comes behind the two parts; a list is greater than any number (Indexed Database API 3.0 §2.4). */
function rangeOf({ journal, firstSeq }: SegmentKey): IDBKeyRange {
  return IDBKeyRange.bound([journal, firstSeq], [journal, firstSeq, []]);
}

function headOf([journal, firstSeq, lastSeq, expiresAtMs, sizeBytes]: Key): SegmentHead {
  return { journal, firstSeq, lastSeq, expiresAtMs, sizeBytes };
}

const isFull = (error: unknown) => (error as Error).name === 'QuotaExceededError';

/** What failed by itself is aborted already. */
function abort({ transaction }: Writing): void {
  try {
    transaction.abort();
  } catch {}
}
