import { ManualClock } from '@innmesh/kit';
import { type CredentialClaims, closeCodes } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { SignalingCore } from '../signaling-core.ts';
import type { Seat } from '../test-support/device-keys.ts';
import { FakeDevice, joined } from '../test-support/fake-device.ts';
import { TestIssuer } from '../test-support/test-issuer.ts';
import { setDeadline } from './deadline.ts';

const HOUR_MS = 3_600_000;
const SKEW_MS = 60_000;

let clock: ManualClock;
let issuer: TestIssuer;
let core: SignalingCore;

beforeEach(() => {
  clock = new ManualClock(Date.UTC(2026, 0, 10));
  issuer = new TestIssuer(clock);
  core = new SignalingCore({ heartbeatMs: 1_800_000 }, { clock, trust: issuer.trust() });
});

/** Credentials last an hour. */
const enter = (seat: Seat = {}) => joined(core, issuer.enrolled(seat));

function advance(byMs: number, ...alive: FakeDevice[]): void {
  for (const device of alive) device.say({ type: 'heartbeat' });
  clock.advance(byMs);
  for (const device of alive) if (!device.ending) device.say({ type: 'heartbeat' });
}

function renew(device: FakeDevice, seat: Seat = {}, otherwise: Partial<CredentialClaims> = {}): void {
  device.say({ type: 'renew', credential: issuer.credential(seat, otherwise) });
}

describe('a socket', () => {
  it('ends with its credential, and the minute that clocks may differ [J11]', () => {
    const device = enter();
    advance(HOUR_MS / 2, device);
    advance(HOUR_MS / 2 + SKEW_MS - 1, device);
    expect(device.ending).toBeNull();
    clock.advance(1);
    expect(device.ending).toEqual({ code: 4401, reason: expect.stringMatching(/^expired: /) });
    expect(core.stats().devices).toBe(0);
  });

  it('that is gone leaves no timer', () => {
    const device = enter();
    renew(device);
    device.hangUp();
    core.stop();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a credential that is renewed in place', () => {
  it('keeps the socket and its slot, and nobody hears of it [J11]', () => {
    const [device, watcher] = [enter({ name: 'device' }), enter({ name: 'watcher' })];
    device.heard();
    for (let halves = 0; halves < 10; halves++) {
      advance(HOUR_MS / 2, device, watcher);
      renew(device, { name: 'device' });
      renew(watcher, { name: 'watcher' });
    }
    const heard = [...device.heard(), ...watcher.heard()].filter(({ type }) => type !== 'heartbeat');
    expect([device.ending, watcher.ending, heard]).toEqual([null, null, []]);
  });

  it.each<[string, Seat, Partial<CredentialClaims>, string]>([
    ["another device's", { name: 'other' }, {}, 'other-device'],
    ["another tenant's", {}, { tenant: 'other' }, 'other-tenant'],
    ['in another role', {}, { role: 'hub' }, 'other-role'],
    ['that has expired', {}, { exp: Date.UTC(2026, 0, 9) / 1000 }, 'expired'],
  ])('is refused when it is %s [J11]', (_, seat, otherwise, problem) => {
    const device = enter();
    renew(device, seat, otherwise);
    expect(device.ending).toEqual({ code: 4401, reason: expect.stringMatching(new RegExp(`^${problem}: `)) });
  });

  it('is refused when a stranger signed it, and when it is empty [J11]', () => {
    const strangers = new TestIssuer(clock).credential();
    for (const credential of [strangers, '']) {
      const device = enter();
      device.say({ type: 'renew', credential });
      expect(device.ending).toMatchObject({ code: closeCodes.unauthorized });
    }
  });

  it('does not mend a revocation', () => {
    core.deny(issuer.denyList(1, { peer: 1 }));
    const device = joined(core, issuer.enrolled({}, { gen: 1 }));
    renew(device, {}, { gen: 0 });
    expect(device.ending).toEqual({ code: 4403, reason: expect.stringMatching(/^revoked: /) });
  });

  it('comes after the join [J9]', () => {
    const device = new FakeDevice(core);
    renew(device);
    expect(device.ending).toEqual({ code: closeCodes.malformedFrame, reason: 'A renew before the join.' });
  });
});

describe('a deadline', () => {
  it('is kept years away, with no timer longer than 2³¹ − 1 ms', () => {
    const delays: number[] = [];
    const setTimer = (run: () => void, delayMs: number) => {
      delays.push(delayMs);
      return clock.setTimer(run, delayMs);
    };
    const watched = { nowMs: () => clock.nowMs(), monotonicMs: () => clock.monotonicMs(), setTimer };
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    setDeadline(watched, over, clock.nowMs() + 2 ** 33);
    clock.advance(2 ** 33 - 1);
    expect(isOver).toBe(false);
    clock.advance(1);
    expect([isOver, Math.max(...delays)]).toEqual([true, 2 ** 31 - 1]);
  });

  it('can be taken back after its first timer', () => {
    const cancel = setDeadline(clock, () => expect.unreachable(), clock.nowMs() + 2 ** 32);
    clock.advance(2 ** 31);
    cancel();
    clock.advance(2 ** 33);
  });
});
