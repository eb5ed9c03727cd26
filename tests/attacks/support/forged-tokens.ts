import { createHmac } from 'node:crypto';
import { CREDENTIAL_TYPE, type CredentialClaims } from '@innmesh/protocol';
import { generateSigningKey } from '../../../lib/webrtc/server/auth/signatures.ts';
import { type Guard, publicBytes } from './guards.ts';

interface Forgery {
  what: string;
  /** What a verifier leaves out that believes it. */
  guard: Guard;
  /** Why a whole one does not. */
  problem: string;
  forge(issuerKey: { kid: string }, claims: CredentialClaims): string;
}

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Credentials that no issuer has signed. */
export const forgedTokens: Forgery[] = [
  {
    what: 'that says that it is not signed (alg none)',
    guard: 'algorithm',
    problem: 'algorithm',
    forge: ({ kid }, claims) => `${encode({ alg: 'none', typ: CREDENTIAL_TYPE, kid })}.${encode(claims)}.`,
  },
  {
    what: 'signed with the issuer’s public key as a secret (HS256)',
    guard: 'algorithm',
    problem: 'algorithm',
    forge: (key, claims) => {
      const signed = `${encode({ alg: 'HS256', typ: CREDENTIAL_TYPE, kid: key.kid })}.${encode(claims)}`;
      return `${signed}.${createHmac('sha256', publicBytes(key)).update(signed).digest('base64url')}`;
    },
  },
  {
    what: 'with the key that has signed it inside',
    guard: 'known keys',
    problem: 'unknown-key',
    forge: (_, claims) => signedByItself(CREDENTIAL_TYPE, claims),
  },
];

/** A token whose header brings the key that it is signed with. */
export function signedByItself(typ: string, payload: unknown): string {
  const { key } = generateSigningKey();
  const { jwk } = key;
  const signed = `${encode({ alg: 'ES256', typ, kid: jwk.kid, jwk })}.${encode(payload)}`;
  return `${signed}.${Buffer.from(key.sign(Buffer.from(signed))).toString('base64url')}`;
}
