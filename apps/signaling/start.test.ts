import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { lanAddresses } from './addresses.ts';
import { banner } from './banner.ts';

const ipv4 = (address: string, internal = false) => ({ family: 'IPv4', address, internal }) as NetworkInterfaceInfo;
const ipv6 = (address: string) => ({ family: 'IPv6', address, internal: false }) as NetworkInterfaceInfo;

describe('the addresses for phones', () => {
  it('are those of this machine on its networks, bridges and tunnels last', () => {
    const interfaces = {
      lo: [ipv4('127.0.0.1', true)],
      docker0: [ipv4('172.17.0.1')],
      wlan0: [ipv6('fe80::1'), ipv4('192.168.1.20')],
      eth0: [ipv4('10.0.0.7')],
    };
    expect(lanAddresses(interfaces)).toEqual(['192.168.1.20', '10.0.0.7', '172.17.0.1']);
  });
});

describe('what the terminal shows', () => {
  it('names this machine, each address for phones, and a QR code of the likeliest', () => {
    const shown = banner({ port: 9000, lanAddresses: ['192.168.1.20', '10.0.0.7'] });
    expect(shown).toContain('http://localhost:9000/');
    expect(shown).toContain('http://192.168.1.20:9000/');
    expect(shown).toContain('http://10.0.0.7:9000/');
    expect(shown.split('\n').filter((line) => /[█▀▄]{5}/.test(line)).length).toBeGreaterThan(10);
  });

  it('says so where there is no network for phones', () => {
    const shown = banner({ port: 9000, lanAddresses: [] });
    expect(shown).toContain('not reachable');
    expect(shown).not.toMatch(/[█▀▄]{5}/);
  });

  it('names the pages of enrolment, and the setup code while no property is set up', () => {
    const pagesUrl = 'http://192.168.1.20:9000/enrolment/';
    const facts = { port: 9000, lanAddresses: ['192.168.1.20'] };
    const first = banner({ ...facts, enrolment: { pagesUrl, setupCode: 'BCDF-GHJK-LMNP-QRST' } });
    expect(first).toContain(`Devices ask to join  ${pagesUrl}\n`);
    expect(first).toContain('SETUP CODE           BCDF-GHJK-LMNP-QRST');
    const later = banner({ ...facts, enrolment: { pagesUrl, setupCode: null }, checksDevices: true });
    expect(later).not.toContain('SETUP CODE');
    expect(later).not.toContain('DEVELOPMENT MODE');
    expect(banner({ ...facts, enrolment: { pagesUrl, setupCode: null } })).toContain('DEVELOPMENT MODE');
  });
});
