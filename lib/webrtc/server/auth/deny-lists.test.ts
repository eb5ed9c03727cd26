import { ManualClock } from '@innmesh/kit';
import { CredentialError, closeCodes } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { SignalingCore } from '../signaling-core.ts';
import type { Seat } from '../test-support/device-keys.ts';
import { FakeDevice, joined } from '../test-support/fake-device.ts';
import { TestIssuer } from '../test-support/test-issuer.ts';
import { fixedKeys } from './issuer-key-source.ts';

let clock: ManualClock;
let issuer: TestIssuer;
let core: SignalingCore;

beforeEach(() => {
  clock = new ManualClock(Date.UTC(2026, 0, 10));
  issuer = new TestIssuer(clock);
  core = new SignalingCore({}, { clock, trust: issuer.trust() });
});

const enter = (seat: Seat = {}) => joined(core, issuer.enrolled(seat));

describe('a deny list', () => {
  it('drops whom it names with 4403, and is pushed to everyone else in the room [D4]', () => {
    const [thief, witness] = [enter({ name: 'thief' }), enter({ name: 'witness' })];
    const elsewhere = enter({ name: 'thief', tenantId: 'elsewhere' });
    for (const device of [thief, witness]) device.heard();
    const list = issuer.denyList(2, { thief: 1 });
    expect(core.deny(list)).toBe(true);
    expect(thief.ending).toEqual({ code: closeCodes.revoked, reason: 'revoked: the device was revoked' });
    expect(witness.heard()).toEqual([
      { type: 'left', slot: thief.slot },
      { type: 'deny', list },
    ]);
    expect([thief.heard(), elsewhere.heard(), elsewhere.ending]).toEqual([[], [], null]);
  });

  it('comes right after the welcome of whoever comes later, unless it is empty [D4]', () => {
    const list = issuer.denyList(2, { thief: 1 });
    core.deny(list);
    const welcomeAnd = (name: string) => new FakeDevice(core).join(issuer.enrolled({ name })).slice(1);
    expect(welcomeAnd('late')).toEqual([{ type: 'deny', list }]);
    core.deny(issuer.denyList(3, {}));
    expect(welcomeAnd('later')).toEqual([]);
  });

  it('that is older than the last one is ignored, whatever came between [D3]', () => {
    const witness = enter({ name: 'witness' });
    core.deny(issuer.denyList(5, { thief: 1 }));
    witness.heard();
    expect([core.deny(issuer.denyList(4, {})), core.deny(issuer.denyList(5, {}))]).toEqual([false, false]);
    expect(witness.heard()).toEqual([]);
  });

  it('that is older does not let a revoked device in again [D3]', () => {
    core.deny(issuer.denyList(5, { thief: 1 }));
    core.deny(issuer.denyList(4, {}));
    expect(enter({ name: 'thief' }).ending).toMatchObject({ code: closeCodes.revoked });
  });

  it('that was forged is refused, and does nothing [D1]', () => {
    const [device, witness] = [enter({ name: 'device' }), enter({ name: 'witness' })];
    witness.heard();
    device.heard();
    const strangers = new TestIssuer(clock);
    const [header, , signature] = issuer.denyList(2, {}).split('.');
    const bent = `${header}.${strangers.denyList(9, { device: 1 }).split('.')[1]}.${signature}`;
    for (const forged of [strangers.denyList(9, { device: 1 }), bent, issuer.credential(), 'nonsense']) {
      expect(() => core.deny(forged)).toThrow(CredentialError);
    }
    expect([device.ending, device.heard(), witness.heard()]).toEqual([null, [], []]);
  });

  it('names a generation: a device that was enrolled anew since stays [D2]', () => {
    const renewed = joined(core, issuer.enrolled({ name: 'tablet' }, { gen: 1 }));
    renewed.say({ type: 'renew', credential: issuer.credential({ name: 'tablet' }, { gen: 2 }) });
    core.deny(issuer.denyList(1, { tablet: 2 }));
    expect(renewed.ending).toBeNull();
    core.deny(issuer.denyList(2, { tablet: 3 }));
    expect(renewed.ending).toMatchObject({ code: closeCodes.revoked });
  });
});

describe('an issuer that can be asked', () => {
  let present: string | null;
  let asked: string[];
  const failures: unknown[] = [];

  beforeEach(() => {
    present = null;
    asked = [];
    const denyList = (tenantId: string) => {
      asked.push(tenantId);
      return present;
    };
    core = new SignalingCore({}, { clock, trust: issuer.trust({ denyList }), failed: (error) => failures.push(error) });
  });

  it('is asked when the first of a tenant comes, and once a minute after', () => {
    present = issuer.denyList(1, { thief: 1 });
    expect(enter({ name: 'thief' }).ending).toMatchObject({ code: closeCodes.revoked });
    for (let times = 0; times < 5; times++) enter({ name: `d${times}` });
    expect(asked).toEqual(['hotel']);
    clock.advance(60_000);
    enter({ name: 'later' });
    expect(asked).toEqual(['hotel', 'hotel']);
  });

  it('is not asked for tenants that only a stranger names', () => {
    const strangers = new TestIssuer(clock);
    joined(core, strangers.enrolled({ tenantId: 'anything' }));
    joined(core, { tenantId: 'something' });
    expect(asked).toEqual([]);
  });

  it('may hand out the same list signed with another key, which later ones are given', () => {
    core.deny(issuer.denyList(3, { thief: 1 }));
    const witness = enter({ name: 'witness' });
    witness.heard();
    clock.advance(60_000);
    present = issuer.denyList(3, { thief: 1 });
    const heard = new FakeDevice(core).join(issuer.enrolled({ name: 'late' }));
    expect(heard[1]).toEqual({ type: 'deny', list: present });
    expect(witness.heard().map(({ type }) => type)).not.toContain('deny');
  });

  it('and fails leaves the list as it was, and the operator is told', () => {
    core.deny(issuer.denyList(1, { thief: 1 }));
    present = 'nonsense';
    expect(enter({ name: 'thief' }).ending).toMatchObject({ code: closeCodes.revoked });
    expect(failures).toEqual([expect.any(CredentialError)]);
  });
});

it('the key of a list is looked for like that of a credential', () => {
  const next = new TestIssuer(clock);
  let keys = issuer.keySet;
  const lookAgain = () => {
    keys = next.keySet;
  };
  const source = { ...fixedKeys(keys), current: () => keys, lookAgain };
  core = new SignalingCore({}, { clock, trust: { keys: source, hosts: [] } });
  expect(core.deny(next.denyList(1, {}))).toBe(true);
});
