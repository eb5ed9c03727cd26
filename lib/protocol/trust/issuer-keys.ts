import { ConfigurationError } from '../errors.ts';
import * as s from '../schema/index.ts';

export type SignatureAlgorithm = 'ES256' | 'HS256';

const keyId = s.text({ min: 1, max: 128 });
const coordinate = s.textLike(/^[\w-]{43}$/, 'must be 32 bytes in base64url');

/** An issuer's public key. */
const publicKeySchema = s.object({
  kty: s.literal('EC'),
  crv: s.literal('P-256'),
  x: coordinate,
  y: coordinate,
  kid: keyId,
  alg: s.optional(s.literal('ES256'), 'ES256'),
});

/**
 * A secret that issuer, server and every device share. Whoever can check a credential with it can also forge one: only
 * for a property where every enrolled device is trusted with everything.
 */
const sharedSecretSchema = s.object({
  kty: s.literal('oct'),
  /** At least as long as the hash (RFC 7518 §3.2). */
  k: s.textLike(/^[\w-]{43,}$/, 'must be at least 32 bytes in base64url'),
  kid: keyId,
  alg: s.optional(s.literal('HS256'), 'HS256'),
});

/** Keys of kinds that are not ours may stand beside them (RFC 7517 §5). */
const keySetSchema = s.object({ keys: s.list(s.anything, { max: 64 }) });
const keySchema = s.variant('kty', { EC: publicKeySchema, oct: sharedSecretSchema });

function isOurs(key: unknown): key is JsonWebKeyLike {
  try {
    keySchema.parse(key);
    return true;
  } catch {
    return false;
  }
}

/** One key, and what it verifies: ECDSA over P-256 for `EC`, HMAC with SHA-256 for `oct`. */
export type IssuerKey = s.InferOutput<typeof keySchema>;

/** A JWK set (RFC 7517 §5). */
export interface JsonWebKeySet {
  keys: readonly JsonWebKeyLike[];
}

/** A JWK (RFC 7517 §4): at least `kty` and `kid`, and for P-256 `crv`, `x`, `y`. */
export type JsonWebKeyLike = { readonly kty: string; readonly [member: string]: unknown };

/** The keys of ours in a set. Throws `ConfigurationError` where it is no set, or none of its keys fits. */
export function readKeySet(keySet: unknown, path = 'issuerKeys'): JsonWebKeySet {
  const refuse = (_: string, problem: string) => new ConfigurationError(path, `is no JWK set: it ${problem}`);
  const keys = s.read(keySetSchema, keySet, refuse).keys.filter((key) => isOurs(key));
  if (keys.length === 0) throw new ConfigurationError(path, 'has no P-256 key (or shared secret) with a "kid"');
  return { keys };
}

/** Of a set that `readKeySet` has read. */
export function keyFor({ keys }: JsonWebKeySet, kid: string): IssuerKey | undefined {
  return (keys as readonly IssuerKey[]).find((key) => key.kid === kid);
}
