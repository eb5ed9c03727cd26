import { ManualClock } from '@innmesh/kit';
import { CREDENTIAL_TYPE, type CredentialClaims, closeCodes, encodeSignaling } from '@innmesh/protocol';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { anywhere, type Remote } from '../remote.ts';
import { SignalingCore } from '../signaling-core.ts';
import { DeviceKey, HOST, idOf, joinMessage, type Seat } from '../test-support/device-keys.ts';
import { FakeDevice, joined } from '../test-support/fake-device.ts';
import { TestIssuer } from '../test-support/test-issuer.ts';
import type { Trust } from './assemble-auth.ts';
import { fixedKeys } from './issuer-key-source.ts';
import { sharedSecretKey, signJws } from './signatures.ts';

let clock: ManualClock;
let issuer: TestIssuer;
let core: SignalingCore;

const coreThatTrusts = (more: Partial<Trust> = {}) =>
  new SignalingCore({ heartbeatMs: 1_800_000 }, { clock, trust: issuer.trust(more) });

beforeEach(() => {
  clock = new ManualClock(Date.UTC(2026, 0, 10));
  issuer = new TestIssuer(clock);
  core = coreThatTrusts();
});

/** How the server ends it, if it does. */
function endOf(seat: Seat, device = new FakeDevice(core)) {
  device.join(seat);
  return device.ending;
}

const refused = (problem: string, code: number = closeCodes.unauthorized) => ({
  code,
  reason: expect.stringMatching(new RegExp(`^${problem}: .`)),
});

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');

describe('a device with its credential', () => {
  it('is welcomed, and given none', () => {
    const heard = new FakeDevice(core).join(issuer.enrolled({ name: 'a' }));
    expect(heard).toMatchObject([{ type: 'welcome', roster: [], credential: '', issuerKeys: '' }]);
  });

  it('has the name that it says, and of its capabilities those that it was granted [J8]', () => {
    const watcher = joined(core, issuer.enrolled({ name: 'watcher' }));
    const claimed = { name: 'a', capabilities: ['printing', 'manage-devices', '*'] };
    joined(core, issuer.enrolled(claimed));
    const device = { type: 'staff', name: 'a', capabilities: ['printing'] };
    expect(watcher.heard()).toEqual([{ type: 'joined', peer: { slot: 1, peerId: idOf('a'), device } }]);
  });

  it('has any capability where it was granted *', () => {
    const watcher = joined(core, issuer.enrolled({ name: 'watcher' }));
    joined(core, issuer.enrolled({ name: 'a', capabilities: ['anything'] }, { caps: ['*'] }));
    expect(watcher.heard()).toMatchObject([{ peer: { device: { capabilities: ['anything'] } } }]);
  });

  it('may differ from the server by a minute [J6]', () => {
    const nowS = clock.nowMs() / 1000;
    expect(endOf(issuer.enrolled({ name: 'a' }, { iat: nowS + 60 }))).toBeNull();
    expect(endOf(issuer.enrolled({ name: 'b' }, { exp: nowS - 60 }))).toBeNull();
  });
});

describe("a device's proof is refused", () => {
  it('when its join is sent again on another socket [J1]', () => {
    const device = new FakeDevice(core);
    const frame = encodeSignaling(joinMessage(device.challenge, issuer.enrolled()));
    device.sendRaw(frame);
    expect(device.ending).toBeNull();
    const replaying = new FakeDevice(core);
    replaying.sendRaw(frame);
    expect([replaying.ending, device.ending]).toEqual([refused('signature'), null]);
  });

  it('when it was made for another server, which passes the challenge on [J3]', () => {
    expect(endOf(issuer.enrolled({ host: 'signaling.evil' }))).toEqual({
      code: 4401,
      reason: 'signature: not signed for "signaling.test". Behind a proxy set auth.hosts.',
    });
  });

  it('when it was made for another tenant [J2]', () => {
    const device = new FakeDevice(core);
    const there = joinMessage(device.challenge, { tenantId: 'there' });
    const here = issuer.credential();
    device.say({ ...there, tenantId: 'hotel', credential: here });
    expect(device.ending).toEqual(refused('signature'));
  });

  it("when it was made with another key, with a stolen credential's device presented [J2]", () => {
    expect(endOf(issuer.enrolled({ signer: new DeviceKey() }))).toEqual(refused('signature'));
  });

  it('when the key is no point of the curve [K3]', () => {
    const device = new FakeDevice(core);
    device.say({ ...joinMessage(device.challenge, issuer.enrolled()), publicKey: new Uint8Array(65).fill(4) });
    expect(device.ending).toEqual(refused('signature'));
  });

  it('when the key is spelled in another way than uncompressed, which would be a second key of one id [K1]', () => {
    const device = new FakeDevice(core);
    const join = joinMessage(device.challenge, issuer.enrolled());
    const hybrid = 6 + ((join.publicKey.at(-1) ?? 0) % 2);
    device.say({ ...join, publicKey: Uint8Array.of(hybrid, ...join.publicKey.subarray(1)) });
    expect(device.ending).toEqual(refused('signature'));
  });

  it('in development mode as well', () => {
    core = new SignalingCore({}, { clock });
    expect(endOf({ signer: new DeviceKey() })).toEqual(refused('signature'));
  });
});

describe('behind a proxy that changes the Host header', () => {
  it('a proof counts for the names that the operator gave, and for no other [J3]', () => {
    core = coreThatTrusts({ hosts: ['a.example', 'b.example:8443'] });
    expect(endOf(issuer.enrolled({ host: 'b.example:8443' }))).toBeNull();
    expect(endOf(issuer.enrolled({ host: HOST }))).toEqual(refused('signature'));
  });
});

describe('a credential is refused', () => {
  const nowS = Date.UTC(2026, 0, 10) / 1000;
  const bent: [what: string, problem: string, claims: Partial<CredentialClaims>][] = [
    ['of another tenant', 'other-tenant', { tenant: 'other' }],
    ['that has expired', 'expired', { exp: nowS - 61 }],
    ['whose time has not begun', 'not-yet-valid', { iat: nowS + 61 }],
    ['for another role', 'other-role', { role: 'guest' }],
    ['of no role', 'malformed', { role: 'admin' as 'staff' }],
  ];
  it.each(bent)('%s [J6]', (_, problem, claims) => {
    expect(endOf(issuer.enrolled({}, claims))).toEqual(refused(problem));
    expect(core.stats().devices).toBe(0);
  });

  it('of another device [J6] [K2]', () => {
    expect(endOf({ name: 'thief', credential: issuer.credential({ name: 'owner' }) })).toEqual(refused('other-device'));
  });

  it('whose role the device claims to be another [J8] [R1]', () => {
    const credential = issuer.credential({ type: 'guest' });
    expect(endOf({ type: 'hub', credential })).toEqual(refused('other-role'));
  });

  it('that is missing [J7]', () => expect(endOf({})).toEqual(refused('missing')));

  it('without a signature (alg none) [J4]', () => {
    const claims = encode(issuer.claims());
    for (const alg of ['none', 'None', 'NONE']) {
      const credential = `${encode({ alg, typ: CREDENTIAL_TYPE, kid: issuer.key.jwk.kid })}.${claims}.`;
      expect(endOf({ credential })).toEqual(refused('algorithm'));
    }
  });

  it("signed with the issuer's public key as a secret (HS256) [J5]", () => {
    const { kid } = issuer.key.jwk;
    for (const secret of [JSON.stringify(issuer.key.jwk), JSON.stringify(issuer.keySet)]) {
      const forged = signJws(CREDENTIAL_TYPE, sharedSecretKey(Buffer.from(secret), kid), issuer.claims());
      expect(endOf({ credential: forged })).toEqual(refused('algorithm'));
    }
  });

  it('signed by a key that is not known, also where the token brings it along [J4] [J5]', () => {
    const stranger = new TestIssuer(clock);
    expect(endOf({ credential: stranger.credential() })).toEqual(refused('unknown-key'));
    const header = { alg: 'ES256', typ: CREDENTIAL_TYPE, kid: stranger.key.jwk.kid, jwk: stranger.key.jwk };
    const signed = `${encode(header)}.${encode(issuer.claims())}`;
    const signature = Buffer.from(stranger.key.sign(Buffer.from(signed))).toString('base64url');
    expect(endOf({ credential: `${signed}.${signature}` })).toEqual(refused('unknown-key'));
  });

  it("signed by another under the name of the issuer's key", () => {
    const { key } = new TestIssuer(clock);
    const imposter = { ...key, jwk: { ...key.jwk, kid: issuer.key.jwk.kid } };
    expect(endOf({ credential: signJws(CREDENTIAL_TYPE, imposter, issuer.claims()) })).toEqual(refused('signature'));
  });

  it('that was changed after it was signed', () => {
    const [header, , signature] = issuer.credential().split('.');
    const claims = encode({ ...issuer.claims(), caps: ['manage-devices'] });
    expect(endOf({ credential: `${header}.${claims}.${signature}` })).toEqual(refused('signature'));
  });

  it('that is another kind of token of the same issuer [J4]', () => {
    expect(endOf({ credential: issuer.denyList(1, {}) })).toEqual(refused('malformed'));
    expect(endOf({ credential: signJws('JWT', issuer.key, issuer.claims()) })).toEqual(refused('malformed'));
  });

  it('of a device that was revoked, with 4403, so that it does not come back [D2] [J7]', () => {
    core.deny(issuer.denyList(1, { peer: 3 }));
    expect(endOf(issuer.enrolled({}, { gen: 2 }))).toEqual(refused('revoked', closeCodes.revoked));
    expect(endOf(issuer.enrolled({}, { gen: 3 }))).toBeNull();
  });
});

describe('a refused join', () => {
  it('counts as a failed one of the address, and costs the device and the tenant nothing [J7]', () => {
    const joinFailed = vi.fn();
    const remote: Remote = { ...anywhere, host: HOST, joinFailed };
    core.deny(issuer.denyList(1, { revoked: 1 }));
    endOf({}, new FakeDevice(core, remote));
    endOf(issuer.enrolled({ name: 'revoked' }), new FakeDevice(core, remote));
    expect([joinFailed.mock.calls.length, core.stats()]).toEqual([2, { rooms: 0, devices: 0, sockets: 0 }]);
  });

  it('is not even verified where the address had too many [J7]', () => {
    const current = vi.fn(() => issuer.keySet);
    core = coreThatTrusts({ keys: { ...fixedKeys(issuer.keySet), current } });
    const remote: Remote = { ...anywhere, host: HOST, key: 'address', mayTryJoin: () => false };
    expect(endOf(issuer.enrolled(), new FakeDevice(core, remote))).toMatchObject({ code: closeCodes.flooding });
    expect(current).not.toHaveBeenCalled();
  });
});

describe('in development mode', () => {
  beforeEach(() => {
    core = new SignalingCore({}, { clock });
  });

  const welcomeOf = (seat: Seat) => {
    const welcome = new FakeDevice(core).join(seat)[0];
    if (welcome?.type !== 'welcome') throw new Error('There was no welcome.');
    return welcome;
  };

  it('whoever asks is given the credential that it asks for, and the keys to check others with [J10]', () => {
    const { credential, issuerKeys } = welcomeOf({ name: 'a', type: 'guest', capabilities: ['orders'] });
    const payload = JSON.parse(Buffer.from(credential.split('.')[1] ?? '', 'base64url').toString());
    const nowS = clock.nowMs() / 1000;
    const claims = { iss: 'innmesh:development', tenant: 'hotel', role: 'guest', caps: ['orders'], table: '*', gen: 0 };
    expect(payload).toEqual({
      ...claims,
      sub: idOf('a'),
      cnf: { jkt: idOf('a') },
      iat: nowS,
      exp: nowS + 12 * 60 * 60,
    });
    const elsewhere = new SignalingCore({}, { clock, trust: { keys: fixedKeys(JSON.parse(issuerKeys)), hosts: [] } });
    expect(endOf({ name: 'a', type: 'guest', credential }, new FakeDevice(elsewhere))).toBeNull();
  });

  it('may come back with it, and gets the keys again', () => {
    const { credential, issuerKeys } = welcomeOf({ name: 'a' });
    expect(welcomeOf({ name: 'a', credential })).toMatchObject({ credential: '', issuerKeys });
    expect(endOf({ name: 'thief', credential })).toEqual(refused('other-device'));
  });

  it('is told that a restarted server does not know it, and asks for another', () => {
    const { credential } = welcomeOf({ name: 'a' });
    core = new SignalingCore({}, { clock });
    expect(endOf({ name: 'a', credential })).toEqual(refused('unknown-key'));
    expect(endOf({ name: 'a' })).toBeNull();
  });

  it('is said in the challenge [J10]', () => {
    expect(new FakeDevice(core).development).toBe(true);
    expect(new FakeDevice(coreThatTrusts()).development).toBe(false);
  });
});

it('every socket is challenged with a nonce of its own [J1]', () => {
  const nonces = Array.from({ length: 50 }, () => Buffer.from(new FakeDevice(core).challenge).toString('hex'));
  expect(new Set(nonces).size).toBe(50);
});
