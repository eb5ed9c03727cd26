import { CredentialError } from '../errors.ts';
import * as s from '../schema/index.ts';
import { fromBase64url, toBase64url } from '../wire/base64url.ts';
import { decodeText, encodeText } from '../wire/bytes.ts';
import { type IssuerKey, type JsonWebKeySet, keyFor, type SignatureAlgorithm } from './issuer-keys.ts';

/** What is longer is not even decoded. */
const MAX_TOKEN_CHARACTERS = 4_096;

/**
 * `alg` and `typ` are what we issue, and nothing else is looked at: a key that a token brings along (`jwk`, `jku`,
 * `x5c`) is none. Extensions that must be understood (`crit`, RFC 7515 §4.1.11) are not.
 */
const headerSchema = s.object({
  alg: s.picklist(['ES256', 'HS256']),
  typ: s.text(),
  kid: s.text({ max: 128 }),
  crit: s.optional(s.nothing),
});

/** A signed token in its compact form (RFC 7515 §7.1), taken apart. Nothing is verified yet. */
export interface Jws {
  readonly token: string;
  readonly algorithm: SignatureAlgorithm;
  readonly keyId: string;
  readonly payload: unknown;
  readonly signedBytes: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** Throws `CredentialError` for what is no token of this type. */
export function readJws(token: string, type: string, maxCharacters = MAX_TOKEN_CHARACTERS): Jws {
  const parts = token.split('.');
  const [header = '', payload = '', signature = ''] = parts;
  if (token.length > maxCharacters || parts.length !== 3) throw notSigned();
  const { alg, typ, kid } = s.read(
    headerSchema,
    readJson(header),
    () => new CredentialError('algorithm', 'its header is not of a kind that is accepted here'),
  );
  if (typ !== type) throw new CredentialError('malformed', `it is a token for something else: "${typ.slice(0, 40)}"`);
  return {
    token,
    algorithm: alg,
    keyId: kid,
    payload: readJson(payload),
    signedBytes: encodeText(`${header}.${payload}`),
    signature: decoded(signature, (bytes) => bytes),
  };
}

/** What an issuer signs, and what it makes of the signature. */
export function prepareJws(type: string, key: Pick<IssuerKey, 'kid' | 'alg'>, payload: unknown) {
  const encode = (part: unknown) => toBase64url(encodeText(JSON.stringify(part)));
  const signed = `${encode({ alg: key.alg, typ: type, kid: key.kid })}.${encode(payload)}`;
  return {
    signedBytes: encodeText(signed),
    complete: (signature: Uint8Array) => `${signed}.${toBase64url(signature)}`,
  };
}

/** The key that must have signed it. Throws `CredentialError` where there is none. */
export function signingKeyOf({ keyId, algorithm }: Jws, keys: JsonWebKeySet): IssuerKey {
  const key = keyFor(keys, keyId);
  if (!key) throw new CredentialError('unknown-key', `its key "${keyId.slice(0, 40)}" is none of the issuer's`);
  // The key decides, never the token (RFC 8725 §3.1): a public key is no shared secret.
  if (key.alg !== algorithm) throw new CredentialError('algorithm', `its key is for ${key.alg}, not ${algorithm}`);
  return key;
}

/** Neither base64url, nor UTF-8, nor JSON is told from the others. */
function decoded<T>(part: string, decode: (bytes: Uint8Array<ArrayBuffer>) => T): T {
  try {
    return decode(fromBase64url(part));
  } catch {
    throw notSigned();
  }
}

const readJson = (part: string): unknown => decoded(part, (bytes) => JSON.parse(decodeText(bytes)));

const notSigned = () => new CredentialError('malformed', 'it is no signed token (JWT)');
