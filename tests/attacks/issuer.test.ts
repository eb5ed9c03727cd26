import { describe, expect, it, vi } from 'vitest';
import { AttemptLimiter } from '../../lib/webrtc/server/issuer/attempt-limiter.ts';
import { Device, IssuerLab } from '../../lib/webrtc/server/test-support/issuer-lab.ts';
import { without } from './support/guards.ts';

vi.mock('../../lib/webrtc/server/issuer/renewal-token.ts', async (importOriginal) =>
  (await import('./support/guards.ts')).weakRenewalTokens(await importOriginal()),
);

const HOTEL = 'hotel';

it('a thief with a copy of a device’s disk renews with a token that the device has used [E8]', async () => {
  const attack = async () => {
    const lab = await IssuerLab.start();
    const device = await lab.member(await lab.manager(HOTEL), HOTEL);
    const stolen = device.renewalToken;
    for (let day = 0; day < 2; day++) {
      await lab.renew(device, HOTEL);
      await lab.confirm(device, HOTEL);
      lab.clock.advance(24 * 3_600_000);
    }
    const theft = await lab.call(
      device,
      'POST',
      '/v1/renewals',
      { tenantId: HOTEL, renewalToken: stolen },
      { credential: null },
    );
    // The device's own next renewal shows whether anybody has noticed.
    const next = await lab.renew(device, HOTEL);
    return [theft.status, theft.body.code ?? null, next.status];
  };
  expect(await without('rotation', attack)).toEqual([200, null, 200]);
  expect(await attack()).toEqual([403, 'renewal_token_reused', 403]);
});

describe('somebody who guesses', () => {
  const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
  const wrong = (length: number, number: number) =>
    Array.from({ length }, (_, place) => LETTERS[Math.floor(number / 20 ** place) % 20]).join('');

  it('a setup code makes itself the first manager, were it to try long enough [E6]', async () => {
    const attack = async () => {
      const lab = await IssuerLab.start();
      const code = lab.issuer.createSetupCode();
      const thief = new Device();
      // With luck that nobody has: the right one is among the first 40.
      const guesses = [...Array.from({ length: 39 }, (_, number) => wrong(16, number)), code];
      for (const setupCode of guesses) {
        const { status, body } = await lab.ask(thief, HOTEL, { setupCode });
        if (status === 200) return 'manager';
        if (status === 429) return body.code;
      }
      return 'in vain';
    };
    const blind = vi.spyOn(AttemptLimiter.prototype, 'waitSeconds').mockReturnValue(0);
    expect(await attack()).toBe('manager');
    blind.mockRestore();
    expect(await attack()).toBe('too_many_requests');
  });

  it('the code of a device that waits, to let it in as what it likes [E5] [E6]', async () => {
    const attack = async () => {
      const lab = await IssuerLab.start();
      const manager = await lab.manager(HOTEL);
      const { userCode } = (await lab.ask(new Device(), HOTEL)).body;
      const guesses = [...Array.from({ length: 39 }, (_, number) => wrong(8, number)), userCode];
      for (const guess of guesses) {
        const { status, body } = await lab.approve(manager, guess);
        if (status < 300) return 'let in';
        if (status === 429) return body.code;
      }
      return 'in vain';
    };
    const blind = vi.spyOn(AttemptLimiter.prototype, 'waitSeconds').mockReturnValue(0);
    expect(await attack()).toBe('let in');
    blind.mockRestore();
    expect(await attack()).toBe('too_many_requests');
  });
});
