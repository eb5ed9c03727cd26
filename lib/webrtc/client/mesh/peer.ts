import type { DeviceInfo, Party, Reader } from '@innmesh/protocol';
import type { Link } from '../link/link.ts';
import type { PathKind, PeerInfo } from '../public-types.ts';
import type { LinkRepair } from './link-repair.ts';
import { PeerLinks } from './peer-links.ts';
import { Talk } from './talk.ts';

/** How the last attempt at a link, or the link, ended that nobody wanted to end. */
export interface LinkFailure {
  reason: string;
  /** One side does not accept the other. */
  isRefusal: boolean;
  wasOpen: boolean;
  atMs: number;
}

/** Another device, for as long as it is in the room or linked. */
export class Peer {
  readonly peerId: string;
  /** What the server says of it. */
  announced: DeviceInfo;
  /** Its number in the room; `null` while it is not in it. */
  slot: number | null = null;
  /** When it was last seen to come into the room, or not to be in it. */
  placedAtMs = 0;
  readonly links = new PeerLinks();
  /** Of the link that stands. */
  repair: LinkRepair | null = null;
  /** Attempts that failed since the last link stood. */
  failures = 0;
  failedAtMs = 0;
  /** `null` where a link has opened since, or none is wanted any more. */
  lastFailure: LinkFailure | null = null;
  /** The way that was last reported of the link that stands. */
  reportedPath: PathKind | null = null;
  /** What was sent to it or came from it and was for nobody else. */
  readonly talk = new Talk();
  /** When its link was last opened, talked on, or chosen to stand. */
  usedAtMs = 0;

  constructor(peerId: string, announced: DeviceInfo) {
    this.peerId = peerId;
    this.announced = announced;
  }

  /** The attempt at a link that is under way, or the link that stands. */
  get link(): Link | null {
    return this.links.current;
  }

  /** A link stands, and nothing speaks against it. */
  get isReached(): boolean {
    const state = this.repair?.state;
    return this.link?.isOpen === true && (state === 'steady' || state === 'doubtful');
  }

  /** Who it is to the entitlement table: as its issuer says, or before it is verified, as the server does. */
  get party(): Party {
    const { peerId, announced, link } = this;
    return { peerId, role: link?.claims?.role ?? announced.type, table: link?.claims?.table };
  }

  /** And to an audience. */
  get reader(): Reader {
    return { ...this.party, capabilities: this.deviceInfo.capabilities };
  }

  /** The server says what it can do; what its issuer did not grant it, it cannot. */
  get deviceInfo(): DeviceInfo {
    const { announced, link, party } = this;
    const granted = link?.claims ? (link.claims.caps ?? []) : ['*'];
    const capabilities = announced.capabilities.filter((each) => granted.includes(each) || granted.includes('*'));
    return { ...announced, type: party.role, capabilities };
  }
}

export function describePeer({ peerId, deviceInfo, link }: Peer): PeerInfo {
  return { peerId, deviceInfo, status: link?.isOpen ? 'connected' : 'discovered' };
}
