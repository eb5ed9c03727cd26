import type { IssuerKey } from '@innmesh/protocol';
import { type Jws, thumbprintInput, toBase64url } from '@innmesh/protocol';
import { webCryptography } from './web-cryptography.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** A key pair that signs; what of it can be kept differs. */
export interface KeyPair {
  readonly publicKey: Bytes;
  /** Taken by structured clone: a key that no script can read, or its 32 bytes. */
  readonly secret: CryptoKey | Bytes;
}

/** What identity and trust need of P-256 (FIPS 186-5) and SHA-256. */
export interface Cryptography {
  sha256(bytes: Bytes): Promise<Bytes>;
  createKeyPair(): Promise<KeyPair>;
  sign(secret: KeyPair['secret'], bytes: Bytes): Promise<Bytes>;
  /** `false` too where the key is no point of the curve. */
  verifyDevice(publicKey: Bytes, signature: Bytes, signedBytes: Bytes): Promise<boolean>;
  /** Whether this key of an issuer's has signed it. */
  verifyIssuer(key: IssuerKey, jws: Jws): Promise<boolean>;
}

/** WebCrypto; and where a page is no secure context and has none, as at `http://192.168…`, a library loaded there only. */
export async function loadCryptography(): Promise<Cryptography> {
  // The DOM's types say that it is always there.
  const subtle = crypto.subtle as SubtleCrypto | undefined;
  if (subtle) return webCryptography(subtle);
  const { softwareCryptography } = await import('./software-cryptography.ts');
  return softwareCryptography;
}

/** A device's id: the thumbprint of its key. */
export async function thumbprintOf(publicKey: Uint8Array, cryptography: Cryptography): Promise<string> {
  return toBase64url(await cryptography.sha256(thumbprintInput(publicKey)));
}
