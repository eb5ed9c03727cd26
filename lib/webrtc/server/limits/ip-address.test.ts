import { describe, expect, it } from 'vitest';
import { addressKey, truncatedAddress } from './ip-address.ts';

describe('an address is counted', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
  ])('%s as %s', (address, key) => expect(addressKey(address)).toBe(key));

  it('the same within a /64, differently beside it', () => {
    const hosts = Array.from({ length: 1_000 }, (_, host) => addressKey(`2001:db8:0:1:${host.toString(16)}::${host}`));
    expect(new Set(hosts)).toEqual(new Set(['2001:db8:0:1::/64']));
    expect(addressKey('2001:db8:0:2::1')).not.toBe(hosts[0]);
  });

  it.each(['', 'unknown', '1:2::3::4', 'g::1', 'x'.repeat(1_000)])('and is at most 45 characters: %j', (address) => {
    expect(addressKey(address).length).toBeLessThanOrEqual(45);
  });
});

describe('an address in the log', () => {
  it.each([
    ['203.0.113.7', '203.0.113.0/24'],
    ['::ffff:203.0.113.7', '203.0.113.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['not an address\nforged=1', 'unknown'],
    ['', 'unknown'],
  ])('%j is %s', (address, shown) => expect(truncatedAddress(address)).toBe(shown));
});
