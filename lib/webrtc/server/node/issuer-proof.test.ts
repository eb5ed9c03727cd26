import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Bent, Device, IssuerLab, takeApart } from '../test-support/issuer-lab.ts';

const HOTEL = 'hotel-abc';

async function started() {
  const lab = await IssuerLab.start();
  return { lab, manager: await lab.manager(HOTEL) };
}

describe('a proof of possession', () => {
  it('is asked for by every request that is somebody’s [E1]', async () => {
    const { lab, manager } = await started();
    for (const path of [
      '/v1/enrolments',
      '/v1/enrolments/token',
      '/v1/renewals',
      '/v1/guests',
      '/v1/enrolments/approve',
    ]) {
      const reply = await lab.call(manager, 'POST', path, {}, { proof: null });
      expect(reply, path).toMatchObject({ status: 401, body: { code: 'invalid_dpop_proof' } });
      expect(reply.headers.get('www-authenticate')).toBe('DPoP algs="ES256", error="invalid_dpop_proof"');
    }
  });

  it('is good once [E2]', async () => {
    const { lab, manager } = await started();
    const proof = lab.proofOf(manager, 'GET', '/v1/devices', manager.credential);
    expect((await lab.call(manager, 'GET', '/v1/devices', undefined, { proof })).status).toBe(200);
    const replayed = await lab.call(manager, 'GET', '/v1/devices', undefined, { proof });
    expect(replayed.body).toMatchObject({ code: 'invalid_dpop_proof', detail: expect.stringContaining('used before') });
  });

  it('cannot come again when its jti is forgotten: its time is over first [E2]', async () => {
    const { lab, manager } = await started();
    const bent = { payload: { iat: lab.clock.nowMs() / 1000 + 60 } };
    const proof = lab.proofOf(manager, 'GET', '/v1/devices', manager.credential, bent);
    expect((await lab.call(manager, 'GET', '/v1/devices', undefined, { proof })).status).toBe(200);
    lab.clock.advance(120_000);
    expect((await lab.call(manager, 'GET', '/v1/devices', undefined, { proof })).body.detail).toContain('used before');
    lab.clock.advance(1);
    expect((await lab.call(manager, 'GET', '/v1/devices', undefined, { proof })).body.code).toBe('stale_dpop_proof');
  });

  const wrong: [string, (lab: IssuerLab, device: Device) => Bent][] = [
    ['for another path', (lab) => ({ payload: { htu: `${lab.url}/v1/enrolments` } })],
    ['for another server', () => ({ payload: { htu: 'http://evil.example/v1/devices' } })],
    ['for another method', () => ({ payload: { htm: 'POST' } })],
    ['for another credential', () => ({ payload: { ath: 'x'.repeat(43) } })],
    ['for no credential', () => ({ payload: { ath: undefined } })],
    ['without a jti', () => ({ payload: { jti: undefined } })],
    ['with alg none', () => ({ header: { alg: 'none' } })],
    ['with a shared secret', () => ({ header: { alg: 'HS256' } })],
    ['of another type', () => ({ header: { typ: 'JWT' } })],
    ['with a private key in it', (_, { jwk }) => ({ header: { jwk: { ...jwk, d: 'x'.repeat(43) } } })],
    ['signed by another key than it names', () => ({ header: { jwk: new Device().jwk } })],
    ['that names a key off the curve', () => ({ header: { jwk: { ...new Device().jwk, y: 'A'.repeat(43) } } })],
    ['with an extension that must be understood', () => ({ header: { crit: ['b64'] } })],
  ];
  it.each(wrong)('%s is refused [E1]', async (_, bend) => {
    const { lab, manager } = await started();
    const reply = await lab.call(manager, 'GET', '/v1/devices', undefined, bend(lab, manager));
    expect(reply).toMatchObject({ status: 401, body: { code: 'invalid_dpop_proof' } });
  });

  it.each(['', 'x', 'a.b.c', `${'x'.repeat(3000)}.x.x`, 'e30.e30.'])(
    'that is none (%#) is refused [E1]',
    async (proof) => {
      const { lab, manager } = await started();
      expect((await lab.call(manager, 'GET', '/v1/devices', undefined, { proof })).status).toBe(401);
    },
  );

  it('with its signature cut off is refused', async () => {
    const { lab, manager } = await started();
    const [header, payload] = lab.proofOf(manager, 'GET', '/v1/devices', manager.credential).split('.');
    expect((await lab.call(manager, 'GET', '/v1/devices', undefined, { proof: `${header}.${payload}.` })).status).toBe(
      401,
    );
  });

  it.each([-61, 61])('%d seconds off our clock is refused with the time by ours [E2]', async (offSeconds) => {
    const { lab, manager } = await started();
    const iat = Math.floor(lab.clock.nowMs() / 1000) + offSeconds;
    const reply = await lab.call(manager, 'GET', '/v1/devices', undefined, { payload: { iat } });
    expect(reply.body).toMatchObject({ code: 'stale_dpop_proof', serverTimeMs: lab.clock.nowMs() });
  });

  it('may name any of the issuer’s addresses, with a query', async () => {
    const { lab, manager } = await started();
    const bent = { payload: { htu: `${lab.url}/v1/devices?x=1` } };
    expect((await lab.call(manager, 'GET', '/v1/devices', undefined, bent)).status).toBe(200);
  });
});

describe('a credential', () => {
  it('of one device is of no use to another [E3]', async () => {
    const { lab, manager } = await started();
    const colleague = await lab.member(manager, HOTEL, { capabilities: ['manage-devices'] });
    for (const thief of [new Device(), colleague]) {
      const reply = await lab.call(thief, 'GET', '/v1/devices', undefined, { credential: manager.credential });
      expect(reply).toMatchObject({ status: 401, body: { code: 'invalid_credential' } });
    }
  });

  it('as a bearer token is not taken [E3]', async () => {
    const { lab, manager } = await started();
    const headers = { authorization: `Bearer ${manager.credential}` };
    expect((await lab.call(manager, 'GET', '/v1/devices', undefined, { headers })).body.code).toBe(
      'invalid_credential',
    );
  });

  it('that expired is refused', async () => {
    const { lab, manager } = await started();
    lab.clock.advance(24 * 3_600_000 + 61_000);
    expect((await lab.call(manager, 'GET', '/v1/devices')).body).toMatchObject({
      code: 'invalid_credential',
      detail: expect.stringContaining('expired'),
    });
  });

  it('with other claims, unsigned, or signed by a key of its bearer’s own is refused', async () => {
    const { lab, manager } = await started();
    const device = await lab.member(manager, HOTEL);
    const { header, payload, signature, encode } = takeApart(device.credential);
    const more = { ...payload, caps: ['manage-devices'] };
    const secret = createHmac('sha256', JSON.stringify(lab.issuer.publicKeys().keys[0]));
    const signed = `${encode({ ...header, alg: 'HS256' })}.${encode(more)}`;
    const forged = [
      `${encode(header)}.${encode(more)}.${signature}`,
      `${encode({ ...header, alg: 'none' })}.${encode(more)}.`,
      `${signed}.${secret.update(signed).digest('base64url')}`,
      device.proof(more, { ...header, jwk: device.jwk }),
    ];
    for (const credential of forged) {
      const reply = await lab.call(device, 'GET', '/v1/devices', undefined, { credential });
      expect(reply, credential).toMatchObject({ status: 401, body: { code: 'invalid_credential' } });
    }
  });

  it('is no deny list, and a deny list no credential', async () => {
    const { lab, manager } = await started();
    const credential = lab.issuer.denyList(HOTEL);
    expect((await lab.call(manager, 'GET', '/v1/devices', undefined, { credential })).body.code).toBe(
      'invalid_credential',
    );
  });

  it('does not outlive its capability: what counts is what the device is now [E4]', async () => {
    const { lab, manager } = await started();
    const colleague = await lab.member(manager, HOTEL, { capabilities: ['manage-devices'] });
    const earlier = colleague.credential;
    const { userCode, deviceCode } = (await lab.ask(colleague, HOTEL)).body;
    await lab.approve(manager, userCode, { capabilities: [] });
    await lab.poll(colleague, HOTEL, deviceCode);
    const withEarlier = await lab.call(colleague, 'GET', '/v1/devices', undefined, { credential: earlier });
    expect(withEarlier.body.code).toBe('invalid_credential');
    expect((await lab.call(colleague, 'GET', '/v1/devices')).body.code).toBe('not_allowed');
  });
});
