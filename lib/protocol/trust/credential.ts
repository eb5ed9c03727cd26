import { CredentialError } from '../errors.ts';
import * as limits from '../limits.ts';
import { peerIdSchema } from '../messages/signaling/peer-id.ts';
import * as s from '../schema/index.ts';
import { type Jws, readJws } from './jws.ts';
import { roles } from './roles.ts';

/** The JWT's `typ` (RFC 8725 §3.11): nothing else that the issuer's key ever signs passes for a credential. */
export const CREDENTIAL_TYPE = 'innmesh+jwt';

/** A place at a table or in a room that a guest's credential is for; `*` is any, as in development mode. */
const tableSchema = s.text({ min: 1, max: 128 });
const seconds = s.number({ min: 0, max: 2 ** 40 });

const claimsSchema = s.object({
  /** Who issued it; a URL where its keys are to be had from there. */
  iss: s.text({ max: 512 }),
  /** The device's id. */
  sub: peerIdSchema,
  /** The thumbprint of the key that the device must prove to hold (RFC 7800, RFC 9449 §6.1); equal to `sub`. */
  cnf: s.object({ jkt: peerIdSchema }),
  tenant: s.text({ min: 1, max: limits.tenantIdCharacters }),
  role: s.picklist(roles),
  /** What it was enrolled for: `orders`, `manage-devices`. */
  caps: s.list(s.text({ max: limits.capabilityCharacters }), { max: limits.capabilities }),
  /** A guest's table. */
  table: s.optional(tableSchema),
  /** Raised when the device is enrolled anew; a deny list names the first that is still good. */
  gen: s.wholeNumber({ min: 0 }),
  iat: seconds,
  exp: seconds,
});

/** What an issuer says of a device. Times are seconds since the epoch (RFC 7519 §2). */
export type CredentialClaims = s.InferOutput<typeof claimsSchema>;

/** A credential as it was read; nothing in it is believed before its signature is verified. */
export interface Credential {
  readonly jws: Jws;
  readonly claims: CredentialClaims;
}

/** Throws `CredentialError` for what is no credential. */
export function readCredential(token: string): Credential {
  const jws = readJws(token, CREDENTIAL_TYPE);
  const claims = s.read(
    claimsSchema,
    jws.payload,
    (path, problem) => new CredentialError('malformed', `its claim "${path}" ${problem}`),
  );
  if (claims.cnf.jkt !== claims.sub) throw new CredentialError('malformed', 'its "sub" and "cnf.jkt" differ');
  return { jws, claims };
}

/** What a credential has to be for whoever looks at it. */
export interface Expectations {
  nowMs: number;
  tenantId: string;
  /** The thumbprint of the key whose signature came along. */
  peerId: string;
  /** From `DenyList.generations`. */
  denied?: ReadonlyMap<string, number> | undefined;
}

/** How far two clocks may differ. RFC 7519 §4.1.4 asks for "no more than a few minutes". */
export const CLOCK_SKEW_MS = 60_000;

/** Throws `CredentialError` with the first reason against it. The signature is another's business. */
export function checkClaims(claims: CredentialClaims, { nowMs, tenantId, peerId, denied }: Expectations): void {
  if (claims.tenant !== tenantId) throw new CredentialError('other-tenant', `it is for the tenant "${claims.tenant}"`);
  if (claims.sub !== peerId) throw new CredentialError('other-device', 'it was issued to another device');
  if (nowMs > claims.exp * 1000 + CLOCK_SKEW_MS)
    throw new CredentialError('expired', 'its time is over, or a clock is wrong');
  if (nowMs < claims.iat * 1000 - CLOCK_SKEW_MS)
    throw new CredentialError('not-yet-valid', 'its time has not begun, or a clock is wrong');
  const firstGood = denied?.get(claims.sub);
  if (firstGood !== undefined && claims.gen < firstGood) throw new CredentialError('revoked', 'the device was revoked');
}
