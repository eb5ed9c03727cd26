import { describe, expect, it } from 'vitest';
import { isLocalHost } from './local-address.ts';

describe('isLocalHost', () => {
  it.each([
    'localhost',
    'app.localhost',
    'signaling.local',
    'Signaling.LOCAL',
    '10.0.0.1',
    '127.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.7',
    '169.254.3.4',
    '::1',
    '[::1]',
    'fd12:3456::1',
    'fc00::1',
    'fe80::1',
    '[febf::1]',
  ])('%s is on this network', (host) => expect(isLocalHost(host)).toBe(true));

  it.each([
    '',
    'example.com',
    'local',
    'notlocal',
    'signaling.local.example.com',
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '192.169.0.1',
    '169.253.0.1',
    '11.0.0.1',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.1.example.com',
    'fd.example.com',
    '2001:db8::1',
    'fec0::1',
    '::',
  ])('%s is not', (host) => expect(isLocalHost(host)).toBe(false));
});
