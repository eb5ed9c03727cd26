import type { CancelTimer } from '@innmesh/kit';
import type { CredentialClaims, DeviceInfo } from '@innmesh/protocol';
import type { Link } from '../link/link.ts';
import type { PathKind, PeerInfo } from '../public-types.ts';

/** Another device, for as long as it is in the room or linked. */
export class Peer {
  readonly peerId: string;
  /** What the server says of it. */
  announced: DeviceInfo;
  /** Its number in the room; `null` while it is not in it. */
  slot: number | null;
  /** The attempt at a link that is under way, or the link that stands. */
  link: Link | null = null;
  /** Attempts that failed since the last link stood. */
  failures = 0;
  cancelRetry: CancelTimer | null = null;
  /** The way that was last reported of the link that stands. */
  reportedPath: PathKind | null = null;

  constructor(peerId: string, announced: DeviceInfo, slot: number) {
    this.peerId = peerId;
    this.announced = announced;
    this.slot = slot;
  }

  /** What it is, by what is known of it now: its issuer's word where it was verified. */
  get deviceInfo(): DeviceInfo {
    const claims = this.link?.claims;
    return claims ? certifiedOnly(this.announced, claims) : this.announced;
  }
}

/** The server says what a device can do; what its issuer did not grant it, it cannot. */
function certifiedOnly({ name, capabilities }: DeviceInfo, { role, caps = [] }: CredentialClaims): DeviceInfo {
  const granted = caps.includes('*') ? capabilities : capabilities.filter((capability) => caps.includes(capability));
  return { type: role, name, capabilities: granted };
}

export function describePeer({ peerId, deviceInfo, link }: Peer): PeerInfo {
  return { peerId, deviceInfo, status: link?.isOpen ? 'connected' : 'discovered' };
}
