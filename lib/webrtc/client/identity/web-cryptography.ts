import { fromBase64url, type IssuerKey } from '@innmesh/protocol';
import type { Cryptography, KeyPair } from './cryptography.ts';

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const HMAC = { name: 'HMAC', hash: 'SHA-256' };

export function webCryptography(subtle: SubtleCrypto): Cryptography {
  const bytesOf = async (result: Promise<ArrayBuffer>) => new Uint8Array(await result);

  async function verify(format: 'raw' | 'jwk', key: BufferSource | JsonWebKey, ...args: [BufferSource, BufferSource]) {
    try {
      const imported = await subtle.importKey(format as 'raw', key as BufferSource, ECDSA, false, ['verify']);
      return await subtle.verify(ECDSA, imported, ...args);
    } catch {
      return false;
    }
  }

  async function verifyWithSecret(secret: string, ...args: [BufferSource, BufferSource]): Promise<boolean> {
    const key = await subtle.importKey('raw', fromBase64url(secret), HMAC, false, ['verify']);
    return subtle.verify('HMAC', key, ...args);
  }

  return {
    sha256: (bytes) => bytesOf(subtle.digest('SHA-256', bytes)),
    async createKeyPair(): Promise<KeyPair> {
      const { publicKey, privateKey } = await subtle.generateKey(ECDSA, false, ['sign']);
      return { publicKey: await bytesOf(subtle.exportKey('raw', publicKey)), secret: privateKey };
    },
    sign: (secret, bytes) => bytesOf(subtle.sign(ECDSA, secret as CryptoKey, bytes)),
    verifyDevice: (publicKey, signature, signedBytes) => verify('raw', publicKey, signature, signedBytes),
    verifyIssuer: (key: IssuerKey, { signature, signedBytes }) =>
      key.kty === 'oct'
        ? verifyWithSecret(key.k, signature, signedBytes)
        : verify('jwk', { kty: key.kty, crv: key.crv, x: key.x, y: key.y }, signature, signedBytes),
  };
}
