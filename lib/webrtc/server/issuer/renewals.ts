import type { IssuerContext } from './context.ts';
import { type Issued, issueTo, putOut } from './devices.ts';
import type { Prover } from './dpop.ts';
import { IssuerProblem } from './problems.ts';
import { rotationOf } from './renewal-token.ts';
import { announceDenyList } from './revocation.ts';
import type { DeviceRecord, RenewalRecord } from './store.ts';

/*
 * Each renewal token is good once (RFC 9700 §4.14.2). One that comes a second time shows that two hold what one should:
 * the device's storage and key were copied. Which of the two is the hotel's cannot be told, so both are put out, and a
 * manager approves the right one again.
 *
 * An answer that is lost on its way looks the same: the device never got the new token, or its page was closed before it
 * was written down, and it comes with the old one, maybe tomorrow. So a device confirms the new token once it keeps it,
 * and until then the last one yields the very successor that it yielded before. For `renewalGraceMs` it does so after
 * that as well: two tabs of one device may have read the same token at once. Who uses either needs the device's key, gets
 * nothing that the device does not get, and is found out at the next rotation, when the same successor comes from two.
 */

type Outcome = { issued: Issued } | { refusal: IssuerProblem; isReplay: boolean };

/**
 * A new credential for a device that shows the token of its last one, and its key.
 * @throws IssuerProblem `invalid_renewal_token`; `renewal_token_reused`, upon which the device is put out
 */
export function renewCredential(context: IssuerContext, { peerId }: Prover, tenantId: string, token: string): Issued {
  const outcome = context.store.transaction(() => renew(context, peerId, tenantId, token));
  if ('issued' in outcome) return outcome.issued;
  if (outcome.isReplay) {
    context.log(`a renewal token of ${peerId.slice(0, 8)} (${tenantId}) was used twice: the device is put out`);
    announceDenyList(context, tenantId);
  }
  throw outcome.refusal;
}

function renew(context: IssuerContext, peerId: string, tenantId: string, token: string): Outcome {
  const { store, clock, limits } = context;
  const device = store.get('device', tenantId, peerId);
  if (device?.status !== 'active' || !device.renewal) return refused();
  if (clock.nowMs() - device.renewedAtMs > limits.idleMs) return refused();
  const rotation = rotationOf(context, { tenantId, ...device }, token);
  if (rotation === null) return refused();
  if (rotation >= device.renewal.rotation) {
    const next = { rotation: rotation + 1, rotatedAtMs: clock.nowMs(), isConfirmed: false };
    return issued(context, tenantId, device, next);
  }
  const isLast = rotation === device.renewal.rotation - 1;
  const isInGrace = clock.nowMs() - device.renewal.rotatedAtMs <= limits.renewalGraceMs;
  if (isLast && (isInGrace || !device.renewal.isConfirmed)) return issued(context, tenantId, device, device.renewal);
  return replayed(context, tenantId, device);
}

function issued(context: IssuerContext, tenantId: string, device: DeviceRecord, renewal: RenewalRecord): Outcome {
  return { issued: issueTo(context, tenantId, { ...device, renewal }) };
}

function replayed(context: IssuerContext, tenantId: string, device: DeviceRecord): Outcome {
  putOut(context, tenantId, device);
  const refusal = new IssuerProblem(
    'renewal_token_reused',
    'This renewal token was used before, so two devices have it. Neither is let in any more: ask a manager to approve this one again.',
  );
  return { refusal, isReplay: true };
}

const refused = () => ({
  refusal: new IssuerProblem(
    'invalid_renewal_token',
    'This device is not enrolled here, was revoked, or has been away for too long. Ask to be let in again.',
  ),
  isReplay: false,
});

/** The device keeps this token now: the one before it is over. Throws `invalid_renewal_token`. */
export function confirmRenewal(context: IssuerContext, { peerId }: Prover, tenantId: string, token: string): void {
  const { store } = context;
  const device = store.get('device', tenantId, peerId);
  const rotation = device?.status === 'active' ? rotationOf(context, { tenantId, ...device }, token) : null;
  if (!device?.renewal || rotation === null) throw refused().refusal;
  if (rotation !== device.renewal.rotation) return;
  store.put('device', tenantId, peerId, { ...device, renewal: { ...device.renewal, isConfirmed: true } });
}
