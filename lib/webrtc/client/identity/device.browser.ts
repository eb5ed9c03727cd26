import { IndexedDbStore } from '../journal/store/indexeddb-store.browser.ts';
import { type Cryptography, type KeyPair, loadCryptography, thumbprintOf } from './cryptography.ts';
import type { Device } from './device.ts';
import type { OpenIdentity } from './device-identity.ts';
import { DeviceStore, NOT_KEPT } from './device-store.browser.ts';

/** In IndexedDB, for all pages of this origin. */
export const device: Device = {
  openIdentity,
  journalStore,
  recall: (key) => ifKept((store) => store.read<string>(key), undefined),
  remember: (key, text) => ifKept((store) => store.write(key, text), undefined),
};

function journalStore(name: string): IndexedDbStore {
  // Otherwise a browser that is short of room may empty this page's store. Whether it grants it, the store does not depend on.
  navigator.storage?.persist?.().catch(() => {});
  return new IndexedDbStore(name);
}

/** By name; a browser that keeps nothing, as some do in private windows, has them for as long as the page. */
const opened = new Map<string, Promise<OpenIdentity>>();

function openIdentity(name: string): Promise<OpenIdentity> {
  let identity = opened.get(name);
  if (!identity) {
    identity = open(`identity ${name}`);
    opened.set(name, identity);
    identity.catch(() => opened.delete(name));
  }
  return identity;
}

async function open(key: string): Promise<OpenIdentity> {
  const reading = ifKept((store) => store.read<KeyPair>(key), undefined);
  const cryptography = await loadCryptography();
  const pair = (await reading) ?? (await create(key, cryptography));
  return {
    peerId: await thumbprintOf(pair.publicKey, cryptography),
    publicKey: pair.publicKey,
    sign: (bytes) => cryptography.sign(pair.secret, bytes),
    release: () => {},
  };
}

async function create(key: string, cryptography: Cryptography): Promise<KeyPair> {
  const pair = await cryptography.createKeyPair();
  // Another tab may have been quicker: the first one counts.
  return ifKept((store) => store.addFirst(key, pair), pair);
}

async function ifKept<T>(work: (store: DeviceStore) => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work(await DeviceStore.open());
  } catch (error) {
    console.warn(NOT_KEPT, error);
    return otherwise;
  }
}
