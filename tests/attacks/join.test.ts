import { ManualClock } from '@innmesh/kit';
import { type CredentialClaims, Entitlements, encodeSignaling } from '@innmesh/protocol';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { anywhere } from '../../lib/webrtc/server/remote.ts';
import { SignalingCore } from '../../lib/webrtc/server/signaling-core.ts';
import { joinMessage } from '../../lib/webrtc/server/test-support/device-keys.ts';
import { FakeDevice, joined, offerTo, type Seat } from '../../lib/webrtc/server/test-support/fake-device.ts';
import { TestIssuer } from '../../lib/webrtc/server/test-support/test-issuer.ts';
import { forgedTokens } from './support/forged-tokens.ts';
import { type Guard, without } from './support/guards.ts';

vi.mock('../../lib/protocol/limits.ts', async (importOriginal) =>
  (await import('./support/guards.ts')).weakLimits(await importOriginal()),
);
vi.mock('../../lib/protocol/trust/transcripts.ts', async (importOriginal) =>
  (await import('./support/guards.ts')).weakTranscripts(await importOriginal()),
);
vi.mock('../../lib/protocol/trust/credential.ts', async (importOriginal) =>
  (await import('./support/guards.ts')).weakCredentials(await importOriginal()),
);
vi.mock('../../lib/protocol/trust/jws.ts', async (importOriginal) =>
  (await import('./support/guards.ts')).weakTokens(await importOriginal()),
);
vi.mock('../../lib/webrtc/server/auth/credential-checker.ts', async (importOriginal) =>
  (await import('./support/guards.ts')).weakChecker(await importOriginal()),
);

let clock: ManualClock;
let issuer: TestIssuer;
let core: SignalingCore;

beforeEach(() => {
  clock = new ManualClock(Date.UTC(2026, 0, 10));
  issuer = new TestIssuer(clock);
  core = coreWith();
});

const coreWith = (more: Parameters<TestIssuer['trust']>[0] = {}) =>
  new SignalingCore({}, { clock, trust: issuer.trust(more) });

/** `in`, or why it is out. */
function outcomeOf(device: FakeDevice): string {
  if (device.slot >= 0) return 'in';
  const { ending } = device;
  return ending && ending !== 'terminated' ? `${ending.code} ${ending.reason.split(':')[0]}` : String(ending);
}

async function attempt(guard: Guard, attack: () => string) {
  return { weak: await without(guard, attack), whole: attack() };
}

describe('somebody who wants into the room of a hotel', () => {
  function joinWith(seat: Seat): string {
    const device = new FakeDevice(core);
    device.join({ type: 'staff', ...seat });
    return outcomeOf(device);
  }

  const bent: [string, Guard, Partial<CredentialClaims>, string][] = [
    ['of another hotel', 'tenant', { tenant: 'another-hotel' }, 'other-tenant'],
    ['whose time is over', 'times', { exp: Date.UTC(2026, 0, 9) / 1000 }, 'expired'],
    ['whose time has not begun', 'times', { iat: Date.UTC(2026, 0, 11) / 1000 }, 'not-yet-valid'],
  ];
  it.each(bent)('with a credential %s [J6]', async (_, guard, claims, problem) => {
    const attack = () => joinWith(issuer.enrolled({ name: 'thief' }, claims));
    expect(await attempt(guard, attack)).toEqual({ weak: 'in', whole: `4401 ${problem}` });
  });

  it.each(forgedTokens)('with a credential $what [J4] [J5]', async ({ guard, forge, problem }) => {
    const attack = () =>
      joinWith({ name: 'thief', credential: forge(issuer.key.jwk, issuer.claims({ name: 'thief' })) });
    expect(await attempt(guard, attack)).toEqual({ weak: 'in', whole: `4401 ${problem}` });
  });

  it('with a credential that was stolen without its key [J6]', async () => {
    const attack = () => joinWith({ name: 'thief', credential: issuer.credential({ name: 'honest' }) });
    expect(await attempt('device', attack)).toEqual({ weak: 'in', whole: '4401 other-device' });
  });

  it('with the role of a till, as a guest [J8]', async () => {
    const credential = issuer.credential({ name: 'thief', type: 'guest' }, { table: '5' });
    const attack = () => joinWith({ name: 'thief', type: 'pos', credential });
    expect(await attempt('role', attack)).toEqual({ weak: 'in', whole: '4401 other-role' });
  });

  it('with a device that the issuer has put out [D2] [J6]', async () => {
    core.deny(issuer.denyList(1, { thief: 1 }));
    const attack = () => joinWith(issuer.enrolled({ name: 'thief' }));
    expect(await attempt('deny list', attack)).toEqual({ weak: 'in', whole: '4403 revoked' });
  });

  it('with a join that it has recorded, on a socket of its own [J1] [J2]', async () => {
    const attack = () => {
      const seat = issuer.enrolled({ name: 'honest' });
      const recorded = encodeSignaling(joinMessage(new FakeDevice(core).challenge, seat));
      const thief = new FakeDevice(core);
      thief.sendRaw(recorded);
      return thief.heard().some(({ type }) => type === 'welcome') ? 'in' : outcomeOf(thief);
    };
    expect(await attempt('challenge', attack)).toEqual({ weak: 'in', whole: '4401 signature' });
  });

  it('with a join that a device made for another server, to which this one’s challenge was passed on [J3]', async () => {
    core = coreWith({ hosts: ['signaling.test'] });
    const attack = () => {
      // The thief says whatever name the device has dialled.
      const thief = new FakeDevice(core, { ...anywhere, host: 'free-wifi.example' });
      const seat = issuer.enrolled({ name: 'honest', host: 'free-wifi.example' });
      thief.sendRaw(encodeSignaling(joinMessage(thief.challenge, seat)));
      return thief.heard().some(({ type }) => type === 'welcome') ? 'in' : outcomeOf(thief);
    };
    expect(await attempt('host', attack)).toEqual({ weak: 'in', whole: '4401 signature' });
  });
});

describe('a guest', () => {
  const guest = (name: string) => joined(core, { ...issuer.enrolled({ name, type: 'guest' }, { table: '5' }) });

  it('lists who else is a guest, and signals to them by trying every slot [J13] [R6]', () => {
    const attack = () => {
      core = coreWith();
      const victim = guest('victim');
      const spy = new FakeDevice(core);
      const seat = issuer.enrolled({ name: 'spy', type: 'guest' }, { table: '7' });
      const welcome = spy.join(seat).find(({ type }) => type === 'welcome');
      for (let slot = 0; slot < 50; slot++) spy.say(offerTo(slot));
      const roster = welcome?.type === 'welcome' ? welcome.roster.length : -1;
      return { roster, told: victim.heard().map(({ type }) => type) };
    };
    const blind = vi.spyOn(Entitlements.prototype, 'mayLink').mockReturnValue(true);
    expect(attack()).toEqual({ roster: 1, told: ['joined', 'offer'] });
    blind.mockRestore();
    expect(attack()).toEqual({ roster: 0, told: [] });
  });
});

describe('a device of another hotel', () => {
  it('signals to the devices of this one by trying every slot [J13]', async () => {
    const attack = (tenantId: string) => {
      core = coreWith();
      const victim = joined(core, issuer.enrolled({ name: 'victim' }));
      const stranger = new FakeDevice(core);
      stranger.join({ ...issuer.enrolled({ name: 'stranger' }, { tenant: 'another-hotel' }), tenantId });
      for (let slot = 0; slot < 50 && stranger.slot >= 0; slot++) stranger.say(offerTo(slot));
      return [outcomeOf(stranger), victim.heard().filter(({ type }) => type === 'offer').length];
    };
    expect(await without('tenant', () => attack('hotel'))).toEqual(['in', 1]);
    expect(attack('hotel')).toEqual(['4401 other-tenant', 0]);
    expect(attack('another-hotel')).toEqual(['in', 0]);
  });
});

describe('a device that is let in', () => {
  it('sends frames larger than any device needs, to fill the server and the others [W2]', async () => {
    const attack = () => {
      core = coreWith();
      const victim = joined(core, issuer.enrolled({ name: 'victim' }));
      const attacker = joined(core, issuer.enrolled({ name: 'attacker' }));
      victim.heard();
      attacker.say(offerTo(victim.slot, 'x'.repeat(17 * 1024)));
      const { ending } = attacker;
      return [
        victim.heard().filter(({ type }) => type === 'offer').length,
        ending && ending !== 'terminated' ? ending.code : null,
      ];
    };
    expect(await without('frame size', attack)).toEqual([1, null]);
    expect(attack()).toEqual([0, 1009]);
  });
});
