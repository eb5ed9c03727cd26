import type { CheckResult } from '../public-types.ts';
import type { Obstacle } from './obstacle.ts';
import type { RoomAccount } from './room-account.ts';

/** What became of a WebSocket to a signaling server. */
export interface ServerAnswer {
  url: string;
  /**
   * `silent`: no word within its time; `unreachable`: nothing there, or the browser does not say; `refused`: closed with a
   * reason; `other-version`: closed, as it speaks another version; `stranger`: what it says is not of this protocol;
   * `blocked`: the platform opens no socket to it.
   */
  outcome: 'answers' | 'refused' | 'other-version' | 'stranger' | 'silent' | 'unreachable' | 'blocked';
  afterMs: number;
  /** The server's own words, or the platform's. */
  detail: string;
}

/** One of the addresses at which this device says it can be reached (RFC 8839 §5.1). */
export interface Candidate {
  type: 'host' | 'srflx' | 'prflx' | 'relay';
  /** An IP address, or a name that ends in `.local` (mDNS). */
  address: string;
  protocol: string;
}

/** What a browser says of an ICE server: a STUN code (RFC 8489, RFC 8656), or 701 where it has no answer. */
export interface IceError {
  code: number;
  text: string;
}

/** What a connection of its own found, with one ICE server or none. */
export interface Gathered {
  candidates: Candidate[];
  errors: IceError[];
  /** It was done within its time. */
  isComplete: boolean;
  /** Why there was nothing to gather with. */
  problem: string | null;
}

export interface IceServerAnswer extends Gathered {
  url: string;
}

/** `unknown`: the browser has no such permission, or does not tell. */
export type PermissionAnswer = 'granted' | 'denied' | 'prompt' | 'unknown';

/** All that a diagnosis found out. Judged by `checks/`, which do nothing else. */
export interface Facts {
  isBrowser: boolean;
  /** The host that the page came from; empty where there is no page. */
  pageHost: string;
  /** It came by https:, or from this machine. */
  isSecurePage: boolean;
  servers: ServerAnswer[];
  /** Why this device is not in its room; `null` where it is, or has not tried. */
  obstacle: Obstacle | null;
  /** Without an ICE server. */
  own: Gathered;
  /** Whether the names that stand for its addresses were found; `null` where it has none. */
  isOwnNameFound: boolean | null;
  stun: IceServerAnswer[];
  turn: IceServerAnswer[];
  /** Also of relays that the server lends: it does so to the tab or program that holds the connection. */
  areRelaysKnown: boolean;
  localNetwork: PermissionAnswer;
  /** `null`: not connected; `'silent'`: the tab that holds the connection does not tell. */
  room: RoomAccount | 'silent' | null;
  /** To whom a way is wanted. */
  peerId: string | undefined;
}

/** What a check says, but for its name. */
export type Judgement = Pick<CheckResult, 'verdict' | 'words' | 'advice'>;

export const hostsOf = ({ candidates }: Gathered): Candidate[] => candidates.filter(({ type }) => type === 'host');

export const isName = ({ address }: Candidate): boolean => address.endsWith('.local');

/** By what was asked just now: that a network is gone, the connection to a server may notice half a minute later. */
export const answersAnywhere = ({ servers }: Facts): boolean =>
  servers.some(({ outcome }) => ['answers', 'refused', 'other-version'].includes(outcome));

/** `null` where nothing is known of it. */
export const knownRoom = ({ room }: Facts): RoomAccount | null => (room === 'silent' ? null : room);

export const peersOf = (facts: Facts) => knownRoom(facts)?.peers ?? [];
