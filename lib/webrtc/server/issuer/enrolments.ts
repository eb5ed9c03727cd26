import type { Member } from './authority.ts';
import { newCode, normalizeCode, USER_CODE_CHARACTERS } from './codes.ts';
import type { IssuerContext } from './context.ts';
import { enrolDevice, type Issued, issueTo } from './devices.ts';
import type { Prover } from './dpop.ts';
import { MANAGE_DEVICES } from './options.ts';
import { IssuerProblem } from './problems.ts';
import { announceDenyList, tenantOf } from './revocation.ts';
import { hashOf, newSecret } from './secrets.ts';
import { useSetupCode } from './setup-codes.ts';
import type { AskedDevice, EnrolmentRecord, Grant } from './store.ts';

/** RFC 8628 §3.5: what a device that polls too often has to add to its interval. */
const SLOW_DOWN_SECONDS = 5;
/** A little early is not too often: timers and the network jitter. */
const INTERVAL_TOLERANCE = 0.8;

export interface Asking {
  tenantId: string;
  device: AskedDevice;
  /** The operator's, for a property's first manager. */
  setupCode?: string | undefined;
  /** Where the request came from. */
  address: string;
}

/** The answer to a device that asks (RFC 8628 §3.2). */
export interface Asked {
  /** The device's own secret, to ask for the outcome with. */
  deviceCode: string;
  /** For people: `WDJB-MJHT`. */
  userCode: string;
  expiresInSeconds: number;
  intervalSeconds: number;
}

/** As managers see a device that waits. Without its code: whoever approves has seen it on the device itself. */
export interface PendingView {
  peerId: string;
  asked: AskedDevice;
  address: string;
  askedAtMs: number;
  expiresAtMs: number;
}

/**
 * A device asks to be let into a property. With a good setup code it is approved at once, as a manager's.
 * @throws IssuerProblem `unknown_tenant`, `too_many_pending`, `invalid_setup_code`, `tenant_exists`, `too_many_requests`
 */
export function askForEnrolment(context: IssuerContext, { peerId }: Prover, asking: Asking): Asked {
  const { store, clock, limits, random } = context;
  const { tenantId, device, setupCode, address } = asking;
  const deviceCode = newSecret(random);
  const userCode = newCode(USER_CODE_CHARACTERS, random);
  const nowMs = clock.nowMs();
  store.transaction(() => {
    store.removeExpired(nowMs);
    if (setupCode !== undefined) useSetupCode(context, setupCode, tenantId, address);
    else tenantOf(context, tenantId);
    forgetEarlier(context, tenantId, peerId, address);
    const record: EnrolmentRecord = {
      deviceCodeHash: hashOf(deviceCode),
      userCodeHash: hashOf(normalizeCode(userCode)),
      peerId,
      asked: device,
      address,
      askedAtMs: nowMs,
      expiresAtMs: nowMs + limits.enrolmentMs,
      intervalSeconds: limits.pollIntervalSeconds,
      polledAtMs: 0,
      decision: { kind: 'pending' },
    };
    if (setupCode !== undefined) approve(context, tenantId, record, firstManager(device), 'setup code');
    else keep(context, tenantId, record);
  });
  if (setupCode !== undefined) store.flush();
  return {
    deviceCode,
    userCode,
    expiresInSeconds: limits.enrolmentMs / 1000,
    intervalSeconds: limits.pollIntervalSeconds,
  };
}

function firstManager({ type, name, capabilities }: AskedDevice): Grant {
  return { role: type, name, capabilities: [...new Set([...capabilities, MANAGE_DEVICES])] };
}

/** A device that asks again has one request, not two; and a tenant, and an address, not more than its share. */
function forgetEarlier({ store, limits }: IssuerContext, tenantId: string, peerId: string, address: string): void {
  const pending = store.list('enrolment', tenantId).filter(({ decision }) => decision.kind === 'pending');
  const others = pending.filter((enrolment) => enrolment.peerId !== peerId);
  for (const enrolment of pending) {
    if (enrolment.peerId === peerId) store.delete('enrolment', tenantId, enrolment.deviceCodeHash);
  }
  const fromThere = others.filter((enrolment) => enrolment.address === address);
  if (others.length < limits.pendingPerTenant && fromThere.length < limits.pendingPerAddress) return;
  throw new IssuerProblem(
    'too_many_pending',
    'Too many devices wait for a manager of this property. Try again later, or have a manager turn some down.',
    { retryAfterSeconds: 60 },
  );
}

const keep = ({ store }: IssuerContext, tenantId: string, enrolment: EnrolmentRecord) =>
  store.put('enrolment', tenantId, enrolment.deviceCodeHash, enrolment, enrolment.expiresAtMs);

type Outcome = { issued: Issued } | { refusal: IssuerProblem };

/**
 * A device asks what became of its request (RFC 8628 §3.4). Once approved, it gets its credential, and the same renewal
 * token again where the answer was lost on its way, as long as that has not been used.
 * @throws IssuerProblem `authorization_pending`, `slow_down`, `access_denied`, `expired_token`
 */
export function pollEnrolment(
  context: IssuerContext,
  { peerId }: Prover,
  tenantId: string,
  deviceCode: string,
): Issued {
  const outcome = context.store.transaction(() => poll(context, peerId, tenantId, deviceCode));
  if ('refusal' in outcome) throw outcome.refusal;
  return outcome.issued;
}

function poll(context: IssuerContext, peerId: string, tenantId: string, deviceCode: string): Outcome {
  const { store, clock } = context;
  const enrolment = store.get('enrolment', tenantId, hashOf(deviceCode));
  // Another device's key is told what a wrong code is: nothing of whether there is such a request.
  if (!enrolment || enrolment.peerId !== peerId || enrolment.expiresAtMs <= clock.nowMs()) return expired();
  switch (enrolment.decision.kind) {
    case 'pending':
      return { refusal: notYet(context, tenantId, enrolment) };
    case 'denied':
      return { refusal: new IssuerProblem('access_denied', 'A manager has turned this device down.') };
    case 'approved':
      return redeem(context, tenantId, enrolment);
  }
}

const expired = (): Outcome => ({
  refusal: new IssuerProblem('expired_token', 'This request has expired or there is none. Ask again for a new code.'),
});

function notYet(context: IssuerContext, tenantId: string, enrolment: EnrolmentRecord): IssuerProblem {
  const nowMs = context.clock.nowMs();
  const { polledAtMs, intervalSeconds } = enrolment;
  const isTooSoon = nowMs - polledAtMs < intervalSeconds * 1000 * INTERVAL_TOLERANCE;
  const wait = isTooSoon ? intervalSeconds + SLOW_DOWN_SECONDS : intervalSeconds;
  keep(context, tenantId, { ...enrolment, polledAtMs: nowMs, intervalSeconds: wait });
  return isTooSoon
    ? new IssuerProblem('slow_down', `Ask every ${wait} seconds, not more often.`, { retryAfterSeconds: wait })
    : new IssuerProblem('authorization_pending', 'No manager has decided yet.', { retryAfterSeconds: wait });
}

/** Again where the answer was lost, with the same token, as long as that was not used. */
function redeem(context: IssuerContext, tenantId: string, { peerId, decision }: EnrolmentRecord): Outcome {
  const device = context.store.get('device', tenantId, peerId);
  const isThisOne = decision.kind === 'approved' && decision.generation === device?.generation;
  if (!isThisOne || device?.status !== 'active' || (device.renewal?.rotation ?? 1) > 1) return expired();
  return { issued: issueTo(context, tenantId, device) };
}

/** Of the manager's own tenant, the latest first. */
export function listPending({ store, clock }: IssuerContext, { tenantId }: Member): PendingView[] {
  store.removeExpired(clock.nowMs());
  const pending = store.list('enrolment', tenantId).filter(({ decision }) => decision.kind === 'pending');
  return pending
    .sort((a, b) => b.askedAtMs - a.askedAtMs)
    .map(({ peerId, asked, address, askedAtMs, expiresAtMs }) => ({ peerId, asked, address, askedAtMs, expiresAtMs }));
}

/** Which device shows this code. Throws `unknown_user_code`, `too_many_requests`. */
export function findByUserCode(context: IssuerContext, manager: Member, typed: string, address: string): PendingView {
  const { peerId, asked, askedAtMs, expiresAtMs, address: from } = pendingByCode(context, manager, typed, address);
  return { peerId, asked, address: from, askedAtMs, expiresAtMs };
}

/** The device with this code becomes what the manager says. Throws `unknown_user_code`, `too_many_requests`. */
export function approveEnrolment(
  context: IssuerContext,
  manager: Member,
  typed: string,
  grant: Grant,
  address: string,
): void {
  const { tenantId, peerId } = manager;
  const wasEnrolled = context.store.transaction(() => {
    const enrolment = pendingByCode(context, manager, typed, address);
    const before = context.store.get('device', tenantId, enrolment.peerId);
    approve(context, tenantId, enrolment, grant, peerId);
    return before !== undefined;
  });
  if (wasEnrolled) announceDenyList(context, tenantId);
  else context.store.flush();
}

/** By its id, as turning down a stranger should need no walk to its screen. */
export function denyEnrolment(context: IssuerContext, { tenantId }: Member, peerId: string): void {
  const { store } = context;
  const pending = store.list('enrolment', tenantId).find((enrolment) => enrolment.peerId === peerId);
  if (pending?.decision.kind !== 'pending') {
    throw new IssuerProblem('unknown_device', 'No such device waits here any more.');
  }
  keep(context, tenantId, { ...pending, decision: { kind: 'denied' } });
}

function approve(context: IssuerContext, tenantId: string, enrolment: EnrolmentRecord, grant: Grant, by: string): void {
  const generation = enrolDevice(context, tenantId, enrolment.peerId, grant, by);
  keep(context, tenantId, { ...enrolment, decision: { kind: 'approved', generation } });
}

function pendingByCode(context: IssuerContext, manager: Member, typed: string, address: string): EnrolmentRecord {
  const { store, clock, tries } = context;
  const { tenantId } = manager;
  const waitSeconds = Math.max(
    tries.userCodesByAddress.waitSeconds(address),
    tries.userCodesByTenant.waitSeconds(tenantId),
  );
  if (waitSeconds > 0) {
    const message = `Too many wrong codes. Try again in ${Math.ceil(waitSeconds / 60)} minutes.`;
    throw new IssuerProblem('too_many_requests', message, { retryAfterSeconds: waitSeconds });
  }
  const hash = hashOf(normalizeCode(typed));
  const found = store
    .list('enrolment', tenantId)
    .find(({ userCodeHash, decision }) => userCodeHash === hash && decision.kind === 'pending');
  if (found && found.expiresAtMs > clock.nowMs()) return found;
  tries.userCodesByAddress.noteFailure(address);
  tries.userCodesByTenant.noteFailure(tenantId);
  throw new IssuerProblem(
    'unknown_user_code',
    'No device shows this code. Check it on the device; it may have a new one.',
  );
}
