import { createHmac } from 'node:crypto';
import type * as Limits from '../../../lib/protocol/limits.ts';
import type * as Credentials from '../../../lib/protocol/trust/credential.ts';
import type * as DenyLists from '../../../lib/protocol/trust/deny-list.ts';
import type * as Tokens from '../../../lib/protocol/trust/jws.ts';
import type * as Transcripts from '../../../lib/protocol/trust/transcripts.ts';
import type * as Checker from '../../../lib/webrtc/server/auth/credential-checker.ts';
import type * as RenewalTokens from '../../../lib/webrtc/server/issuer/renewal-token.ts';

/*
 * Builds that leave one thing out. Each attack is tried against such a build first, where it has to succeed: otherwise
 * it would fail for a reason of its own, and say nothing of the guard.
 */

/** What a build may forget to do. */
export type Guard =
  /** To sign the certificates of the connection. */
  | 'fingerprints'
  /** To sign the numbers that are new for each link. */
  | 'nonces'
  /** To sign whom the link is between. */
  | 'ids'
  /** To sign which end it is. */
  | 'sides'
  /** To have the server's challenge signed. */
  | 'challenge'
  /** To have the server's name signed. */
  | 'host'
  /** To compare a credential's tenant, device, times and role. */
  | 'tenant'
  | 'device'
  | 'times'
  | 'role'
  /** To decide itself how tokens are signed, and by whom. */
  | 'algorithm'
  | 'known keys'
  /** To look at the deny list. */
  | 'deny list'
  /** To let a newer list stand. */
  | 'list order'
  /** To take each renewal token once. */
  | 'rotation'
  /** To refuse long frames. */
  | 'frame size';

const off = new Set<Guard>();

/** Runs `attack` on a build that does without these. */
export async function without<T>(guards: Guard | Guard[], attack: () => T | Promise<T>): Promise<T> {
  for (const guard of [guards].flat()) off.add(guard);
  try {
    return await attack();
  } finally {
    off.clear();
  }
}

const NO_NONCE = new Uint8Array(16);
/** 32 bytes. */
const NO_ID = 'A'.repeat(43);

export function weakLimits(original: typeof Limits): typeof Limits {
  const signalingFrameBytes = () => (off.has('frame size') ? 1024 * 1024 : original.signalingFrameBytes);
  return Object.defineProperty({ ...original }, 'signalingFrameBytes', { get: signalingFrameBytes });
}

export function weakTranscripts(original: typeof Transcripts): typeof Transcripts {
  return {
    ...original,
    encodeJoinTranscript: (transcript) =>
      original.encodeJoinTranscript({
        ...transcript,
        ...(off.has('challenge') && { challenge: NO_NONCE }),
        ...(off.has('host') && { host: '' }),
      }),
    encodeLinkTranscript: (transcript, side) =>
      original.encodeLinkTranscript(
        {
          ...transcript,
          ...(off.has('fingerprints') && { offererFingerprint: '', answererFingerprint: '' }),
          ...(off.has('ids') && { offererId: NO_ID, answererId: NO_ID }),
          ...(off.has('nonces') && { offererNonce: NO_NONCE, answererNonce: NO_NONCE }),
        },
        off.has('sides') ? 'offerer' : side,
      ),
  };
}

export function weakCredentials(original: typeof Credentials): typeof Credentials {
  return {
    ...original,
    checkClaims: (claims, expectations) =>
      original.checkClaims(
        {
          ...claims,
          ...(off.has('tenant') && { tenant: expectations.tenantId }),
          ...(off.has('device') && { sub: expectations.peerId }),
          ...(off.has('times') && { iat: 0, exp: 2 ** 40 }),
        },
        { ...expectations, ...(off.has('deny list') && { denied: undefined }) },
      ),
  };
}

let lists = 0;

export function weakDenyLists(original: typeof DenyLists): typeof DenyLists {
  return {
    ...original,
    readDenyList: (token) => {
      const list = original.readDenyList(token);
      lists += 1;
      return off.has('list order') ? { ...list, seq: 1_000 + lists } : list;
    },
  };
}

/** As libraries were that did what a token's own header says (CVE-2015-9235, CVE-2016-5431, CVE-2018-0114). */
export function weakTokens(original: typeof Tokens): typeof Tokens {
  return {
    ...original,
    readJws(token, type, maxCharacters) {
      const header = headerOf(token);
      if (!off.has('algorithm') || header.alg !== 'none') return original.readJws(token, type, maxCharacters);
      const [, payload = ''] = token.split('.');
      const signedBytes = new TextEncoder().encode(payload);
      const signature = new Uint8Array(createHmac('sha256', NOBODYS_SECRET).update(signedBytes).digest());
      return { ...original.readJws(resigned(token), type), token, signedBytes, signature };
    },
    signingKeyOf(jws, keys) {
      const header = headerOf(jws.token);
      if (off.has('algorithm') && header.alg === 'none') return secretKey(NOBODYS_SECRET);
      if (off.has('algorithm') && header.alg === 'HS256') return secretKey(publicBytes(keys.keys[0]));
      if (off.has('known keys') && header.jwk) return { ...header.jwk, kid: jws.keyId, alg: 'ES256' };
      return original.signingKeyOf(jws, keys);
    },
  };
}

export function weakChecker(original: typeof Checker): typeof Checker {
  return {
    ...original,
    requireRole: (claims, claimed) => {
      if (!off.has('role')) original.requireRole(claims, claimed);
    },
  };
}

export function weakRenewalTokens(original: typeof RenewalTokens): typeof RenewalTokens {
  return {
    ...original,
    rotationOf: (...args) => {
      const rotation = original.rotationOf(...args);
      return rotation !== null && off.has('rotation') ? 1_000_000 : rotation;
    },
  };
}

const NOBODYS_SECRET = Buffer.alloc(32, 7);

/** What an attacker makes a secret of that everybody knows. */
export const publicBytes = (key: unknown) => Buffer.from(`${(key as { x: string }).x}`, 'base64url');

const secretKey = (secret: Buffer) =>
  ({ kty: 'oct', k: secret.toString('base64url'), kid: 'any', alg: 'HS256' }) as const;

// biome-ignore lint/suspicious/noExplicitAny: whatever an attacker has written.
function headerOf(token: string): any {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
}

/** The same claims under a header that can be read. */
function resigned(token: string): string {
  const header = Buffer.from(JSON.stringify({ ...headerOf(token), alg: 'ES256' })).toString('base64url');
  return `${header}.${token.split('.')[1]}.AA`;
}
