import { describe, expect, it } from 'vitest';
import { Device, IssuerLab } from '../test-support/issuer-lab.ts';

const HOTEL = 'hotel-abc';
const HOUR_MS = 3_600_000;

async function enrolled() {
  const lab = await IssuerLab.start();
  const manager = await lab.manager(HOTEL);
  return { lab, manager, device: await lab.member(manager, HOTEL) };
}

describe('a renewal', () => {
  it('gives a credential with a whole life and another token, time after time [E8] [D8]', async () => {
    const { lab, device } = await enrolled();
    const tokens = new Set([device.renewalToken]);
    for (let day = 0; day < 5; day++) {
      lab.clock.advance(12 * HOUR_MS);
      expect((await lab.renew(device, HOTEL)).status).toBe(200);
      tokens.add(device.renewalToken);
      expect(lab.claims(device.credential).exp * 1000).toBe(lab.clock.nowMs() + 24 * HOUR_MS);
    }
    expect(tokens.size).toBe(6);
  });

  it('needs no credential that is still good: a device comes back after a month', async () => {
    const { lab, device } = await enrolled();
    lab.clock.advance(30 * 24 * HOUR_MS);
    expect((await lab.renew(device, HOTEL)).status).toBe(200);
  });

  it('is over after more than a year away', async () => {
    const { lab, device } = await enrolled();
    lab.clock.advance(400 * 24 * HOUR_MS);
    await lab.renew(device, HOTEL);
    lab.clock.advance(400 * 24 * HOUR_MS + 1);
    expect((await lab.renew(device, HOTEL)).body.code).toBe('invalid_renewal_token');
  });

  it('needs the device’s own key [E8]', async () => {
    const { lab, device } = await enrolled();
    const thief = new Device();
    expect((await lab.renew(thief, HOTEL, device.renewalToken)).body.code).toBe('invalid_renewal_token');
    expect((await lab.renew(device, HOTEL)).status).toBe(200);
  });

  it('with a made-up token is refused, and puts nobody out', async () => {
    const { lab, device } = await enrolled();
    for (const token of ['', '1', `1.${'A'.repeat(43)}`, `0.${device.renewalToken.split('.')[1]}`, 'x'.repeat(500)]) {
      expect((await lab.renew(device, HOTEL, token)).status, token).toBeGreaterThanOrEqual(400);
    }
    expect(lab.denyLists).toEqual([]);
    expect((await lab.renew(device, HOTEL)).status).toBe(200);
  });

  it('with another device’s token, or for another property, is refused', async () => {
    const { lab, manager, device } = await enrolled();
    const other = await lab.member(manager, HOTEL);
    expect((await lab.renew(device, HOTEL, other.renewalToken)).body.code).toBe('invalid_renewal_token');
    expect((await lab.renew(device, 'hotel-other')).body.code).toBe('invalid_renewal_token');
  });
});

describe('a renewal token that comes a second time', () => {
  it('yields the same successor, also the next day, as long as that was not confirmed: the answer was lost [E8]', async () => {
    const { lab, device } = await enrolled();
    const token = device.renewalToken;
    const first = await lab.renew(device, HOTEL, token);
    lab.clock.advance(24 * HOUR_MS);
    const second = await lab.renew(device, HOTEL, token);
    expect(second.body.renewalToken).toBe(first.body.renewalToken);
    expect(lab.claims(second.body.credential).exp * 1000).toBe(lab.clock.nowMs() + 24 * HOUR_MS);
    await lab.renew(device, HOTEL);
    expect((await lab.renew(device, HOTEL, token)).body.code).toBe('renewal_token_reused');
  });

  it('within a minute of that yields the same successor: another tab was as quick', async () => {
    const { lab, device } = await enrolled();
    const token = device.renewalToken;
    const first = await lab.renew(device, HOTEL, token);
    expect((await lab.confirm(device, HOTEL)).status).toBe(200);
    lab.clock.advance(60_000);
    const second = await lab.renew(device, HOTEL, token);
    expect(second.body.renewalToken).toBe(first.body.renewalToken);
    expect((await lab.renew(device, HOTEL)).status).toBe(200);
  });

  it('later puts the device out: whatever of the family is shown then, and its credentials [E8]', async () => {
    const { lab, device } = await enrolled();
    const token = device.renewalToken;
    const { body: successor } = await lab.renew(device, HOTEL, token);
    await lab.confirm(device, HOTEL);
    lab.clock.advance(60_001);
    expect((await lab.renew(device, HOTEL, token)).body.code).toBe('renewal_token_reused');
    expect((await lab.renew(device, HOTEL, successor.renewalToken)).body.code).toBe('invalid_renewal_token');
    const firstGood = lab.denyList(HOTEL).generations.get(device.peerId) ?? 0;
    expect(lab.claims(successor.credential).gen).toBeLessThan(firstGood);
    expect(lab.denyLists).toHaveLength(1);
    expect(lab.log.join()).toContain('used twice');
    expect(lab.log.join()).not.toContain(token);
  });

  it('puts the device out however old it is, also within the grace of the last one [E8]', async () => {
    const { lab, device } = await enrolled();
    const oldest = device.renewalToken;
    await lab.renew(device, HOTEL);
    await lab.renew(device, HOTEL);
    expect((await lab.renew(device, HOTEL, oldest)).body.code).toBe('renewal_token_reused');
  });

  it('does not stretch the grace', async () => {
    const { lab, device } = await enrolled();
    const token = device.renewalToken;
    await lab.renew(device, HOTEL, token);
    await lab.confirm(device, HOTEL);
    lab.clock.advance(40_000);
    await lab.renew(device, HOTEL, token);
    lab.clock.advance(40_000);
    expect((await lab.renew(device, HOTEL, token)).body.code).toBe('renewal_token_reused');
  });

  it('is confirmed by the device alone', async () => {
    const { lab, device } = await enrolled();
    const token = device.renewalToken;
    await lab.renew(device, HOTEL, token);
    expect((await lab.confirm(new Device(), HOTEL, device.renewalToken)).body.code).toBe('invalid_renewal_token');
    expect((await lab.confirm(device, HOTEL, `2.${'A'.repeat(43)}`)).body.code).toBe('invalid_renewal_token');
    expect((await lab.confirm(device, HOTEL, token)).status).toBe(200);
    lab.clock.advance(HOUR_MS);
    expect((await lab.renew(device, HOTEL, token)).status).toBe(200);
  });
});
