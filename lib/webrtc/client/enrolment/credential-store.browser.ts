import type { CredentialStore, KeptCredential } from './credential-store.ts';

const DATABASE = 'innmesh-credentials';
const TABLE = 'credential';

/** In IndexedDB, for all pages of this origin. */
export function openCredentialStore(): CredentialStore {
  let opening: Promise<IDBDatabase> | undefined;
  async function run<T>(mode: IDBTransactionMode, work: (table: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    opening ??= open();
    const transaction = (await opening).transaction(TABLE, mode, { durability: 'strict' });
    const request = work(transaction.objectStore(TABLE));
    // Not before it is on disk: the issuer is told next that it is.
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    return request.result;
  }
  return {
    read: (key) => run('readonly', (table) => table.get(key) as IDBRequest<KeptCredential | undefined>),
    write: async (key, kept) => void (await run('readwrite', (table) => table.put(kept, key))),
    remove: (key) => run('readwrite', (table) => table.delete(key)),
  };
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
