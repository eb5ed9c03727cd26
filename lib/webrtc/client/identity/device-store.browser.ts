import { openDatabase, settled } from '../indexed-db.browser.ts';

const DATABASE = 'innmesh-device';
const TABLE = 'kept';
export const NOT_KEPT = 'This browser keeps no data for this page: after a reload it is another device.';

/** What this device keeps in IndexedDB, for all pages of its origin. */
export class DeviceStore {
  static #opening: Promise<DeviceStore> | null = null;
  readonly #database: IDBDatabase;

  private constructor(database: IDBDatabase) {
    this.#database = database;
  }

  static open(): Promise<DeviceStore> {
    DeviceStore.#opening ??= openDatabase(DATABASE, [TABLE]).then((database) => new DeviceStore(database));
    return DeviceStore.#opening;
  }

  read<T>(key: string): Promise<T | undefined> {
    return settled(this.#table('readonly').get(key));
  }

  /** What is kept under the key then: this, or what came first. Known before it is on disk. */
  async addFirst<T>(key: string, value: T): Promise<T> {
    const table = this.#table('readwrite');
    const kept: T | undefined = await settled(table.get(key));
    if (kept !== undefined) return kept;
    settled(table.put(value, key)).catch((error) => console.warn(NOT_KEPT, error));
    return value;
  }

  async write(key: string, value: unknown): Promise<void> {
    await settled(this.#table('readwrite').put(value, key));
  }

  #table(mode: IDBTransactionMode): IDBObjectStore {
    return this.#database.transaction(TABLE, mode).objectStore(TABLE);
  }
}
