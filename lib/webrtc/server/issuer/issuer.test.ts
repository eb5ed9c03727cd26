import { ManualClock, systemRandom } from '@innmesh/kit';
import { readCredential, readDenyList } from '@innmesh/protocol';
import { describe, expect, it } from 'vitest';
import { memoryKeyRing } from '../node/key-ring-file.ts';
import { type IssuerContext, issuerTries } from './context.ts';
import { revokeDevice } from './devices.ts';
import { approveEnrolment, askForEnrolment, listPending, pollEnrolment } from './enrolments.ts';
import { KeyRing } from './key-ring.ts';
import { MemoryIssuerStore } from './memory-store.ts';
import { defaultLimits } from './options.ts';
import { renewCredential } from './renewals.ts';
import { denyListOf } from './revocation.ts';
import { createSetupCode } from './setup-codes.ts';

/* Time, where no request has swept what is over. */

const HOTEL = 'hotel-abc';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const prover = (letter: string) => ({ peerId: `${letter.repeat(42)}A`, origin: 'https://id.example' });
const asking = { tenantId: HOTEL, device: { type: 'staff' as const, name: 'Tablet', capabilities: [] }, address: 'x' };
const grant = { role: 'staff' as const, name: 'Tablet', capabilities: [] };

function issuer() {
  const clock = new ManualClock(Date.UTC(2026, 0, 10));
  const keyTimes = { keyLifetimeMs: defaultLimits.keyLifetimeMs, longestCredentialMs: defaultLimits.credentialMs };
  const context: IssuerContext = {
    store: new MemoryIssuerStore(),
    clock,
    random: systemRandom,
    keys: new KeyRing(memoryKeyRing(), keyTimes, clock.nowMs()),
    limits: defaultLimits,
    issuer: 'https://id.example',
    tries: issuerTries(clock),
    denyListChanged: () => {},
    log: () => {},
  };
  const setupCode = createSetupCode(context);
  const { deviceCode } = askForEnrolment(context, prover('M'), { ...asking, setupCode });
  const { renewalToken } = pollEnrolment(context, prover('M'), HOTEL, deviceCode);
  const manager = { tenantId: HOTEL, peerId: prover('M').peerId, role: 'staff', capabilities: ['manage-devices'] };
  const enrol = (letter: string) => {
    const asked = askForEnrolment(context, prover(letter), asking);
    approveEnrolment(context, manager, asked.userCode, grant, 'x');
    return pollEnrolment(context, prover(letter), HOTEL, asked.deviceCode);
  };
  const denied = () => [...readDenyList(denyListOf(context, HOTEL).token).generations.keys()];
  return { context, clock, manager, enrol, denied, renewalToken };
}

const withCode = (code: string) => expect.objectContaining({ code });

describe('at the very moment at which a code is over', () => {
  it('nobody is let in by it', () => {
    const { context, clock, manager } = issuer();
    const { deviceCode, userCode } = askForEnrolment(context, prover('A'), asking);
    clock.advance(15 * MINUTE_MS);
    expect(() => approveEnrolment(context, manager, userCode, grant, 'x')).toThrow(withCode('unknown_user_code'));
    expect(() => pollEnrolment(context, prover('A'), HOTEL, deviceCode)).toThrow(withCode('expired_token'));
    expect(listPending(context, manager)).toEqual([]);
  });

  it('an approval that was not fetched is over too', () => {
    const { context, clock, manager } = issuer();
    const { deviceCode, userCode } = askForEnrolment(context, prover('A'), asking);
    approveEnrolment(context, manager, userCode, grant, 'x');
    clock.advance(15 * MINUTE_MS);
    expect(() => pollEnrolment(context, prover('A'), HOTEL, deviceCode)).toThrow(withCode('expired_token'));
  });

  it('a setup code sets up nothing', () => {
    const { context, clock } = issuer();
    const setupCode = createSetupCode(context);
    clock.advance(24 * HOUR_MS);
    // Looked up as it is, not as the sweep of the request leaves it.
    context.store.removeExpired = () => {};
    const attempt = () => askForEnrolment(context, prover('A'), { ...asking, tenantId: 'other', setupCode });
    expect(attempt).toThrow(withCode('invalid_setup_code'));
  });
});

describe('the deny list', () => {
  it('is rid of a device when the last of its credentials is over, clocks that differ allowed for [D6]', () => {
    const { context, clock, manager, enrol, denied } = issuer();
    enrol('A');
    revokeDevice(context, manager, prover('A').peerId);
    clock.advance(24 * HOUR_MS + MINUTE_MS - 1);
    for (const letter of ['B', 'C']) enrol(letter);
    revokeDevice(context, manager, prover('B').peerId);
    expect(denied().sort()).toEqual([prover('A').peerId, prover('B').peerId]);
    clock.advance(1);
    revokeDevice(context, manager, prover('C').peerId);
    expect(denied().sort()).toEqual([prover('B').peerId, prover('C').peerId]);
  });

  it('has a device that was let in as something else: what it was before is over [D7]', () => {
    const { context, enrol, denied } = issuer();
    enrol('A');
    expect(denied()).toEqual([]);
    const { credential } = enrol('A');
    const firstGood = readDenyList(denyListOf(context, HOTEL).token).generations.get(prover('A').peerId);
    expect(firstGood).toBe(2);
    expect(readCredential(credential).claims.gen).toBe(2);
  });

  it('is signed anew where its key is about to be unpublished [D7]', () => {
    const { context, clock } = issuer();
    const before = denyListOf(context, HOTEL);
    context.keys.rotate(clock.nowMs());
    const after = denyListOf(context, HOTEL);
    expect(after.version).not.toBe(before.version);
    expect(readDenyList(after.token).jws.keyId).toBe(context.keys.signingKey(clock.nowMs()).jwk.kid);
  });

  it('has no more devices than everyone takes, those first that would be good for longest [D6]', () => {
    const { context, clock, denied } = issuer();
    for (let index = 0; index < 800; index++) {
      const peerId = `${String(index).padStart(42, '0')}A`;
      const obsoleteAtMs = clock.nowMs() + index;
      context.store.put('denial', HOTEL, peerId, { peerId, firstGoodGeneration: 2, obsoleteAtMs });
    }
    context.keys.rotate(clock.nowMs());
    expect(denied()).toHaveLength(700);
    expect(denied()).toContain(`${'799'.padStart(42, '0')}A`);
  });
});

describe('a store that was set back by a restore', () => {
  it('takes the renewal tokens that were handed out since', () => {
    const { context, renewalToken } = issuer();
    const before = context.store.get('device', HOTEL, prover('M').peerId);
    const first = renewCredential(context, prover('M'), HOTEL, renewalToken);
    const second = renewCredential(context, prover('M'), HOTEL, first.renewalToken);
    if (before) context.store.put('device', HOTEL, before.peerId, before);
    expect(renewCredential(context, prover('M'), HOTEL, second.renewalToken).credential).not.toBe('');
  });
});
