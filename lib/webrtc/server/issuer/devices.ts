import type { Member } from './authority.ts';
import type { IssuerContext } from './context.ts';
import { issueCredential } from './credentials.ts';
import { MANAGE_DEVICES } from './options.ts';
import { IssuerProblem } from './problems.ts';
import { renewalTokenOf } from './renewal-token.ts';
import { announceDenyList, deny, nextGeneration } from './revocation.ts';
import type { DeviceRecord, Grant } from './store.ts';

/** What a device gets, once it is approved and at each renewal. */
export interface Issued {
  credential: string;
  /** Good once, for the next credential; only with the device's key. */
  renewalToken: string;
  tenantId: string;
  /** Milliseconds since the epoch, by the issuer's clock. */
  issuedAtMs: number;
  expiresAtMs: number;
}

/** As managers see a device. */
export interface DeviceView {
  peerId: string;
  name: string;
  role: string;
  capabilities: string[];
  status: 'active' | 'revoked';
  enrolledAtMs: number;
  renewedAtMs: number;
  credentialEndsAtMs: number;
}

/**
 * Makes the device one of the tenant's, or makes it something else. Each time it begins a new generation, so that what it
 * was before is over: a credential of an earlier generation is denied. Within a transaction.
 */
export function enrolDevice(
  context: IssuerContext,
  tenantId: string,
  peerId: string,
  grant: Grant,
  by: string,
): number {
  const { store, clock } = context;
  const before = store.get('device', tenantId, peerId);
  const generation = nextGeneration(context, tenantId, peerId);
  store.put('device', tenantId, peerId, {
    peerId,
    ...grant,
    generation,
    status: 'active',
    enrolledAtMs: clock.nowMs(),
    enrolledBy: by,
    renewedAtMs: clock.nowMs(),
    credentialEndsAtMs: before?.credentialEndsAtMs ?? 0,
    renewal: null,
  });
  if (before) deny(context, tenantId, [{ ...before, firstGoodGeneration: generation }]);
  return generation;
}

/** A credential, and the token for the next one, which `device.renewal` tells. Within a transaction. */
export function issueTo(context: IssuerContext, tenantId: string, device: DeviceRecord): Issued {
  const { store, clock, limits } = context;
  const nowMs = clock.nowMs();
  const endsAtMs = nowMs + limits.credentialMs;
  const renewal = device.renewal ?? { rotation: 1, rotatedAtMs: nowMs, isConfirmed: false };
  const renewed = { ...device, renewal, renewedAtMs: nowMs, credentialEndsAtMs: endsAtMs };
  store.put('device', tenantId, device.peerId, renewed);
  return {
    credential: issueCredential(context, { tenantId, ...device }, endsAtMs),
    renewalToken: renewalTokenOf(context, { tenantId, ...device }, renewal.rotation),
    tenantId,
    issuedAtMs: nowMs,
    expiresAtMs: endsAtMs,
  };
}

/** Of the manager's own tenant, the last renewed first. */
export function listDevices({ store }: IssuerContext, manager: Member): DeviceView[] {
  const devices = store.list('device', manager.tenantId).sort((a, b) => b.renewedAtMs - a.renewedAtMs);
  return devices.map(({ renewal, generation, enrolledBy, ...view }) => view);
}

/**
 * Puts a device out: its renewals end now, its credentials as soon as the deny list is where they are looked at.
 * @throws IssuerProblem `unknown_device` for one that this tenant has not; `last_manager`
 */
export function revokeDevice(context: IssuerContext, manager: Member, peerId: string): void {
  const { store } = context;
  store.transaction(() => {
    const device = store.get('device', manager.tenantId, peerId);
    if (device?.status !== 'active') {
      throw new IssuerProblem('unknown_device', 'This property has no such device, or it is revoked already.');
    }
    keepOneManager(context, manager.tenantId, device);
    putOut(context, manager.tenantId, device);
  });
  announceDenyList(context, manager.tenantId);
}

/** Within a transaction. */
export function putOut(context: IssuerContext, tenantId: string, device: DeviceRecord): void {
  const generation = nextGeneration(context, tenantId, device.peerId);
  context.store.put('device', tenantId, device.peerId, { ...device, generation, status: 'revoked', renewal: null });
  deny(context, tenantId, [{ ...device, firstGoodGeneration: generation }]);
}

function keepOneManager({ store }: IssuerContext, tenantId: string, leaving: DeviceRecord): void {
  const isManager = ({ status, capabilities }: DeviceRecord) =>
    status === 'active' && capabilities.includes(MANAGE_DEVICES);
  if (!isManager(leaving) || store.list('device', tenantId).filter(isManager).length > 1) return;
  throw new IssuerProblem('last_manager', 'This is the last manager’s device. Make another one a manager first.');
}
