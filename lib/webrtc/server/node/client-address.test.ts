import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { clientAddress } from './client-address.ts';

const request = (remoteAddress: string, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage;

describe('the address of a caller', () => {
  it.each([
    ['192.168.1.5', '192.168.1.5'],
    ['::ffff:192.168.1.5', '192.168.1.5'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('%s is %s: of IPv6 its network, as a host has 2⁶⁴ of them', (address, expected) => {
    expect(clientAddress(request(address), false)).toBe(expected);
  });

  it('is what the proxy in front has added, and nothing that the caller says, only where there is a proxy', () => {
    expect(clientAddress(request('10.0.0.1', '1.1.1.1, 203.0.113.9'), true)).toBe('203.0.113.9');
    expect(clientAddress(request('10.0.0.1', '203.0.113.9'), false)).toBe('10.0.0.1');
    expect(clientAddress(request('10.0.0.1'), true)).toBe('10.0.0.1');
  });
});
