import { createHash } from 'node:crypto';
import type { Cryptography } from '../../lib/webrtc/client/identity/cryptography.ts';
import type { Device } from '../../lib/webrtc/client/identity/device.ts';
import { verifiesDevice, verifyJws } from '../../lib/webrtc/server/auth/signatures.ts';
import { DeviceKey } from '../../lib/webrtc/server/test-support/device-keys.ts';

/** The real mathematics, done at once: what another thread does would not wait for virtual time. */
export const immediateCryptography: Cryptography = {
  sha256: async (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
  createKeyPair: () => Promise.reject(new Error('The simulation makes its own keys.')),
  sign: () => Promise.reject(new Error('The simulation signs by itself.')),
  verifyDevice: async (publicKey, signature, signedBytes) => verifiesDevice(publicKey, signature, signedBytes),
  async verifyIssuer(key, jws) {
    try {
      verifyJws(jws, { keys: [key] });
      return true;
    } catch {
      return false;
    }
  },
};

/** A device whose key lasts as long as this object. */
export function fakeDevice(): Device & { peerId: string } {
  const key = new DeviceKey();
  return {
    peerId: key.peerId,
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
