import { completed, openDatabase } from '../indexed-db.browser.ts';
import type { CredentialStore, KeptCredential } from './credential-store.ts';

const DATABASE = 'innmesh-credentials';
const TABLE = 'credential';

/** In IndexedDB, for all pages of this origin. */
export function openCredentialStore(): CredentialStore {
  let opening: Promise<IDBDatabase> | undefined;
  async function run<T>(mode: IDBTransactionMode, work: (table: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    opening ??= openDatabase(DATABASE, [TABLE]);
    const transaction = (await opening).transaction(TABLE, mode, { durability: 'strict' });
    const request = work(transaction.objectStore(TABLE));
    // Not before it is on disk: the issuer is told next that it is.
    await completed(transaction);
    return request.result;
  }
  return {
    read: (key) => run('readonly', (table) => table.get(key) as IDBRequest<KeptCredential | undefined>),
    write: async (key, kept) => void (await run('readwrite', (table) => table.put(kept, key))),
    remove: (key) => run('readwrite', (table) => table.delete(key)),
  };
}
