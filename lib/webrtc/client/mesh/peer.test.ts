import type { CredentialClaims } from '@innmesh/protocol';
import { describe, expect, it } from 'vitest';
import type { Link } from '../link/link.ts';
import { Peer } from './peer.ts';

const announced = { type: 'staff', name: 'Door', capabilities: ['orders', 'doors'] } as const;
const linkWith = (claims: Partial<CredentialClaims> | null) => ({ claims }) as unknown as Link;
const newPeer = () => new Peer('p', { ...announced, capabilities: [...announced.capabilities] });

describe('what a device is', () => {
  it('is the server’s word while nothing else is known of it', () => {
    const peer = newPeer();
    expect(peer.deviceInfo).toEqual(announced);
    peer.link = linkWith(null);
    expect(peer.deviceInfo).toEqual(announced);
  });

  it('is its credential’s word while it is linked, whatever the server says then [R1]', () => {
    const peer = newPeer();
    peer.link = linkWith({ role: 'staff', caps: ['orders'] });
    expect(peer.deviceInfo).toEqual({ type: 'staff', name: 'Door', capabilities: ['orders'] });
    peer.announced = { type: 'pos', name: 'Door', capabilities: ['payments', 'orders'] };
    expect(peer.deviceInfo).toEqual({ type: 'staff', name: 'Door', capabilities: ['orders'] });
  });

  it('follows a credential that is renewed', () => {
    const peer = newPeer();
    peer.link = linkWith({ role: 'staff', caps: ['orders'] });
    peer.link = linkWith({ role: 'staff', caps: ['*'] });
    expect(peer.deviceInfo.capabilities).toEqual(['orders', 'doors']);
    peer.link = linkWith({ role: 'staff' });
    expect(peer.deviceInfo.capabilities).toEqual([]);
  });
});
