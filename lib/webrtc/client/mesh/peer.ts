import type { CancelTimer } from '@innmesh/kit';
import type { DeviceInfo } from '@innmesh/protocol';
import type { Link } from '../link/link.ts';
import type { PathKind, PeerInfo } from '../public-types.ts';

/** Another device, for as long as it is in the room or linked. */
export interface Peer {
  readonly peerId: string;
  deviceInfo: DeviceInfo;
  /** Its number in the room; `null` while it is not in it. */
  slot: number | null;
  /** The attempt at a link that is under way, or the link that stands. */
  link: Link | null;
  /** Attempts that failed since the last link stood. */
  failures: number;
  cancelRetry: CancelTimer | null;
  /** The way that was last reported of the link that stands. */
  reportedPath: PathKind | null;
}

export function describePeer({ peerId, deviceInfo, link }: Peer): PeerInfo {
  return { peerId, deviceInfo, status: link?.isOpen ? 'connected' : 'discovered' };
}
