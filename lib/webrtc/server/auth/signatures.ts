import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import {
  CredentialError,
  type IssuerKey,
  type JsonWebKeySet,
  type Jws,
  prepareJws,
  signingKeyOf,
  thumbprintInput,
  toBase64url,
} from '@innmesh/protocol';
import { derSignatureOf } from './der-signature.ts';

/** A device's id: the thumbprint of its key. */
export function thumbprintOf(publicKey: Uint8Array): string {
  return hash('sha256', thumbprintInput(publicKey), 'base64url');
}

/** All of a P-256 key's SubjectPublicKeyInfo (RFC 5480 §2) that comes before the point. */
const SPKI_PREFIX = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');

/**
 * As text, since Node asks of each object whether it is a key of its own by catching what that throws: with a JWK, a
 * tenth of a join.
 */
function pemOf(publicKey: Uint8Array): string {
  const spki = Buffer.concat([SPKI_PREFIX, publicKey]).toString('base64');
  return `-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----`;
}

/** Of the spellings of a point that OpenSSL reads, the one that SPEC.md's K1 has. */
const UNCOMPRESSED = 4;

/** Whether the device with this key has signed these bytes; `false` too where the key is no point of the curve. */
export function verifiesDevice(publicKey: Uint8Array, signature: Uint8Array, signedBytes: Uint8Array): boolean {
  if (publicKey[0] !== UNCOMPRESSED) return false;
  try {
    // Read and forgotten within the call: a `KeyObject` for each join would be left to the garbage collector.
    return verifies(pemOf(publicKey), signature, signedBytes);
  } catch {
    return false;
  }
}

/** Throws `CredentialError` where none of the issuer's keys has signed this. */
export function verifyJws(jws: Jws, keys: JsonWebKeySet): void {
  const key = signingKeyOf(jws, keys);
  const isGenuine = key.kty === 'oct' ? verifiesSecret(key, jws) : verifiesIssuer(key, jws);
  if (!isGenuine) throw new CredentialError('signature', 'the issuer did not sign it');
}

function verifies(key: KeyObject | string, signature: Uint8Array, signedBytes: Uint8Array): boolean {
  const der = derSignatureOf(signature);
  return der !== null && verify('sha256', signedBytes, key, der);
}

const publicKeys = new WeakMap<IssuerKey, KeyObject>();

function verifiesIssuer(jwk: IssuerKey & { kty: 'EC' }, { signature, signedBytes }: Jws): boolean {
  let key = publicKeys.get(jwk);
  if (!key) {
    key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
    publicKeys.set(jwk, key);
  }
  return verifies(key, signature, signedBytes);
}

function verifiesSecret({ k }: IssuerKey & { kty: 'oct' }, { signature, signedBytes }: Jws): boolean {
  const expected = createHmac('sha256', Buffer.from(k, 'base64url')).update(signedBytes).digest();
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}

/** What an issuer signs with. Its public half, or the shared secret, is in `jwk`. */
export interface SigningKey {
  readonly jwk: IssuerKey;
  sign(signedBytes: Uint8Array): Uint8Array;
}

/** A new key; its private half as PKCS #8 in PEM, to be kept. */
export function generateSigningKey(): { key: SigningKey; privatePem: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const privatePem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  return { key: readSigningKey(privatePem), privatePem };
}

/** Of a P-256 private key in PEM. Throws what `node:crypto` throws for anything else. */
export function readSigningKey(privatePem: string): SigningKey {
  const privateKey = createPrivateKey(privatePem);
  const { x = '', y = '', crv } = createPublicKey(privateKey).export({ format: 'jwk' });
  if (crv !== 'P-256') throw new TypeError('An issuer needs a P-256 key.');
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return {
    jwk: { kty: 'EC', crv: 'P-256', x, y, kid: thumbprintOf(point).slice(0, 11), alg: 'ES256' },
    sign: (signedBytes) => sign('sha256', signedBytes, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  };
}

/** HS256: whoever verifies can also sign (see `IssuerKey`). */
export function sharedSecretKey(secret: Uint8Array, kid = 'shared-secret'): SigningKey {
  return {
    jwk: { kty: 'oct', k: toBase64url(secret), kid, alg: 'HS256' },
    sign: (signedBytes) => createHmac('sha256', secret).update(signedBytes).digest(),
  };
}

/** A signed token of this type (RFC 7515 §7.1). */
export function signJws(type: string, key: SigningKey, payload: unknown): string {
  const { signedBytes, complete } = prepareJws(type, key.jwk, payload);
  return complete(key.sign(signedBytes));
}
