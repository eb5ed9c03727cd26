import { describe, expect, it } from 'vitest';
import { Device, IssuerLab } from '../test-support/issuer-lab.ts';

const HOTEL = 'hotel-abc';
const HOUR_MS = 3_600_000;

async function withTable(options: Parameters<typeof IssuerLab.start>[0] = {}) {
  const lab = await IssuerLab.start(options);
  const manager = await lab.manager(HOTEL);
  const waiter = await lab.member(manager, HOTEL, { role: 'staff' });
  const open = (body = {}, tableId = '5') => lab.call(waiter, 'POST', `/v1/tables/${tableId}/open`, body);
  const close = (tableId = '5') => lab.call(waiter, 'POST', `/v1/tables/${tableId}/close`);
  return { lab, manager, waiter, open, close, key: await lab.table(manager, '5') };
}

const isDenied = (lab: IssuerLab, credential: string) => {
  const { sub, gen } = lab.claims(credential);
  return gen < (lab.denyList(HOTEL).generations.get(sub) ?? 0);
};

describe('a guest', () => {
  it('waits until staff open the table, and is then let in until the session ends [E9] [D8]', async () => {
    const { lab, open, key } = await withTable();
    const phone = new Device();
    const waiting = await lab.guest(phone, HOTEL, key);
    expect(waiting.body).toMatchObject({ code: 'table_closed', retryAfterSeconds: 5 });
    expect((await open()).status).toBe(200);
    const { body } = await lab.guest(phone, HOTEL, key);
    const endsAtMs = lab.clock.nowMs() + 4 * HOUR_MS;
    expect(body).toMatchObject({ tableId: '5', tenantId: HOTEL, expiresAtMs: endsAtMs });
    expect(lab.claims(body.credential)).toMatchObject({
      sub: phone.peerId,
      tenant: HOTEL,
      role: 'guest',
      caps: [],
      table: '5',
      exp: endsAtMs / 1000,
    });
  });

  it('has no session longer than twelve hours', async () => {
    const { lab, open } = await withTable();
    const { body } = await open({ lastsMinutes: 24 * 60 });
    expect(body.session.endsAtMs).toBe(lab.clock.nowMs() + 12 * HOUR_MS);
  });

  it('is not let in after the session has ended by itself', async () => {
    const { lab, open, key } = await withTable();
    await open({ lastsMinutes: 30 });
    lab.clock.advance(30 * 60_000);
    expect((await lab.guest(new Device(), HOTEL, key)).body.code).toBe('table_closed');
  });

  it('was a device that is revoked: that stays so when the table is closed [D6] [D7]', async () => {
    const { lab, manager, open, close, key } = await withTable();
    const till = await lab.member(manager, HOTEL);
    await lab.approve(manager, (await lab.ask(till, HOTEL)).body.userCode);
    const stolen = till.credential;
    await lab.call(manager, 'POST', `/v1/devices/${till.peerId}/revoke`);
    await open();
    const { credential } = (await lab.guest(till, HOTEL, key)).body;
    expect([stolen, credential].map((each) => isDenied(lab, each))).toEqual([true, false]);
    await close();
    expect([stolen, credential].map((each) => isDenied(lab, each))).toEqual([true, true]);
    lab.clock.advance(4 * HOUR_MS + 61_000);
    await lab.call(manager, 'POST', `/v1/devices/${(await lab.member(manager, HOTEL)).peerId}/revoke`);
    expect(isDenied(lab, stolen)).toBe(true);
  });

  it('is none of the house’s devices', async () => {
    const { lab, waiter, open, key } = await withTable();
    await open();
    expect((await lab.guest(waiter, HOTEL, key)).body).toMatchObject({ code: 'not_allowed' });
  });

  it('is out when staff close the table [E9]', async () => {
    const { lab, open, close, key } = await withTable();
    await open();
    const { credential } = (await lab.guest(new Device(), HOTEL, key)).body;
    expect(isDenied(lab, credential)).toBe(false);
    await close();
    expect(isDenied(lab, credential)).toBe(true);
    expect(lab.denyLists).toHaveLength(1);
    expect((await lab.guest(new Device(), HOTEL, key)).body.code).toBe('table_closed');
  });

  it('of an earlier session has no access in the next one with what it held [E9]', async () => {
    const { lab, open, close, key } = await withTable();
    const phone = new Device();
    await open();
    const earlier = (await lab.guest(phone, HOTEL, key)).body.credential;
    await close();
    await open();
    expect(isDenied(lab, earlier)).toBe(true);
    const later = (await lab.guest(phone, HOTEL, key)).body.credential;
    expect([isDenied(lab, earlier), isDenied(lab, later)]).toEqual([true, false]);
  });

  it('gets the same standing again within a session', async () => {
    const { lab, open, key } = await withTable();
    const phone = new Device();
    await open();
    const [first, second] = [await lab.guest(phone, HOTEL, key), await lab.guest(phone, HOTEL, key)];
    expect(lab.claims(second.body.credential).gen).toBe(lab.claims(first.body.credential).gen);
    expect(lab.denyLists).toEqual([]);
  });

  it('that moves to another table leaves the first [E9]', async () => {
    const { lab, manager, open, key } = await withTable();
    const otherKey = await lab.table(manager, '7');
    await open();
    await open({}, '7');
    const phone = new Device();
    const first = (await lab.guest(phone, HOTEL, key)).body.credential;
    const second = (await lab.guest(phone, HOTEL, otherKey)).body.credential;
    expect([isDenied(lab, first), isDenied(lab, second)]).toEqual([true, false]);
  });

  it('is one of so many at a table [E9]', async () => {
    const { lab, open, key } = await withTable({ limits: { guestsPerSession: 2 } });
    await open();
    const phone = new Device();
    await lab.guest(phone, HOTEL, key);
    await lab.guest(new Device(), HOTEL, key);
    expect((await lab.guest(new Device(), HOTEL, key)).body.code).toBe('table_full');
    expect((await lab.guest(phone, HOTEL, key)).status).toBe(200);
  });

  it('may do nothing at the issuer with its credential', async () => {
    const { lab, open, key } = await withTable();
    await open();
    const phone = new Device();
    phone.credential = (await lab.guest(phone, HOTEL, key)).body.credential;
    for (const path of ['/v1/enrolments', '/v1/devices', '/v1/tables']) {
      expect((await lab.call(phone, 'GET', path)).body.code).toBe('invalid_credential');
    }
  });
});

describe('a table’s key', () => {
  it('is the same each time it is printed', async () => {
    const { lab, manager, key } = await withTable();
    expect(await lab.table(manager, '5')).toBe(key);
  });

  it('leads nowhere once it is made anew', async () => {
    const { lab, manager, open, key } = await withTable();
    await open();
    const renewed = (await lab.call(manager, 'POST', '/v1/tables/5/key/rotate')).body;
    expect(renewed.url).toBe(`${lab.url}/enrolment/table/#tenant=${HOTEL}&key=${renewed.tableKey}`);
    expect((await lab.guest(new Device(), HOTEL, key)).body.code).toBe('invalid_table_key');
    expect((await lab.guest(new Device(), HOTEL, renewed.tableKey)).status).toBe(200);
  });

  it('of one table or property is none of another', async () => {
    const { lab, open, key } = await withTable();
    await open();
    const other = await lab.manager('hotel-other');
    await lab.table(other, '5');
    const secret = key.split('.')[1];
    for (const wrong of [`Ng.${secret}`, `.${secret}`, secret ?? '', `NQ.${'A'.repeat(22)}`, 'NQ.', '%.%']) {
      expect((await lab.guest(new Device(), HOTEL, wrong)).body.code, wrong).toBe('invalid_table_key');
    }
    expect((await lab.guest(new Device(), 'hotel-other', key)).body.code).toBe('invalid_table_key');
  });

  it('may be of a table with any name', async () => {
    const { lab, manager, waiter } = await withTable();
    const name = 'Terrasse/ö 12 %';
    const key = await lab.table(manager, name);
    await lab.call(waiter, 'POST', `/v1/tables/${encodeURIComponent(name)}/open`);
    expect((await lab.guest(new Device(), HOTEL, key)).body.tableId).toBe(name);
  });
});

describe('staff', () => {
  it('see which tables are open, until when and with how many phones', async () => {
    const { lab, manager, waiter, open, key } = await withTable();
    await lab.table(manager, '6');
    await open();
    await lab.guest(new Device(), HOTEL, key);
    const { tables } = (await lab.call(waiter, 'GET', '/v1/tables')).body;
    expect(tables).toEqual([
      {
        tableId: '5',
        session: { openedAtMs: lab.clock.nowMs(), endsAtMs: lab.clock.nowMs() + 4 * HOUR_MS, guests: 1 },
      },
      { tableId: '6', session: null },
    ]);
  });

  it('who open an open table leave it as it is', async () => {
    const { lab, open, key } = await withTable();
    await open();
    const { credential } = (await lab.guest(new Device(), HOTEL, key)).body;
    lab.clock.advance(HOUR_MS);
    await open();
    expect(isDenied(lab, credential)).toBe(false);
  });

  it('and tills and managers open tables; kitchens and printers do not', async () => {
    const { lab, manager } = await withTable();
    const [till, kitchen] = await Promise.all(
      ['pos', 'kitchen-display'].map((role) => lab.member(manager, HOTEL, { role })),
    );
    expect((await lab.call(till as Device, 'POST', '/v1/tables/5/open')).status).toBe(200);
    expect((await lab.call(manager, 'POST', '/v1/tables/5/close')).status).toBe(200);
    expect((await lab.call(kitchen as Device, 'POST', '/v1/tables/5/open')).body.code).toBe('not_allowed');
  });
});
