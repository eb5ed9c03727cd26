import { createHash } from 'node:crypto';
import { dropOldest, type Random } from '@innmesh/kit';
import type { Cryptography } from '../../lib/webrtc/client/identity/cryptography.ts';
import type { Device } from '../../lib/webrtc/client/identity/device.ts';
import { MemoryDisk, MemoryStore } from '../../lib/webrtc/client/journal/store/memory-store.ts';
import { verifiesDevice, verifyJws } from '../../lib/webrtc/server/auth/signatures.ts';
import { DeviceKey } from '../../lib/webrtc/server/test-support/device-keys.ts';

/** The real mathematics, done at once: what another thread does would not wait for virtual time. */
export const immediateCryptography: Cryptography = {
  sha256: async (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
  createKeyPair: () => Promise.reject(new Error('The simulation makes its own keys.')),
  sign: () => Promise.reject(new Error('The simulation signs by itself.')),
  verifyDevice: async (...proof) => verifiedOnce(...proof),
  async verifyIssuer(key, jws) {
    try {
      verifyJws(jws, { keys: [key] });
      return true;
    } catch {
      return false;
    }
  },
};

const verdicts = new Map<string, boolean>();

/** Everyone in a simulation verifies the same signatures. */
function verifiedOnce(...proof: Parameters<typeof verifiesDevice>): boolean {
  const key = proof.map((bytes) => createHash('sha1').update(bytes).digest('base64')).join(' ');
  const verdict = verdicts.get(key) ?? verifiesDevice(...proof);
  verdicts.set(key, verdict);
  dropOldest(verdicts, 5_000);
  return verdict;
}

/** A device whose key and disk last as long as this object. */
export function fakeDevice(random: Random): Device & { peerId: string; disk: MemoryDisk } {
  const key = new DeviceKey(random.bytes(32));
  const disk = new MemoryDisk();
  return {
    peerId: key.peerId,
    disk,
    journalStore: () => new MemoryStore(disk),
    openIdentity: async () => ({
      peerId: key.peerId,
      publicKey: key.publicKey,
      sign: async (bytes) => key.sign(bytes),
      release: () => {},
    }),
    recall: async () => undefined,
    remember: async () => {},
  };
}
