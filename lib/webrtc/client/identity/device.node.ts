import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { ConfigurationError, thumbprintInput } from '@innmesh/protocol';
import { SqliteStore } from '../journal/store/sqlite-store.node.ts';
import type { Device } from './device.ts';
import { DeviceFolder } from './device-folder.node.ts';
import type { OpenIdentity } from './device-identity.ts';

/** In files of the user that it runs as. */
export const device: Device = {
  openIdentity,
  journalStore: (name) => new SqliteStore(new DeviceFolder().pathOf(`${name}.journal`)),
  recall: async (key) => new DeviceFolder().read(`${key}.txt`),
  remember: async (key, text) => new DeviceFolder().write(`${key}.txt`, text),
};

/** By name, the file that this process had last. */
const lastFiles = new Map<string, string>();

/** Where another process has it, the first of `name~2`, `name~3` … that none has; again the one from before, if it is free. */
async function openIdentity(name: string, isShared: boolean): Promise<OpenIdentity> {
  const folder = new DeviceFolder();
  if (isShared) return identityOf(readKey(folder, name), () => {});
  for (let [file, number] = [lastFiles.get(name) ?? name, 1]; ; number += 1) {
    const release = folder.claim(file);
    if (release) {
      lastFiles.set(name, file);
      return identityOf(readKey(folder, file), release);
    }
    file = number === 1 ? name : `${name}~${number}`;
  }
}

function readKey(folder: DeviceFolder, name: string): KeyObject {
  const { path, text } = folder.addFirst(`${name}.pem`, () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  });
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  } catch {
    // Said below, in words.
  }
  throw new ConfigurationError('identity', `is kept in ${path}, which holds no P-256 key. Move that file away`);
}

function identityOf(key: KeyObject, release: () => void): OpenIdentity {
  const { x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' });
  const publicKey = Uint8Array.of(4, ...Buffer.from(x, 'base64url'), ...Buffer.from(y, 'base64url'));
  return {
    peerId: createHash('sha256').update(thumbprintInput(publicKey)).digest('base64url'),
    publicKey,
    sign: async (bytes) => new Uint8Array(sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' })),
    release,
  };
}
