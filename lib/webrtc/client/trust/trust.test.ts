import { ManualClock, seededRandom } from '@innmesh/kit';
import {
  type CredentialClaims,
  type DeviceInfo,
  Entitlements,
  encodeJoinTranscript,
  encodeLinkTranscript,
  type LinkSide,
  type LinkTranscript,
  MalformedFrameError,
  type Role,
} from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { verifiesDevice } from '../../server/auth/signatures.ts';
import { DeviceKey, idOf, keyOf } from '../../server/test-support/device-keys.ts';
import { TestIssuer } from '../../server/test-support/test-issuer.ts';
import { loadCryptography } from '../identity/cryptography.ts';
import { type Authenticate, Trust, type TrustDeps } from './trust.ts';

let clock: ManualClock;
let issuer: TestIssuer;
let trust: Trust;

const deviceInfo = (type: Role): DeviceInfo => ({ type, name: 'n', capabilities: [] });

function trustOf(name: string, more: Partial<TrustDeps> = {}): Trust {
  const { peerId, publicKey, sign } = identityOf(name);
  const deps: TrustDeps = {
    tenantId: 'hotel',
    deviceInfo: deviceInfo('staff'),
    credential: issuer.credential({ name }),
    issuerKeys: issuer.keySet,
    entitlements: new Entitlements(),
    identity: async () => ({ peerId, publicKey, sign }),
    loadCryptography,
    device: { recall: async () => undefined, remember: async () => {} },
    fetchJson: () => Promise.reject(new Error('There is no network.')),
    clock,
    random: seededRandom(1),
    log: () => {},
    ...more,
  };
  return new Trust(deps, () => {});
}

const identityOf = (name: string) => {
  const key = keyOf(name);
  return { peerId: key.peerId, publicKey: key.publicKey, sign: async (bytes: Uint8Array) => key.sign(bytes) };
};

beforeEach(() => {
  clock = new ManualClock(Date.UTC(2026, 0, 10));
  issuer = new TestIssuer(clock);
  trust = trustOf('b');
});

/** Of a link that `a` offered to `b`. */
const transcript = (more: Partial<LinkTranscript> = {}): LinkTranscript => ({
  tenantId: 'hotel',
  offererId: idOf('a'),
  answererId: idOf('b'),
  offererFingerprint: 'sha-256 AA',
  answererFingerprint: 'sha-256 BB',
  offererNonce: new Uint8Array(16).fill(1),
  answererNonce: new Uint8Array(16).fill(2),
  ...more,
});

/** What `a` shows; by default what a device in order would. */
function proofOf(more: Partial<Authenticate> = {}, signed = transcript(), side: LinkSide = 'offerer'): Authenticate {
  const signature = keyOf('a').sign(encodeLinkTranscript(signed, side));
  const { publicKey } = keyOf('a');
  return {
    type: 'authenticate',
    version: 2,
    credential: issuer.credential({ name: 'a' }),
    publicKey,
    signature,
    ...more,
  };
}

const problemOf = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error) => error.problem ?? error.code,
  );
const verified = (proof: Authenticate) => problemOf(trust.verify(proof, transcript(), 'offerer'));

describe('the other side of a link is believed', () => {
  it('with its key, its signature and its credential; its role is the credential’s [L8] [R1]', async () => {
    const claims = await trust.verify(proofOf(), transcript(), 'offerer');
    expect(claims).toMatchObject({ sub: idOf('a'), role: 'staff' });
  });

  it('and what it shows is what this side shows [L4] [L5]', async () => {
    const other = trustOf('a');
    await other.prepare();
    const proof = await other.prove(transcript(), 'offerer');
    expect(await verified(proof)).toBeNull();
  });

  it('not with another key than that of the device the link is for [K2] [L8]', async () => {
    const thief = new DeviceKey();
    const signature = thief.sign(encodeLinkTranscript(transcript(), 'offerer'));
    expect(await verified(proofOf({ publicKey: thief.publicKey, signature }))).toBe('other-device');
    expect(await verified(proofOf({ signature }))).toBe('signature');
  });

  const elsewhere: [what: string, signed: Partial<LinkTranscript>][] = [
    ['of another connection of theirs', { offererNonce: new Uint8Array(16).fill(9) }],
    ['of one in which this side’s nonce was another', { answererNonce: new Uint8Array(16).fill(9) }],
    ['of one with a man in the middle’s certificate at this side', { answererFingerprint: 'sha-256 CC' }],
    ['of one with a man in the middle’s certificate at theirs', { offererFingerprint: 'sha-256 CC' }],
    ['for a third device', { answererId: idOf('c') }],
    ['for another tenant', { tenantId: 'other' }],
  ];
  it.each(elsewhere)('not with a signature %s [L4]', async (_, signed) => {
    expect(await verified(proofOf({}, transcript(signed)))).toBe('signature');
  });

  it('not with this side’s own signature sent back, nor with one for the other side [L4]', async () => {
    expect(await verified(proofOf({}, transcript(), 'answerer'))).toBe('signature');
    const own = await trust.prove(transcript(), 'answerer');
    expect(await verified({ ...proofOf(), signature: own.signature })).toBe('signature');
  });

  const bent: [what: string, problem: string, claims: Partial<CredentialClaims>][] = [
    ['another tenant', 'other-tenant', { tenant: 'other' }],
    ['another device', 'other-device', { sub: idOf('c'), cnf: { jkt: idOf('c') } }],
    ['a time that is over', 'expired', { exp: Date.UTC(2026, 0, 10) / 1000 - 61 }],
    ['a time that has not begun', 'not-yet-valid', { iat: Date.UTC(2026, 0, 10) / 1000 + 61 }],
    ['two devices', 'malformed', { cnf: { jkt: idOf('c') } }],
  ];
  it.each(bent)('not with a credential for %s [J6] [L8]', async (_, problem, claims) => {
    expect(await verified(proofOf({ credential: issuer.credential({ name: 'a' }, claims) }))).toBe(problem);
  });

  it('not with a credential by another issuer, nor without one [J5] [L8]', async () => {
    expect(await verified(proofOf({ credential: new TestIssuer(clock).credential({ name: 'a' }) }))).toBe(
      'unknown-key',
    );
    expect(await verified(proofOf({ credential: '' }))).toBe('malformed');
    expect(await verified(proofOf({ credential: issuer.denyList(1, {}) }))).toBe('malformed');
  });

  it('not where the two have nothing to say to each other [R6] [L8]', async () => {
    trust = trustOf('b', {
      deviceInfo: deviceInfo('guest'),
      credential: issuer.credential({ name: 'b', type: 'guest' }),
    });
    await trust.prepare();
    const credential = issuer.credential({ name: 'a', type: 'guest' });
    expect(await verified(proofOf({ credential }))).toBe('NOT_ENTITLED');
  });
});

describe('a credential that was verified', () => {
  it('is over when its time is, also where its signature is remembered [L13] [L14]', async () => {
    const proof = proofOf();
    const claims = await trust.verify(proof, transcript(), 'offerer');
    clock.advance(3_600_000 + 60_000);
    expect(() => trust.check(claims)).not.toThrow();
    clock.advance(1_000);
    expect(() => trust.check(claims)).toThrow('expired');
    expect(await verified(proof)).toBe('expired');
  });

  it('is over when the issuer puts the device out, also where its signature is remembered [D2] [L14]', async () => {
    const proof = proofOf();
    const claims = await trust.verify(proof, transcript(), 'offerer');
    expect(await trust.takeDenyList(issuer.denyList(1, { a: 1 }))).toBe(true);
    expect(() => trust.check(claims)).toThrow('revoked');
    expect(await verified(proof)).toBe('revoked');
  });

  it('is renewed by one for the same device in the same role at the same table, and no other [L12]', async () => {
    const before = await trust.verify(proofOf(), transcript(), 'offerer');
    const renewal = (claims: Partial<CredentialClaims>) =>
      problemOf(trust.verifyRenewal(issuer.credential({ name: 'a' }, claims), before));
    expect(await problemOf(trust.verifyRenewal(issuer.credential({ name: 'a' }), before))).toBeNull();
    expect(await renewal({ role: 'hub' })).toBe('other-role');
    expect(await renewal({ table: '5' })).toBe('other-role');
    expect(await problemOf(trust.verifyRenewal(issuer.credential({ name: 'c' }), before))).toBe('other-device');
  });
});

describe('a deny list', () => {
  it('counts by its number: an older one changes nothing [D3]', async () => {
    expect(await trust.takeDenyList(issuer.denyList(5, { a: 1 }))).toBe(true);
    expect(await trust.takeDenyList(issuer.denyList(4, {}))).toBe(false);
    expect(await trust.takeDenyList(issuer.denyList(5, {}))).toBe(false);
    expect(await verified(proofOf())).toBe('revoked');
    expect(await trust.takeDenyList(issuer.denyList(6, {}))).toBe(true);
    expect(await verified(proofOf())).toBeNull();
  });

  it('of another tenant, forged, or another token of the issuer’s is none [D1] [D3]', async () => {
    expect(await trust.takeDenyList(issuer.denyList(1, { a: 1 }, 'other'))).toBe(false);
    const [header, , signature] = issuer.denyList(1, {}).split('.');
    const denied = issuer.denyList(2, { a: 1 }).split('.')[1];
    expect(await problemOf(trust.takeDenyList(`${header}.${denied}.${signature}`))).toBe('signature');
    expect(await problemOf(trust.takeDenyList(issuer.credential()))).toBe('malformed');
    expect(await verified(proofOf())).toBeNull();
  });
});

describe('the answer to a challenge', () => {
  const nonce = new Uint8Array(16).fill(5);

  it.each([
    ['no keys', 'not JSON'],
    ['keys of another kind', '{"keys":[]}'],
  ])('with %s is no development server', (_, keys) => {
    const developing = trustOf('b', { credential: undefined, issuerKeys: undefined });
    expect(() => developing.takeDevelopment(issuer.credential({ name: 'b' }), keys)).toThrow(MalformedFrameError);
    expect(() => developing.takeDevelopment('nonsense', JSON.stringify(issuer.keySet))).toThrow(MalformedFrameError);
  });

  it('is signed for the host that was dialled and for the tenant [J2] [J3]', async () => {
    const join = await trust.join({ type: 'challenge', nonce, development: false }, 'signaling.test:8080');
    const signed = encodeJoinTranscript({ host: 'signaling.test:8080', challenge: nonce, tenantId: 'hotel' });
    expect(verifiesDevice(join.publicKey, join.signature, signed)).toBe(true);
  });

  it.each<[string, Partial<TrustDeps>]>([
    ['a credential', {}],
    ['issuer keys alone', { credential: undefined }],
  ])('asks for no development credential, and takes none, where the application gave %s [J10]', async (_, more) => {
    trust = trustOf('b', more);
    await trust.prepare();
    const before = await trust.join({ type: 'challenge', nonce, development: true }, 'h');
    const stranger = new TestIssuer(clock);
    trust.takeDevelopment(stranger.credential({ name: 'b' }), JSON.stringify(stranger.keySet));
    const after = await trust.join({ type: 'challenge', nonce, development: true }, 'h');
    expect(after.credential).toBe(before.credential);
    expect(before.credential === '').toBe('credential' in more);
    expect(await verified(proofOf({ credential: stranger.credential({ name: 'a' }) }))).toBe('unknown-key');
  });
});
