import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMoney, minorDigits, toMoney } from './money.ts';

describe('toMoney', () => {
  it.each([
    [15, 'USD', 1_500],
    [12.5, 'EUR', 1_250],
    [0.1 + 0.2, 'USD', 30],
    [1.005, 'KWD', 1_005],
    [1.1 * 3, 'EUR', 330],
    [1_500, 'JPY', 1_500],
    [-4.35, 'EUR', -435],
    [0, 'EUR', 0],
    [-0, 'EUR', 0],
    [64.1, 'USD', 6_410],
  ])('%d %s is %d in minor units', (price, currency, amountMinor) => {
    expect(toMoney(price, currency)).toStrictEqual({ amountMinor, currency });
  });

  it('leaves Money as it is, whatever the currency of the message', () => {
    expect(toMoney({ amountMinor: 350, currency: 'EUR' }, 'USD')).toEqual({ amountMinor: 350, currency: 'EUR' });
  });

  it('takes any amount that was written with the right number of decimal places', () => {
    const amount = fc.tuple(fc.integer({ min: -1e12, max: 1e12 }), fc.constantFrom('USD', 'JPY', 'KWD'));
    fc.assert(
      fc.property(amount, ([amountMinor, currency]) => {
        const written = (amountMinor / 10 ** minorDigits(currency)).toFixed(minorDigits(currency));
        expect(toMoney(Number(written), currency).amountMinor).toBe(amountMinor + 0);
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });

  it('takes the sum of a long bill, with the dust of floating point', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 100_000 }), { maxLength: 500 }), (cents) => {
        const sum = cents.reduce((total, each) => total + each / 100, 0);
        expect(toMoney(sum, 'EUR').amountMinor).toBe(cents.reduce((total, each) => total + each, 0));
      }),
      { seed: 1 },
    );
  });

  it('refuses a digit too many, in small amounts and in large ones', () => {
    const digitTooMany = fc.tuple(fc.nat({ max: 1e9 }), fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(digitTooMany, ([cents, digit]) => {
        const price = Number(`${(cents / 100).toFixed(2)}${digit}`);
        expect(() => toMoney(price, 'EUR')).toThrow(`must have at most 2 decimal places for EUR, not ${price}`);
      }),
      { seed: 1, numRuns: 1_000 },
    );
    expect(() => toMoney(12.345, 'EUR')).toThrow(RangeError);
    expect(() => toMoney(0.5, 'JPY')).toThrow('must have at most 0 decimal places for JPY, not 0.5');
    expect(() => toMoney(1.0005, 'KWD')).toThrow('must have at most 3 decimal places for KWD, not 1.0005');
  });

  it('refuses an amount too large to count exactly', () => {
    expect(() => toMoney(1e21, 'USD')).toThrow('must be an amount that counts exactly, not 1e+21');
  });
});

describe('formatMoney', () => {
  it("writes an amount with its currency's decimal places", () => {
    expect(formatMoney({ amountMinor: 1_250, currency: 'EUR' })).toBe('€12.50');
    expect(formatMoney({ amountMinor: 1_250, currency: 'JPY' })).toBe('¥1,250');
    expect(formatMoney({ amountMinor: 1_250, currency: 'EUR' }, 'de')).toBe('12,50\u00a0€');
  });
});
