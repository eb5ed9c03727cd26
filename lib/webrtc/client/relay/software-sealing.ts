import { gcm } from '@noble/ciphers/aes.js';
import { p256 } from '@noble/curves/nist.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Bytes, Cipher, Sealing } from './sealing.ts';

const KEY_BYTES = 32;

/** In script. */
export const softwareSealing: Sealing = {
  async createKey() {
    const secretKey = p256.utils.randomSecretKey();
    return {
      publicKey: p256.getPublicKey(secretKey, false) as Bytes,
      async agree({ otherKey, salt, context }) {
        // A point with its sign before it; the secret is its x alone (SEC 1, 3.3.1), as with WebCrypto.
        const secret = p256.getSharedSecret(secretKey, otherKey).subarray(1);
        const keys = hkdf(sha256, secret, salt, context, KEY_BYTES * 2);
        return [cipherWith(keys.subarray(0, KEY_BYTES)), cipherWith(keys.subarray(KEY_BYTES))];
      },
    };
  },
};

const cipherWith = (key: Uint8Array): Cipher => ({
  seal: async (nonce, content, context) => gcm(key, nonce, context).encrypt(content) as Bytes,
  open: async (nonce, sealed, context) => gcm(key, nonce, context).decrypt(sealed) as Bytes,
});
