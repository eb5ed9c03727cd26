import { randomBytes } from 'node:crypto';
import type { Clock } from '@innmesh/kit';
import type { DenyList } from '@innmesh/protocol';
import { Admission, type AdmissionDeps } from './admission.ts';
import { CredentialChecker } from './credential-checker.ts';
import { DenyLists } from './deny-lists.ts';
import { DevelopmentIssuer } from './development-issuer.ts';
import { type IssuerKeySource, verifyBy } from './issuer-key-source.ts';

/** Whom the server believes. */
export interface Trust {
  keys: IssuerKeySource;
  /** What clients know the server by; empty: whatever their request named. */
  hosts: readonly string[];
  /** The issuer's present deny list of a tenant, where it can be asked. */
  denyList?: ((tenantId: string) => string | null) | undefined;
}

export interface AuthDeps {
  clock: Clock;
  gate: AdmissionDeps['gate'];
  /** Without it the server is in development mode: it gives credentials to whoever asks. */
  trust?: Trust | null | undefined;
  /** For challenges. Default: the system's. */
  randomBytes?: ((length: number) => Uint8Array) | undefined;
  denyListChanged(list: DenyList): void;
  /** The issuer could not be asked. */
  failed(error: unknown): void;
}

/** What decides about joins, put together. */
export function assembleAuth(deps: AuthDeps): { admission: Admission; denyLists: DenyLists } {
  const { clock, gate, trust, failed } = deps;
  const developmentIssuer = trust ? null : new DevelopmentIssuer(clock);
  const { keys, hosts, denyList }: Trust = trust ?? { keys: developmentIssuer as IssuerKeySource, hosts: [] };
  const denyLists = new DenyLists({
    clock,
    verify: (jws) => verifyBy(keys, jws),
    ask: denyList,
    changed: deps.denyListChanged,
    failed,
  });
  const checker = new CredentialChecker({ clock, keys, denyLists });
  const admission = new Admission({
    gate,
    checker,
    developmentIssuer,
    hosts,
    randomBytes: deps.randomBytes ?? randomBytes,
  });
  return { admission, denyLists };
}
