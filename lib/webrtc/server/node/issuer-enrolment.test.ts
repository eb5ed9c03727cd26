import { describe, expect, it } from 'vitest';
import { Device, IssuerLab } from '../test-support/issuer-lab.ts';

const HOTEL = 'hotel-abc';
const MINUTE_MS = 60_000;

describe('a device that asks to be let in', () => {
  it('shows a code, is approved by a manager, and gets the credential that the manager chose [E5]', async () => {
    const lab = await IssuerLab.start();
    const manager = await lab.manager(HOTEL);
    const device = new Device();
    const asked = await lab.ask(device, HOTEL);
    expect(asked).toMatchObject({ status: 200, body: { expiresInSeconds: 900, intervalSeconds: 3 } });
    expect(asked.body.userCode).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    expect(asked.body.verificationUriComplete).toBe(
      `${lab.url}/enrolment/manage/#tenant=${HOTEL}&code=${asked.body.userCode}`,
    );
    const pending = await lab.call(manager, 'GET', '/v1/enrolments');
    expect(pending.body.pending).toMatchObject([{ peerId: device.peerId, asked: { name: 'Front desk' } }]);
    expect(JSON.stringify(pending.body)).not.toContain(asked.body.userCode);

    expect((await lab.poll(device, HOTEL, asked.body.deviceCode)).body.code).toBe('authorization_pending');
    const typed = asked.body.userCode.toLowerCase().replace('-', ' ');
    expect((await lab.call(manager, 'POST', '/v1/enrolments/lookup', { userCode: typed })).body).toMatchObject({
      peerId: device.peerId,
    });
    const grant = { role: 'kitchen-display', name: 'Kitchen 1', capabilities: ['orders'] };
    expect((await lab.approve(manager, typed, grant)).status).toBe(200);
    lab.clock.advance(3_000);
    expect((await lab.poll(device, HOTEL, asked.body.deviceCode)).status).toBe(200);
    expect(lab.claims(device.credential)).toEqual({
      iss: lab.url,
      sub: device.peerId,
      cnf: { jkt: device.peerId },
      tenant: HOTEL,
      role: 'kitchen-display',
      caps: ['orders'],
      gen: 1,
      iat: Math.floor(lab.clock.nowMs() / 1000),
      exp: Math.floor(lab.clock.nowMs() / 1000) + 24 * 3600,
    });
    expect((await lab.call(manager, 'GET', '/v1/enrolments')).body.pending).toEqual([]);
  });

  it('gets the same renewal token again where the answer was lost, until that is used', async () => {
    const lab = await IssuerLab.start();
    const manager = await lab.manager(HOTEL);
    const device = new Device();
    const { deviceCode, userCode } = (await lab.ask(device, HOTEL)).body;
    await lab.approve(manager, userCode);
    const first = await lab.poll(device, HOTEL, deviceCode);
    const second = await lab.poll(device, HOTEL, deviceCode);
    expect(second.body.renewalToken).toBe(first.body.renewalToken);
    await lab.renew(device, HOTEL);
    expect((await lab.poll(device, HOTEL, deviceCode)).body.code).toBe('expired_token');
  });

  it('is told when it is turned down', async () => {
    const lab = await IssuerLab.start();
    const manager = await lab.manager(HOTEL);
    const device = new Device();
    const { deviceCode } = (await lab.ask(device, HOTEL)).body;
    await lab.call(manager, 'POST', '/v1/enrolments/deny', { peerId: device.peerId });
    expect((await lab.poll(device, HOTEL, deviceCode)).body.code).toBe('access_denied');
  });

  it('is told to slow down, and by how much, when it asks too often', async () => {
    const lab = await IssuerLab.start();
    await lab.manager(HOTEL);
    const device = new Device();
    const { deviceCode } = (await lab.ask(device, HOTEL)).body;
    await lab.poll(device, HOTEL, deviceCode);
    lab.clock.advance(1_000);
    const tooSoon = await lab.poll(device, HOTEL, deviceCode);
    expect(tooSoon.body).toMatchObject({ code: 'slow_down', retryAfterSeconds: 8 });
    lab.clock.advance(8_000);
    expect((await lab.poll(device, HOTEL, deviceCode)).body.code).toBe('authorization_pending');
  });

  it('has to ask anew after a quarter of an hour; its code is nobody’s then [E5]', async () => {
    const lab = await IssuerLab.start();
    const manager = await lab.manager(HOTEL);
    const device = new Device();
    const { deviceCode, userCode } = (await lab.ask(device, HOTEL)).body;
    lab.clock.advance(15 * MINUTE_MS);
    expect((await lab.approve(manager, userCode)).body.code).toBe('unknown_user_code');
    expect((await lab.poll(device, HOTEL, deviceCode)).body.code).toBe('expired_token');
  });

  it('waits once, however often it asks, and only so many wait [E6]', async () => {
    const lab = await IssuerLab.start({ limits: { pendingPerTenant: 2 } });
    const manager = await lab.manager(HOTEL);
    const device = new Device();
    const first = await lab.ask(device, HOTEL);
    await lab.ask(device, HOTEL);
    expect((await lab.approve(manager, first.body.userCode)).body.code).toBe('unknown_user_code');
    await lab.ask(new Device(), HOTEL);
    expect((await lab.ask(new Device(), HOTEL)).body.code).toBe('too_many_pending');
    expect((await lab.ask(device, HOTEL)).status).toBe(200);
  });

  it('leaves places to other addresses', async () => {
    const lab = await IssuerLab.start({ limits: { pendingPerAddress: 1 }, trustProxy: true });
    await lab.manager(HOTEL);
    const body = { tenantId: HOTEL, device: { type: 'staff', name: 'x', capabilities: [] } };
    const ask = (address: string) =>
      lab.call(new Device(), 'POST', '/v1/enrolments', body, { headers: { 'x-forwarded-for': address } });
    expect((await ask('10.0.0.1')).status).toBe(200);
    expect((await ask('10.0.0.1')).body.code).toBe('too_many_pending');
    expect((await ask('10.0.0.2')).status).toBe(200);
  });

  it('of a property that is not set up is told so', async () => {
    const lab = await IssuerLab.start();
    expect((await lab.ask(new Device(), 'nowhere')).body.code).toBe('unknown_tenant');
  });
});

describe('another device', () => {
  it('gets nothing with a device code that is not its own [E5]', async () => {
    const lab = await IssuerLab.start();
    const manager = await lab.manager(HOTEL);
    const { deviceCode, userCode } = (await lab.ask(new Device(), HOTEL)).body;
    await lab.approve(manager, userCode);
    const thief = new Device();
    expect((await lab.poll(thief, HOTEL, deviceCode)).body.code).toBe('expired_token');
    expect(thief.credential).toBe('');
  });
});

describe('guessing a code', () => {
  it('is closed to an address after 10 wrong ones [E6]', async () => {
    const lab = await IssuerLab.start();
    const manager = await lab.manager(HOTEL);
    const device = new Device();
    const { userCode } = (await lab.ask(device, HOTEL)).body;
    for (let index = 0; index < 10; index++) {
      expect((await lab.approve(manager, `BBBB-BBB${'BCDFGHJKLM'[index]}`)).body.code).toBe('unknown_user_code');
    }
    const closed = await lab.approve(manager, userCode);
    expect(closed.body).toMatchObject({ code: 'too_many_requests', retryAfterSeconds: 900 });
    expect(closed.headers.get('retry-after')).toBe('900');
    lab.clock.advance(15 * MINUTE_MS);
    const again = (await lab.ask(device, HOTEL)).body;
    expect((await lab.approve(manager, again.userCode)).status).toBe(200);
  });

  it('is closed to a property after 100, from however many addresses, and to no other [E6]', async () => {
    const lab = await IssuerLab.start({ trustProxy: true });
    const manager = await lab.manager(HOTEL);
    const other = await lab.manager('hotel-other');
    const wrong = (by: Device, index: number) =>
      lab.call(
        by,
        'POST',
        '/v1/enrolments/lookup',
        { userCode: 'BBBBBBBB' },
        {
          headers: { 'x-forwarded-for': `10.0.0.${index}` },
        },
      );
    for (let index = 0; index < 100; index++) await wrong(manager, index);
    expect((await wrong(manager, 200)).body.code).toBe('too_many_requests');
    expect((await wrong(other, 200)).body.code).toBe('unknown_user_code');
  });

  it('of another property’s device finds nothing', async () => {
    const lab = await IssuerLab.start();
    await lab.manager(HOTEL);
    const stranger = await lab.manager('hotel-other');
    const { userCode } = (await lab.ask(new Device(), HOTEL)).body;
    expect((await lab.approve(stranger, userCode)).body.code).toBe('unknown_user_code');
  });
});

describe('a setup code', () => {
  it('makes the first manager of the property that the device names [E7]', async () => {
    const lab = await IssuerLab.start();
    const code = lab.issuer.firstSetupCode() ?? '';
    expect(code).toMatch(/^([B-Z]{4}-){3}[B-Z]{4}$/);
    const device = new Device();
    const asked = await lab.ask(device, HOTEL, { setupCode: code.toLowerCase() }, 'pos');
    await lab.poll(device, HOTEL, asked.body.deviceCode);
    expect(lab.claims(device.credential)).toMatchObject({ role: 'pos', caps: ['orders', 'manage-devices'] });
    expect(lab.issuer.firstSetupCode()).toBeNull();
    expect(lab.issuer.tenants()).toEqual([HOTEL]);
  });

  it('is good once [E7]', async () => {
    const lab = await IssuerLab.start();
    const code = lab.issuer.createSetupCode();
    await lab.ask(new Device(), HOTEL, { setupCode: code });
    expect((await lab.ask(new Device(), 'hotel-two', { setupCode: code })).body.code).toBe('invalid_setup_code');
  });

  it('is good for a day [E7]', async () => {
    const lab = await IssuerLab.start();
    const code = lab.issuer.createSetupCode();
    lab.clock.advance(24 * 60 * MINUTE_MS);
    expect((await lab.ask(new Device(), HOTEL, { setupCode: code })).body.code).toBe('invalid_setup_code');
  });

  it('that was printed at an earlier start is void once a new one is', async () => {
    const lab = await IssuerLab.start();
    const earlier = lab.issuer.firstSetupCode();
    lab.issuer.firstSetupCode();
    expect((await lab.ask(new Device(), HOTEL, { setupCode: earlier })).body.code).toBe('invalid_setup_code');
  });

  it('takes over no property that is set up, unless it was printed for that one [E7]', async () => {
    const lab = await IssuerLab.start();
    await lab.manager(HOTEL);
    const setupCode = lab.issuer.createSetupCode();
    expect((await lab.ask(new Device(), HOTEL, { setupCode })).body.code).toBe('tenant_exists');
    expect((await lab.ask(new Device(), 'hotel-two', { setupCode })).status).toBe(200);
    const bound = lab.issuer.createSetupCode(HOTEL);
    expect((await lab.ask(new Device(), 'hotel-three', { setupCode: bound })).body.code).toBe('invalid_setup_code');
    expect((await lab.ask(new Device(), HOTEL, { setupCode: bound })).status).toBe(200);
  });

  it('is closed to an address after 10 wrong ones [E6]', async () => {
    const lab = await IssuerLab.start();
    const setupCode = lab.issuer.createSetupCode();
    for (let index = 0; index < 10; index++) {
      await lab.ask(new Device(), HOTEL, { setupCode: `BBBBBBBBBBBBBBB${'BCDFGHJKLM'[index]}` });
    }
    expect((await lab.ask(new Device(), HOTEL, { setupCode })).body.code).toBe('too_many_requests');
  });
});

describe('a manager', () => {
  it('is a device with the capability, and no other [E4]', async () => {
    const lab = await IssuerLab.start();
    const manager = await lab.manager(HOTEL);
    const clerk = await lab.member(manager, HOTEL, { role: 'staff', capabilities: ['orders'] });
    const { userCode } = (await lab.ask(new Device(), HOTEL)).body;
    expect((await lab.approve(clerk, userCode)).body.code).toBe('not_allowed');
    for (const path of ['/v1/enrolments', '/v1/devices']) {
      expect((await lab.call(clerk, 'GET', path)).body.code, path).toBe('not_allowed');
    }
    const requests = ['/v1/enrolments/lookup', '/v1/enrolments/deny', '/v1/tables/5/key', '/v1/tables/5/key/rotate'];
    for (const path of [...requests, `/v1/devices/${manager.peerId}/revoke`]) {
      expect((await lab.call(clerk, 'POST', path)).body.code, path).toBe('not_allowed');
    }
  });

  it('approves nobody as a guest: a guest has a table [E5]', async () => {
    const lab = await IssuerLab.start();
    const manager = await lab.manager(HOTEL);
    const { userCode } = (await lab.ask(new Device(), HOTEL)).body;
    const refused = await lab.approve(manager, userCode, { role: 'guest' });
    expect(refused.body).toMatchObject({ code: 'invalid_request', path: 'role' });
  });

  it('sees the devices of its own property, and nothing of another [E4]', async () => {
    const lab = await IssuerLab.start();
    const manager = await lab.manager(HOTEL);
    const stranger = await lab.manager('hotel-other');
    const device = await lab.member(manager, HOTEL, { name: 'Kitchen 1' });
    const waiting = new Device();
    await lab.ask(waiting, HOTEL);
    await lab.table(manager, '5');
    const devices = (await lab.call(manager, 'GET', '/v1/devices')).body.devices;
    expect(devices).toHaveLength(2);
    expect(devices).toContainEqual(
      expect.objectContaining({ peerId: device.peerId, name: 'Kitchen 1', status: 'active' }),
    );
    expect(JSON.stringify(devices)).not.toContain('rotation');

    expect((await lab.call(stranger, 'GET', '/v1/devices')).body.devices).toHaveLength(1);
    expect((await lab.call(stranger, 'GET', '/v1/enrolments')).body.pending).toEqual([]);
    expect((await lab.call(stranger, 'GET', '/v1/tables')).body.tables).toEqual([]);
    expect((await lab.call(stranger, 'POST', `/v1/devices/${device.peerId}/revoke`)).body.code).toBe('unknown_device');
    expect((await lab.call(stranger, 'POST', '/v1/enrolments/deny', { peerId: waiting.peerId })).body.code).toBe(
      'unknown_device',
    );
    expect((await lab.call(stranger, 'POST', '/v1/tables/5/open')).body.code).toBe('unknown_table');
    expect((await lab.renew(device, HOTEL)).status).toBe(200);
  });
});

describe('a revoked device', () => {
  it('is on the signed deny list, renews nothing, and is not heard [D7]', async () => {
    const lab = await IssuerLab.start();
    const manager = await lab.manager(HOTEL);
    const colleague = await lab.member(manager, HOTEL, { capabilities: ['manage-devices'] });
    const before = lab.denyList(HOTEL);
    expect((await lab.call(manager, 'POST', `/v1/devices/${colleague.peerId}/revoke`)).status).toBe(200);
    const after = lab.denyList(HOTEL);
    expect(after.seq).toBe(before.seq + 1);
    expect(after.generations).toEqual(new Map([[colleague.peerId, lab.claims(colleague.credential).gen + 1]]));
    expect(lab.denyLists).toEqual([{ tenantId: HOTEL, token: after.jws.token }]);
    expect((await lab.renew(colleague, HOTEL)).body.code).toBe('invalid_renewal_token');
    expect((await lab.call(colleague, 'GET', '/v1/devices')).body.code).toBe('invalid_credential');
  });

  it('leaves the list once its last credential would have expired', async () => {
    const lab = await IssuerLab.start();
    const manager = await lab.manager(HOTEL);
    const [first, second] = [await lab.member(manager, HOTEL), await lab.member(manager, HOTEL)];
    await lab.call(manager, 'POST', `/v1/devices/${first.peerId}/revoke`);
    lab.clock.advance(23 * 60 * MINUTE_MS);
    await lab.renew(manager, HOTEL);
    await lab.renew(second, HOTEL);
    await lab.call(manager, 'POST', `/v1/devices/${second.peerId}/revoke`);
    expect([...lab.denyList(HOTEL).generations.keys()].sort()).toEqual([first.peerId, second.peerId].sort());
    lab.clock.advance(2 * 60 * MINUTE_MS);
    const third = await lab.member(manager, HOTEL);
    await lab.call(manager, 'POST', `/v1/devices/${third.peerId}/revoke`);
    expect([...lab.denyList(HOTEL).generations.keys()].sort()).toEqual([second.peerId, third.peerId].sort());
  });

  it('comes back in a new generation, and what it was before stays denied [D7]', async () => {
    const lab = await IssuerLab.start();
    const manager = await lab.manager(HOTEL);
    const device = await lab.member(manager, HOTEL);
    const earlier = device.credential;
    await lab.call(manager, 'POST', `/v1/devices/${device.peerId}/revoke`);
    const { userCode, deviceCode } = (await lab.ask(device, HOTEL)).body;
    await lab.approve(manager, userCode, { role: 'printer' });
    await lab.poll(device, HOTEL, deviceCode);
    const firstGood = lab.denyList(HOTEL).generations.get(device.peerId) ?? 0;
    expect(lab.claims(earlier).gen).toBeLessThan(firstGood);
    expect(lab.claims(device.credential)).toMatchObject({ role: 'printer', gen: firstGood });
  });

  it('is never the last manager', async () => {
    const lab = await IssuerLab.start();
    const manager = await lab.manager(HOTEL);
    await lab.member(manager, HOTEL);
    expect((await lab.call(manager, 'POST', `/v1/devices/${manager.peerId}/revoke`)).body.code).toBe('last_manager');
  });
});
