import { createHash } from 'node:crypto';
import { fromBase64url } from '@innmesh/protocol';
import * as s from '@innmesh/protocol/schema';
import { thumbprintOf, verifiesDevice } from '../auth/signatures.ts';
import type { IssuerContext } from './context.ts';
import { IssuerProblem } from './problems.ts';
import { hashOf, isSame } from './secrets.ts';

/** A proof is some 500 characters. */
const MAX_PROOF_CHARACTERS = 2_048;

const coordinate = s.textLike(/^[\w-]{43}$/, 'must be 32 bytes in base64url');
const headerSchema = s.object({
  typ: s.literal('dpop+jwt'),
  // One algorithm, so that there is none to choose: `none` and shared secrets are no proof of anything.
  alg: s.literal('ES256'),
  jwk: s.object({
    kty: s.literal('EC'),
    crv: s.literal('P-256'),
    x: coordinate,
    y: coordinate,
    d: s.optional(s.nothing),
  }),
  crit: s.optional(s.nothing),
});
const payloadSchema = s.object({
  jti: s.text({ min: 16, max: 64 }),
  htm: s.text({ max: 16 }),
  htu: s.text({ max: 2_048 }),
  iat: s.number({ min: 0, max: 2 ** 40 }),
  ath: s.optional(s.text()),
});

/** What a proof has to be about. */
export interface ProvenRequest {
  method: string;
  path: string;
  /** Where this server is reached: `https://id.example.com`. A proof for another is not for us. */
  origins: readonly string[];
  /** The credential that came along; `null` where none has to. */
  credential: string | null;
}

/** Who holds the key. */
export interface Prover {
  readonly peerId: string;
  /** As the device dialled us. */
  readonly origin: string;
}

/**
 * Checks a proof of possession (RFC 9449 §4.3): this very request, now, once, by the key that it names.
 * @throws IssuerProblem `invalid_dpop_proof`; `stale_dpop_proof` where only its time is off
 */
export function verifyProof(context: IssuerContext, proof: string | undefined, request: ProvenRequest): Prover {
  if (!proof) throw invalid('The request has no DPoP header. Send a proof of the device’s key (RFC 9449)');
  const { header, payload, signedBytes, signature } = readProof(proof);
  const publicKey = Buffer.concat([Buffer.of(4), fromBase64url(header.jwk.x), fromBase64url(header.jwk.y)]);
  if (!verifiesDevice(publicKey, signature, signedBytes)) throw invalid('The key in the proof did not sign it');
  const origin = checkTarget(payload, request);
  checkCredentialHash(payload.ath, request.credential);
  const peerId = thumbprintOf(publicKey);
  checkTime(context, payload.iat);
  useOnce(context, peerId, payload.jti);
  return { peerId, origin };
}

function readProof(proof: string) {
  const parts = proof.split('.');
  if (proof.length > MAX_PROOF_CHARACTERS || parts.length !== 3) throw invalid('The proof is no signed token (JWT)');
  const [header = '', payload = '', signature = ''] = parts;
  const refuse = (path: string, problem: string) => new TypeError(`${path} ${problem}`);
  try {
    return {
      header: s.read(headerSchema, readJson(header), refuse),
      payload: s.read(payloadSchema, readJson(payload), refuse),
      signedBytes: Buffer.from(`${header}.${payload}`),
      signature: fromBase64url(signature),
    };
  } catch {
    throw invalid(
      'The proof is not as RFC 9449 §4.2 has it: typ "dpop+jwt", alg "ES256", a P-256 jwk; jti, htm, htu, iat',
    );
  }
}

const readJson = (part: string): unknown => JSON.parse(Buffer.from(fromBase64url(part)).toString());

/** Query and fragment do not count (RFC 9449 §4.2). */
function checkTarget({ htm, htu }: { htm: string; htu: string }, { method, path, origins }: ProvenRequest): string {
  const url = URL.canParse(htu) ? new URL(htu) : undefined;
  if (htm !== method || url?.pathname !== path) throw invalid('The proof is for another request: see its htm and htu');
  if (!origins.includes(url.origin)) {
    throw invalid(`The proof is for ${url.origin}, which is none of this issuer’s addresses (${origins.join(', ')})`);
  }
  return url.origin;
}

function checkCredentialHash(ath: string | undefined, credential: string | null): void {
  if (credential === null) return;
  const expected = createHash('sha256').update(credential).digest('base64url');
  if (!isSame(ath ?? '', expected)) throw invalid('The proof is for another credential: see its ath');
}

function checkTime({ clock, limits }: IssuerContext, issuedAtSeconds: number): void {
  const nowMs = clock.nowMs();
  if (Math.abs(nowMs - issuedAtSeconds * 1000) <= limits.proofSkewMs) return;
  throw new IssuerProblem(
    'stale_dpop_proof',
    'The proof’s time (iat) is not now. Sign it anew, by the server’s time if the device’s clock is wrong.',
    { serverTimeMs: nowMs },
  );
}

/** Kept for as long as its time would let it pass. In the store, so that a restart forgets none. */
function useOnce({ store, clock, limits }: IssuerContext, peerId: string, jti: string): void {
  const key = hashOf(`${peerId}.${jti}`);
  const nowMs = clock.nowMs();
  store.transaction(() => {
    store.removeExpired(nowMs);
    if (store.get('usedProof', '', key)) throw invalid('The proof was used before. Sign one for each request');
    store.put('usedProof', '', key, { usedAtMs: nowMs }, nowMs + 2 * limits.proofSkewMs + 1_000);
  });
}

const invalid = (problem: string) => new IssuerProblem('invalid_dpop_proof', `${problem}.`);
