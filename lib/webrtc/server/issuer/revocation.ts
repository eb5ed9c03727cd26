import { CLOCK_SKEW_MS, DENY_LIST_TYPE } from '@innmesh/protocol';
import { signJws } from '../auth/signatures.ts';
import type { IssuerContext } from './context.ts';
import { IssuerProblem } from './problems.ts';
import type { DenialRecord, TenantRecord } from './store.ts';

/** As many as fit into the 64 KiB that everyone takes (`MAX_DENY_LIST_CHARACTERS`): some 68 characters an entry. */
const MAX_ENTRIES = 700;

/** Older credentials than of this generation are not good any more. */
export interface Denial {
  peerId: string;
  firstGoodGeneration: number;
  /** When the last of them expires by itself. */
  credentialEndsAtMs: number;
}

/**
 * Puts devices on the tenant's deny list and signs it anew, with a higher number. What would have expired meanwhile
 * leaves it. Call it within a transaction, and `announceDenyList` after that.
 */
export function deny(context: IssuerContext, tenantId: string, denials: readonly Denial[]): void {
  const { store, clock } = context;
  for (const { peerId, firstGoodGeneration, credentialEndsAtMs } of denials) {
    // Whoever checks allows for that much difference of clocks.
    const obsoleteAtMs = credentialEndsAtMs + CLOCK_SKEW_MS;
    if (obsoleteAtMs <= clock.nowMs()) continue;
    const denial = strictest({ peerId, firstGoodGeneration, obsoleteAtMs }, store.get('denial', tenantId, peerId));
    store.put('denial', tenantId, peerId, denial, denial.obsoleteAtMs);
  }
  store.removeExpired(clock.nowMs());
  const tenant = tenantOf(context, tenantId);
  store.put('tenant', tenantId, '', signed(context, { ...tenant, denySeq: tenant.denySeq + 1 }));
}

/** A denial is never taken back by a weaker one: what ends at a table leaves a stolen till where it is. */
function strictest(one: DenialRecord, other: DenialRecord | undefined): DenialRecord {
  if (!other) return one;
  return {
    peerId: one.peerId,
    firstGoodGeneration: Math.max(one.firstGoodGeneration, other.firstGoodGeneration),
    obsoleteAtMs: Math.max(one.obsoleteAtMs, other.obsoleteAtMs),
  };
}

/** Above every generation that this key has had, as a device and as a guest, and above what is denied. */
export function nextGeneration({ store }: IssuerContext, tenantId: string, peerId: string): number {
  const device = store.get('device', tenantId, peerId)?.generation ?? 0;
  const guest = store.get('guest', tenantId, peerId)?.generation ?? 0;
  const denied = (store.get('denial', tenantId, peerId)?.firstGoodGeneration ?? 1) - 1;
  return Math.max(device, guest, denied) + 1;
}

/** Tells the signaling server of this process, once nothing can take it back. */
export function announceDenyList(context: IssuerContext, tenantId: string): void {
  context.store.flush();
  context.denyListChanged(tenantId, tenantOf(context, tenantId).denyList);
}

/** A tenant with an empty deny list: number 1, signed, so that there is one to hand out. */
export function createTenant(context: IssuerContext, tenantId: string): void {
  context.store.put('tenant', tenantId, '', signed(context, { tenantId, denySeq: 1, denyList: '', denyListKeyId: '' }));
}

/** Throws `unknown_tenant`. */
export function tenantOf({ store }: IssuerContext, tenantId: string): TenantRecord {
  const tenant = store.get('tenant', tenantId, '');
  if (tenant) return tenant;
  throw new IssuerProblem(
    'unknown_tenant',
    `No property "${tenantId.slice(0, 40)}" is set up here. Check the name, or set it up with a setup code.`,
  );
}

/** The list as it is handed out: signed anew where the key that signed it signs no more, as it will be unpublished. */
export function denyListOf(context: IssuerContext, tenantId: string): { token: string; version: string } {
  let tenant = tenantOf(context, tenantId);
  if (tenant.denyListKeyId !== context.keys.signingKey(context.clock.nowMs()).jwk.kid) {
    tenant = signed(context, tenant);
    context.store.put('tenant', tenantId, '', tenant);
  }
  return { token: tenant.denyList, version: `${tenant.denySeq}-${tenant.denyListKeyId}` };
}

function signed(context: IssuerContext, tenant: TenantRecord): TenantRecord {
  const nowMs = context.clock.nowMs();
  const listed = mostUrgent(context.store.list('denial', tenant.tenantId));
  const payload = {
    iss: context.issuer,
    tenant: tenant.tenantId,
    seq: tenant.denySeq,
    iat: Math.floor(nowMs / 1000),
    denied: Object.fromEntries(listed.map(({ peerId, firstGoodGeneration }) => [peerId, firstGoodGeneration])),
  };
  const key = context.keys.signingKey(nowMs);
  return { ...tenant, denyList: signJws(DENY_LIST_TYPE, key, payload), denyListKeyId: key.jwk.kid };
}

/** Those that would be good for longest: staff devices before guests. */
function mostUrgent(denials: DenialRecord[]): DenialRecord[] {
  return denials.sort((a, b) => b.obsoleteAtMs - a.obsoleteAtMs).slice(0, MAX_ENTRIES);
}
