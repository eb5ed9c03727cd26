import { createHash, createPrivateKey, sign } from 'node:crypto';
import type { Random } from '@innmesh/kit';
import { toBase64url } from '@innmesh/protocol';
import { p256 } from '@noble/curves/nist.js';
import type { Cryptography } from '../../lib/webrtc/client/identity/cryptography.ts';
import type { Device } from '../../lib/webrtc/client/identity/device.ts';
import { thumbprintOf, verifiesDevice, verifyJws } from '../../lib/webrtc/server/auth/signatures.ts';

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

/** A device whose key comes out of a seed: ids decide who links to whom. */
export function fakeDevice(random: Random): Device & { peerId: string } {
  const { secretKey } = p256.keygen(random.bytes(p256.lengths.seed ?? 48));
  const publicKey = new Uint8Array(p256.getPublicKey(secretKey, false));
  const [d = '', x = '', y = ''] = [new Uint8Array(secretKey), publicKey.subarray(1, 33), publicKey.subarray(33)].map(
    toBase64url,
  );
  const key = createPrivateKey({ key: { kty: 'EC', crv: 'P-256', d, x, y }, format: 'jwk' });
  const peerId = thumbprintOf(publicKey);
  return {
    peerId,
    openIdentity: async () => ({
      peerId,
      publicKey,
      sign: async (bytes) => new Uint8Array(sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' })),
      release: () => {},
    }),
    recall: async () => undefined,
    remember: async () => {},
  };
}
