import { CREDENTIAL_TYPE, type CredentialClaims } from '@innmesh/protocol';
import { signJws } from '../auth/signatures.ts';
import type { IssuerContext } from './context.ts';

/** What a credential is about, beside its times and its issuer. */
export interface Subject {
  tenantId: string;
  peerId: string;
  role: CredentialClaims['role'];
  capabilities: string[];
  generation: number;
  tableId?: string;
}

export function issueCredential(context: IssuerContext, subject: Subject, endsAtMs: number): string {
  const { tenantId, peerId, role, capabilities, generation, tableId } = subject;
  const nowMs = context.clock.nowMs();
  const claims: CredentialClaims = {
    iss: context.issuer,
    sub: peerId,
    cnf: { jkt: peerId },
    tenant: tenantId,
    role,
    caps: capabilities,
    ...(tableId !== undefined && { table: tableId }),
    gen: generation,
    iat: Math.floor(nowMs / 1000),
    exp: Math.floor(endsAtMs / 1000),
  };
  return signJws(CREDENTIAL_TYPE, context.keys.signingKey(nowMs), claims);
}
