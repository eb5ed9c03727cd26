import { thumbprintInput, toBase64url } from '@innmesh/protocol';
import type { DeviceIdentity } from '@innmesh/webrtc/enrolment';

/*
 * This device's key, the same for all pages of this origin. WebCrypto's, which no script can read out; and where a page
 * is no secure context and there is none, as at `http://192.168…`, one whose bytes are kept.
 */

const DATABASE = 'innmesh-device';
const TABLE = 'key';

type KeptKey =
  | { kind: 'webcrypto'; publicKey: Uint8Array<ArrayBuffer>; privateKey: CryptoKey }
  | { kind: 'bytes'; publicKey: Uint8Array<ArrayBuffer>; secretKey: Uint8Array<ArrayBuffer> };

export async function deviceKey(): Promise<DeviceIdentity> {
  const database = await open();
  const kept = (await read(database)) ?? (await keepFirst(database, await createKey()));
  const { publicKey } = kept;
  return { peerId: await thumbprint(publicKey), publicKey, sign: (bytes) => sign(kept, bytes) };
}

// The DOM's types say that it is always there.
const subtle = crypto.subtle as SubtleCrypto | undefined;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

async function createKey(): Promise<KeptKey> {
  if (!subtle) {
    const { p256 } = await import('@noble/curves/nist.js');
    const secretKey = new Uint8Array(p256.utils.randomSecretKey());
    return { kind: 'bytes', secretKey, publicKey: new Uint8Array(p256.getPublicKey(secretKey, false)) };
  }
  const pair = await subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
  const publicKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
  return { kind: 'webcrypto', publicKey, privateKey: pair.privateKey };
}

async function sign(key: KeptKey, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  if (key.kind === 'webcrypto') return new Uint8Array(await crypto.subtle.sign(ALGORITHM, key.privateKey, bytes));
  const { p256 } = await import('@noble/curves/nist.js');
  return new Uint8Array(p256.sign(bytes, key.secretKey));
}

async function thumbprint(publicKey: Uint8Array): Promise<string> {
  const input = thumbprintInput(publicKey);
  if (subtle) return toBase64url(new Uint8Array(await subtle.digest('SHA-256', input)));
  const { sha256 } = await import('@noble/hashes/sha2.js');
  return toBase64url(sha256(input));
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
  return settled(request);
}

function read(database: IDBDatabase): Promise<KeptKey | undefined> {
  return settled(database.transaction(TABLE).objectStore(TABLE).get('own'));
}

/** Another tab may have been quicker: the first one counts. */
async function keepFirst(database: IDBDatabase, key: KeptKey): Promise<KeptKey> {
  const request = database.transaction(TABLE, 'readwrite').objectStore(TABLE).add(key, 'own');
  request.onerror = (event) => event.preventDefault();
  await settled(request).catch(() => {});
  return (await read(database)) ?? key;
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error));
  });
}
