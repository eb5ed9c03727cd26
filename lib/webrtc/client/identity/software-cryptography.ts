import { fromBase64url } from '@innmesh/protocol';
import { p256 } from '@noble/curves/nist.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Cryptography } from './cryptography.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** In script, with keys whose bytes any script of the page's origin can read. Some 2 ms for each signature. */
export const softwareCryptography: Cryptography = {
  sha256: async (bytes) => sha256(bytes) as Bytes,
  async createKeyPair() {
    const secret = p256.utils.randomSecretKey() as Bytes;
    return { secret, publicKey: p256.getPublicKey(secret, false) as Bytes };
  },
  sign: async (secret, bytes) => p256.sign(bytes, secret as Bytes) as Bytes,
  verifyDevice: async (publicKey, signature, signedBytes) => verifies(publicKey, signature, signedBytes),
  async verifyIssuer(key, { signature, signedBytes }) {
    if (key.kty === 'oct') return isSame(hmac(sha256, fromBase64url(key.k), signedBytes), signature);
    const publicKey = Uint8Array.of(4, ...fromBase64url(key.x), ...fromBase64url(key.y));
    return verifies(publicKey, signature, signedBytes);
  },
};

/** WebCrypto takes a signature in either of its two forms; so does this. */
function verifies(publicKey: Bytes, signature: Bytes, signedBytes: Bytes): boolean {
  try {
    return p256.verify(signature, signedBytes, publicKey, { lowS: false });
  } catch {
    return false;
  }
}

/** In the same time whatever differs. */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (const [index, byte] of one.entries()) difference |= byte ^ (other[index] ?? 0);
  return difference === 0;
}
