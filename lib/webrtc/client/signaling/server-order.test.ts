import { describe, expect, it } from 'vitest';
import { orderServers } from './server-order.ts';

const cloud = 'wss://signaling.example.com/a';
const backup = 'wss://backup.example.com';
const mdns = 'ws://signaling.local:8080';
const privateAddress = 'ws://192.168.1.5:8080';

describe('servers', () => {
  it('on the local network come first, each group in the order given', () => {
    const given = [cloud, mdns, backup, privateAddress];
    expect(orderServers(given, true)).toEqual([mdns, privateAddress, cloud, backup]);
    expect(given[0]).toBe(cloud);
  });

  it('keep the order given where it is not preferred', () => {
    expect(orderServers([cloud, mdns], false)).toEqual([cloud, mdns]);
  });

  it('on the local network are known by IPv6 address too', () => {
    expect(orderServers([cloud, 'ws://[fe80::1]:8080'], true)[0]).toBe('ws://[fe80::1]:8080');
  });
});
