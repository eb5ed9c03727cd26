import * as v from 'valibot';
import { ConfigurationError } from '../errors.ts';
import { explainIssue } from '../explain-issue.ts';

export type SignatureAlgorithm = 'ES256' | 'HS256';

const keyId = v.pipe(v.string(), v.nonEmpty(), v.maxLength(128));
const coordinate = v.pipe(v.string(), v.regex(/^[\w-]{43}$/, 'must be 32 bytes in base64url'));

/** An issuer's public key. */
const publicKeySchema = v.object({
  kty: v.literal('EC'),
  crv: v.literal('P-256'),
  x: coordinate,
  y: coordinate,
  kid: keyId,
  alg: v.optional(v.literal('ES256'), 'ES256'),
});

/**
 * A secret that issuer, server and every device share. Whoever can check a credential with it can also forge one: only
 * for a property where every enrolled device is trusted with everything.
 */
const sharedSecretSchema = v.object({
  kty: v.literal('oct'),
  /** At least as long as the hash (RFC 7518 §3.2). */
  k: v.pipe(v.string(), v.regex(/^[\w-]{43,}$/, 'must be at least 32 bytes in base64url')),
  kid: keyId,
  alg: v.optional(v.literal('HS256'), 'HS256'),
});

/** Keys of kinds that are not ours may stand beside them (RFC 7517 §5). */
const keySetSchema = v.object({ keys: v.pipe(v.array(v.unknown()), v.maxLength(64)) });
const keySchema = v.variant('kty', [publicKeySchema, sharedSecretSchema]);

/** One key, and what it verifies: ECDSA over P-256 for `EC`, HMAC with SHA-256 for `oct`. */
export type IssuerKey = v.InferOutput<typeof keySchema>;

/** A JWK set (RFC 7517 §5). */
export interface JsonWebKeySet {
  keys: readonly JsonWebKeyLike[];
}

/** A JWK (RFC 7517 §4): at least `kty` and `kid`, and for P-256 `crv`, `x`, `y`. */
export type JsonWebKeyLike = { readonly kty: string; readonly [member: string]: unknown };

/** The keys of ours in a set. Throws `ConfigurationError` where it is no set, or none of its keys fits. */
export function readKeySet(keySet: unknown, path = 'issuerKeys'): JsonWebKeySet {
  const outer = v.safeParse(keySetSchema, keySet, { abortEarly: true });
  if (!outer.success) throw new ConfigurationError(path, `is no JWK set: ${explainIssue(outer.issues[0]).problem}`);
  const keys = outer.output.keys.flatMap((key) => {
    const parsed = v.safeParse(keySchema, key);
    return parsed.success ? [parsed.output] : [];
  });
  if (keys.length === 0) throw new ConfigurationError(path, 'has no P-256 key (or shared secret) with a "kid"');
  return { keys };
}

/** Of a set that `readKeySet` has read. */
export function keyFor({ keys }: JsonWebKeySet, kid: string): IssuerKey | undefined {
  return (keys as readonly IssuerKey[]).find((key) => key.kid === kid);
}
