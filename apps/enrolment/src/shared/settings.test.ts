import { describe, expect, it } from 'vitest';
import { readSettings } from './settings.ts';

const at = (address: string) => readSettings(new URL(address) as unknown as Location);

describe('a page’s address', () => {
  it('says what the device is, in its query or, for what no server is to see, behind #', () => {
    expect(
      at('https://hotel.example/enrolment/?tenant=a&name=Till&type=pos&capabilities=orders,printing'),
    ).toMatchObject({
      tenant: 'a',
      name: 'Till',
      type: 'pos',
      capabilities: ['orders', 'printing'],
    });
    expect(at('https://hotel.example/enrolment/table/#tenant=a&key=NQ.x')).toMatchObject({ tenant: 'a', key: 'NQ.x' });
  });

  it('leads to no other issuer, and afterwards to no other origin', () => {
    const next = (value: string) => at(`https://hotel.example/enrolment/?next=${encodeURIComponent(value)}`).next;
    expect(next('../kitchen/?tenant=a')).toBe('https://hotel.example/kitchen/?tenant=a');
    for (const elsewhere of ['https://evil.example/', '//evil.example', 'javascript:alert(1)', '']) {
      expect(next(elsewhere), elsewhere).toBeNull();
    }
    expect(at('https://hotel.example/enrolment/?issuer=https://evil.example').issuer).toBe('https://hotel.example');
  });

  it('with a type that is none is a staff device’s', () => {
    expect(at('https://hotel.example/enrolment/?type=toaster').type).toBe('staff');
  });
});
