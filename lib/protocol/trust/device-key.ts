import { toBase64url } from '../wire/base64url.ts';
import { encodeText } from '../wire/bytes.ts';
import { fixedBytes } from '../wire/layout.ts';

/** A P-256 public key: 4, then x and y of 32 bytes each (SEC 1 §2.3.3, uncompressed). */
export const PUBLIC_KEY_BYTES = 65;
/** ECDSA with SHA-256: r and s of 32 bytes each (IEEE P1363, as WebCrypto and RFC 7518 §3.4 have it). */
export const SIGNATURE_BYTES = 64;

export const publicKeyLayout = fixedBytes(PUBLIC_KEY_BYTES);
export const signatureLayout = fixedBytes(SIGNATURE_BYTES);

/**
 * What is hashed (SHA-256) into a device's id: its public key as a JWK with the members that RFC 7638 §3.2 asks for, in
 * their order. The id is thus the key's JWK thumbprint, which is what a credential's `cnf.jkt` holds (RFC 9449 §6.1).
 */
export function thumbprintInput(publicKey: Uint8Array): Uint8Array<ArrayBuffer> {
  const [x, y] = [publicKey.subarray(1, 33), publicKey.subarray(33)].map(toBase64url);
  return encodeText(`{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`);
}
