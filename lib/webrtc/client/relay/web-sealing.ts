import type { Bytes, Cipher, Sealing } from './sealing.ts';

const ECDH = { name: 'ECDH', namedCurve: 'P-256' };
const KEY_BYTES = 32;

export function webSealing(subtle: SubtleCrypto): Sealing {
  const bytesOf = async (result: Promise<ArrayBuffer>) => new Uint8Array(await result);

  async function cipherWith(bytes: Bytes): Promise<Cipher> {
    const key = await subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
    const algorithm = (iv: Bytes, additionalData: Bytes) => ({ name: 'AES-GCM', iv, additionalData });
    return {
      seal: (nonce, content, context) => bytesOf(subtle.encrypt(algorithm(nonce, context), key, content)),
      open: (nonce, sealed, context) => bytesOf(subtle.decrypt(algorithm(nonce, context), key, sealed)),
    };
  }

  return {
    async createKey() {
      const { publicKey, privateKey } = await subtle.generateKey(ECDH, false, ['deriveBits']);
      return {
        publicKey: await bytesOf(subtle.exportKey('raw', publicKey)),
        async agree({ otherKey, salt, context }) {
          const other = await subtle.importKey('raw', otherKey, ECDH, false, []);
          const secret = await subtle.deriveBits({ name: 'ECDH', public: other }, privateKey, KEY_BYTES * 8);
          const key = await subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
          const derivation = { name: 'HKDF', hash: 'SHA-256', salt, info: context };
          const bytes = await bytesOf(subtle.deriveBits(derivation, key, KEY_BYTES * 2 * 8));
          return Promise.all([cipherWith(bytes.subarray(0, KEY_BYTES)), cipherWith(bytes.subarray(KEY_BYTES))]);
        },
      };
    },
  };
}
