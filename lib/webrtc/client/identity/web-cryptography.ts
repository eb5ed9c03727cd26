import { fromBase64url, type IssuerKey } from '@innmesh/protocol';
import type { Cryptography, KeyPair } from './cryptography.ts';

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const HMAC = { name: 'HMAC', hash: 'SHA-256' };

export function webCryptography(subtle: SubtleCrypto): Cryptography {
  const bytesOf = async (result: Promise<ArrayBuffer>) => new Uint8Array(await result);

  /** A device's signatures are verified by the thousand; reading its key takes as long as verifying one. */
  const devicesKeys = new WeakMap<BufferSource, Promise<CryptoKey>>();

  function keyOfDevice(publicKey: BufferSource): Promise<CryptoKey> {
    const known = devicesKeys.get(publicKey) ?? subtle.importKey('raw', publicKey, ECDSA, false, ['verify']);
    devicesKeys.set(publicKey, known);
    return known;
  }

  async function verify(key: Promise<CryptoKey>, signature: BufferSource, signedBytes: BufferSource): Promise<boolean> {
    try {
      return await subtle.verify(ECDSA, await key, signature, signedBytes);
    } catch {
      return false;
    }
  }

  const issuersKey = ({ kty, crv, x, y }: Exclude<IssuerKey, { kty: 'oct' }>) =>
    subtle.importKey('jwk', { kty, crv, x, y }, ECDSA, false, ['verify']);

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
    verifyDevice: (publicKey, signature, signedBytes) => verify(keyOfDevice(publicKey), signature, signedBytes),
    verifyIssuer: (key: IssuerKey, { signature, signedBytes }) =>
      key.kty === 'oct'
        ? verifyWithSecret(key.k, signature, signedBytes)
        : verify(issuersKey(key), signature, signedBytes),
  };
}
