import type { CredentialClaims } from '@innmesh/protocol';
import { describe, expect, it } from 'vitest';
import type { Link } from '../link/link.ts';
import { Peer } from './peer.ts';

const announced = { type: 'staff', name: 'Door', capabilities: ['orders', 'doors'] } as const;

/** With a link whose other end its issuer says that of. */
function peerWith(claims?: Partial<CredentialClaims> | null) {
  const peer = new Peer('p', { ...announced, capabilities: [...announced.capabilities] });
  const link = { claims };
  if (claims !== undefined) peer.links.begin(link as Link);
  return { peer, link };
}

describe('what a device is', () => {
  it('is the server’s word while nothing else is known of it', () => {
    expect(peerWith().peer.deviceInfo).toEqual(announced);
    expect(peerWith(null).peer.deviceInfo).toEqual(announced);
  });

  it('is its credential’s word while it is linked, whatever the server says then [R1]', () => {
    const { peer } = peerWith({ role: 'staff', caps: ['orders'] });
    expect(peer.deviceInfo).toEqual({ type: 'staff', name: 'Door', capabilities: ['orders'] });
    peer.announced = { type: 'pos', name: 'Door', capabilities: ['payments', 'orders'] };
    expect(peer.deviceInfo).toEqual({ type: 'staff', name: 'Door', capabilities: ['orders'] });
  });

  it('follows a credential that is renewed', () => {
    const { peer, link } = peerWith({ role: 'staff', caps: ['orders'] });
    link.claims = { role: 'staff', caps: ['*'] };
    expect(peer.deviceInfo.capabilities).toEqual(['orders', 'doors']);
    link.claims = { role: 'staff' };
    expect(peer.deviceInfo.capabilities).toEqual([]);
  });
});
