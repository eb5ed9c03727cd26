import type { CredentialClaims, LinkSide, LinkTranscript, Role } from '@innmesh/protocol';
import { beforeEach, expect, it } from 'vitest';
import type { Authenticate } from '../trust/trust.ts';
import { LinkAuthentication } from './link-authentication.ts';

const [ownNonce, otherNonce] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)];
const [ownSdp, otherSdp] = ['a=fingerprint:sha-256 AA', 'a=fingerprint:sha-256 BB'];
const shown = {} as Authenticate;

let asked: [LinkTranscript, LinkSide][];

function authentication(role: Role = 'staff'): LinkAuthentication {
  const trust = {
    peerId: 'own',
    prove: async (...args: [LinkTranscript, LinkSide]) => {
      asked.push(args);
      return shown;
    },
    verify: async (_: Authenticate, ...args: [LinkTranscript, LinkSide]) => {
      asked.push(args);
      return { role: 'staff' } as CredentialClaims;
    },
    verifyRenewal: () => Promise.reject(new Error('none')),
    check: () => {},
  };
  return new LinkAuthentication({ trust, tenantId: 'hotel', peerId: 'other', role, nonce: ownNonce });
}

beforeEach(() => {
  asked = [];
});

it.each<[LinkSide, LinkSide]>([
  ['offerer', 'answerer'],
  ['answerer', 'offerer'],
])(
  'as %s it signs for its own side and verifies for the other, each certificate and nonce in its place [L4]',
  async (own, other) => {
    const subject = authentication();
    subject.agree(own, ownSdp, otherSdp, otherNonce);
    await subject.verify(shown);
    const [signed, verified] = asked;
    expect([signed?.[1], verified?.[1]]).toEqual([own, other]);
    expect(verified?.[0]).toEqual(signed?.[0]);
    expect(signed?.[0]).toEqual({
      tenantId: 'hotel',
      ...{ [`${own}Id`]: 'own', [`${own}Fingerprint`]: 'sha-256 AA', [`${own}Nonce`]: ownNonce },
      ...{ [`${other}Id`]: 'other', [`${other}Fingerprint`]: 'sha-256 BB', [`${other}Nonce`]: otherNonce },
    });
  },
);

it.each([
  ['v=0', otherSdp],
  [ownSdp, 'v=0'],
])('descriptions without a certificate’s fingerprint (%j, %j) are refused [L3]', (local, remote) => {
  expect(() => authentication().agree('offerer', local, remote, otherNonce)).toThrow('fingerprint');
});

it('the certificates are agreed upon once: nobody puts another one in their place [L25]', () => {
  const subject = authentication();
  subject.agree('offerer', ownSdp, otherSdp, otherNonce);
  expect(() => subject.agree('offerer', ownSdp, 'a=fingerprint:sha-256 CC', otherNonce)).toThrow('already');
  expect(() => subject.expectSame('a=fingerprint:sha-256 CC')).toThrow('another certificate');
  subject.expectSame(otherSdp);
});

it('a device whose issuer calls it otherwise than the server does is refused [L8]', async () => {
  const subject = authentication('hub');
  subject.agree('offerer', ownSdp, otherSdp, otherNonce);
  await expect(subject.verify(shown)).rejects.toMatchObject({ problem: 'other-role' });
});

it('a proof that comes before the descriptions is refused [L6]', async () => {
  await expect(authentication().verify(shown)).rejects.toMatchObject({ problem: 'signature' });
});

it.each<LinkSide>(['offerer', 'answerer'])(
  'as %s it takes a description that restarts the link where it names the same certificate, and no other [L25]',
  (side) => {
    const subject = authentication();
    expect(() => subject.expectSame(otherSdp)).toThrow('before the descriptions');
    subject.agree(side, ownSdp, otherSdp, otherNonce);
    expect(() => subject.expectSame(`v=0\r\n${otherSdp}\r\na=ice-ufrag:new`)).not.toThrow();
    expect(() => subject.expectSame('a=fingerprint:sha-256 CC')).toThrow('another certificate');
    expect(() => subject.expectSame(`${otherSdp}\r\na=fingerprint:sha-256 CC`)).toThrow('another certificate');
  },
);
