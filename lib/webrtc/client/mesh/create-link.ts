import type { Party } from '@innmesh/protocol';
import type { Hello } from '../link/handshake.ts';
import { Link, type LinkDeps, type LinkEvents } from '../link/link.ts';
import { LinkAuthentication, type LinkAuthenticationDeps } from '../link/link-authentication.ts';
import type { RelayMeters } from '../link/relay-meter.ts';
import type { Beginning } from './first-offer.ts';
import type { Peer } from './peer.ts';

export interface LinkCreationDeps
  extends Pick<LinkDeps, 'clock' | 'keepaliveMs' | 'log'>,
    Pick<LinkAuthenticationDeps, 'trust' | 'tenantId'> {
  /** What a link to that device begins with, once both ends are known to each other. */
  hello(to: Pick<Party, 'peerId' | 'role'>): Hello;
  /** The same list until it changes. */
  iceServers(): readonly RTCIceServer[];
  /** Count what crosses relays. */
  relayed: RelayMeters;
}

/** It is known now whom it is for. */
export function createLink(deps: LinkCreationDeps, peer: Peer, beginning: Beginning, events: LinkEvents): Link {
  const { attempt, nonce, transport } = beginning;
  const to = { peerId: peer.peerId, role: peer.announced.type };
  transport.useRelays({ meter: deps.relayed.of(to.peerId), iceServers: deps.iceServers });
  const authentication = new LinkAuthentication({ ...deps, ...to, nonce });
  return new Link(attempt, { ...deps, transport, authentication, hello: () => deps.hello(to) }, events);
}
