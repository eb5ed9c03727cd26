import { CredentialError, checkClaims, readCredential } from '@innmesh/protocol';
import { verifyJws } from '../auth/signatures.ts';
import type { IssuerContext } from './context.ts';
import { type ProvenRequest, verifyProof } from './dpop.ts';
import { MANAGE_DEVICES, TABLE_ROLES } from './options.ts';
import { IssuerProblem } from './problems.ts';

/** A device of a property, as its credential says. Whatever it asks for is its own tenant's: there is no other in reach. */
export interface Member {
  readonly tenantId: string;
  readonly peerId: string;
  readonly role: string;
  readonly capabilities: readonly string[];
}

/**
 * Who asks, by the credential and the proof that came along (RFC 9449 §7).
 * @throws IssuerProblem `invalid_credential`, `invalid_dpop_proof`, `stale_dpop_proof`
 */
export function authenticate(
  context: IssuerContext,
  authorization: string | undefined,
  proof: string | undefined,
  request: Omit<ProvenRequest, 'credential'>,
): Member {
  const [, credential] = /^DPoP ([\w.-]+)$/i.exec(authorization ?? '') ?? [];
  if (!credential) {
    throw new IssuerProblem('invalid_credential', 'Send the device’s credential: "Authorization: DPoP <credential>".');
  }
  const { peerId } = verifyProof(context, proof, { ...request, credential });
  return readMember(context, credential, peerId);
}

function readMember(context: IssuerContext, token: string, peerId: string): Member {
  const nowMs = context.clock.nowMs();
  try {
    const { jws, claims } = readCredential(token);
    verifyJws(jws, context.keys.publicKeys(nowMs));
    // Any tenant: the one it names is the one that it may do something in.
    checkClaims(claims, { nowMs, tenantId: claims.tenant, peerId });
    const device = context.store.get('device', claims.tenant, peerId);
    if (device?.status !== 'active' || device.generation !== claims.gen) {
      throw new CredentialError('revoked', 'the device was revoked or enrolled anew');
    }
    return { tenantId: claims.tenant, peerId, role: device.role, capabilities: device.capabilities };
  } catch (error) {
    if (error instanceof CredentialError) throw new IssuerProblem('invalid_credential', error.message);
    throw error;
  }
}

export function requireManager({ capabilities }: Member): void {
  if (capabilities.includes(MANAGE_DEVICES)) return;
  throw new IssuerProblem('not_allowed', `Only a device with the capability "${MANAGE_DEVICES}" may do this.`);
}

export function requireTableStaff({ role, capabilities }: Member): void {
  if (TABLE_ROLES.includes(role) || capabilities.includes(MANAGE_DEVICES)) return;
  throw new IssuerProblem('not_allowed', 'Only staff devices, tills and managers may do this.');
}
