import type { Clock } from '@innmesh/kit';
import { type CredentialClaims, CredentialError, checkClaims, readCredential } from '@innmesh/protocol';
import type { DenyLists } from './deny-lists.ts';
import { type IssuerKeySource, verifyBy } from './issuer-key-source.ts';

/** Whose credential it has to be. */
export interface Holder {
  tenantId: string;
  peerId: string;
}

export interface CredentialCheckerDeps {
  clock: Clock;
  keys: IssuerKeySource;
  denyLists: DenyLists;
}

/** Says what the issuer says of a device. */
export class CredentialChecker {
  readonly #deps: CredentialCheckerDeps;

  constructor(deps: CredentialCheckerDeps) {
    this.#deps = deps;
  }

  /** Throws `CredentialError` with the first reason against it; what costs most comes last. */
  check(token: string, holder: Holder): CredentialClaims {
    const { clock, keys, denyLists } = this.#deps;
    const { claims, jws } = readCredential(token);
    const expected = { nowMs: clock.nowMs(), ...holder };
    checkClaims(claims, expected);
    verifyBy(keys, jws);
    checkClaims(claims, { ...expected, denied: denyLists.of(holder.tenantId)?.generations });
    return claims;
  }
}

/** A device is what the issuer says, whatever it says itself. Throws `CredentialError`. */
export function requireRole({ role }: CredentialClaims, claimed: string): void {
  if (role === claimed) return;
  throw new CredentialError('other-role', `it is for the role "${role}", and the device says "${claimed}"`);
}
