import type { Clock } from '@innmesh/kit';
import { addressOf, type CandidateStats, candidates, readPath, type Stats, selectedPair } from '../link/topology.ts';
import type { Peer } from '../mesh/peer.ts';
import type { RepairState } from '../mesh/repair.ts';
import type { PathKind } from '../public-types.ts';
import { type Obstacle, obstacleOf } from './obstacle.ts';

/** What a session knows of its room. Tabs hand it to each other. */
export interface RoomAccount {
  /** A server holds this device's place in it. */
  isInRoom: boolean;
  /** Why not. */
  obstacle: Obstacle | null;
  peers: PeerAccount[];
}

export interface PeerAccount {
  peerId: string;
  name: string;
  /** It is in the room, not only linked. */
  isPresent: boolean;
  /** `mending`: it stands, and nothing crosses; another path is looked for. */
  state: 'linked' | 'mending' | 'opening' | 'unlinked';
  /** Which way the link goes; `null` while there is none, or the browser does not say. */
  way: { path: PathKind; ends: string } | null;
  /** Attempts at a link that is wanted, of which none has come to stand; the reason and what follows are of the last one. */
  failing: { attempts: number; reason: string; isRefusal: boolean; wasOpen: boolean; agoMs: number } | null;
}

/** What of signaling matters here. */
interface Place {
  isJoined: boolean;
  failure: unknown;
}

export async function readRoom(
  peers: readonly Peer[],
  { isJoined, failure }: Place,
  clock: Clock,
): Promise<RoomAccount> {
  return {
    isInRoom: isJoined,
    obstacle: obstacleOf(failure),
    peers: await Promise.all(peers.map((peer) => readPeer(peer, clock.monotonicMs()))),
  };
}

async function readPeer(peer: Peer, nowMs: number): Promise<PeerAccount> {
  const { peerId, deviceInfo, slot, link } = peer;
  const report = link?.isOpen ? await link.stats().catch(() => null) : null;
  return {
    ...{ peerId, name: deviceInfo.name, isPresent: slot !== null },
    state: stateOf(peer),
    way: report && readWay([...report.values()]),
    failing: readFailure(peer, nowMs),
  };
}

function readFailure({ link, failures, lastFailure }: Peer, nowMs: number): PeerAccount['failing'] {
  if (link?.isOpen || failures === 0 || !lastFailure) return null;
  const { atMs, ...failure } = lastFailure;
  return { attempts: failures, ...failure, agoMs: nowMs - atMs };
}

function stateOf({ link, repair }: Peer): PeerAccount['state'] {
  if (link?.isOpen) return repair && !WELL.has(repair.state) ? 'mending' : 'linked';
  return link?.isOpening ? 'opening' : 'unlinked';
}

/** A link is asked now and then; most answer. */
const WELL: ReadonlySet<RepairState> = new Set(['steady', 'doubtful']);

function readWay(entries: RTCStats[]): PeerAccount['way'] {
  const { path } = readPath(entries);
  const stats: Stats = new Map(entries.map((entry) => [entry.id, entry]));
  const pair = selectedPair(stats);
  if (!path) return null;
  return { path, ends: pair ? candidates(stats, pair).map(describeEnd).join(' ↔ ') : '' };
}

/** Browsers keep an address to themselves that they hide behind a name. */
function describeEnd(end: CandidateStats): string {
  return [end.candidateType, addressOf(end)].filter(Boolean).join(' ');
}
