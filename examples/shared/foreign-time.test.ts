import { describe, expect, it } from 'vitest';
import { foreignTime } from './foreign-time.ts';

describe('the time of another device', () => {
  it('is taken as it is, also where its clock is wrong by years', () => {
    expect(foreignTime('2031-01-15T14:00:00+02:00')).toBe('2031-01-15T14:00:00+02:00');
  });

  it('leaves room for a later word, whatever it is', () => {
    const bounded = Date.parse(foreignTime('9999-12-31T23:59:59.999Z') ?? '');
    expect(new Date(bounded + 1).toISOString()).toMatch(/^\d{4}-/);
  });

  it('is none where it is no time', () => {
    expect([foreignTime('soon'), foreignTime(5), foreignTime(undefined)]).toEqual([undefined, undefined, undefined]);
  });
});
