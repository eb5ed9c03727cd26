import { isLocalHost } from '../local-address.ts';
import type { PathKind } from '../public-types.ts';
import { areNeighbours } from './neighbours.ts';
import { type Path, unlinked } from './path.ts';

export interface CandidateStats extends RTCStats {
  candidateType: RTCIceCandidateType;
  address?: string;
  /** `address` by its older name; node-datachannel has this one. */
  ip?: string;
}

/** By the kinds of path that a link can have. */
const REASONS = {
  host: '',
  reflexive:
    'The devices are not in one local network, or it keeps them apart: the bytes go by way of the router’s public address.',
  turn: 'No direct way was found between the devices, or it was lost: the bytes go through a relay (TURN).',
  'signaling-relay':
    'No direct way was found between the devices: what they say goes, sealed for the two, through the signaling server.',
} satisfies Partial<Record<PathKind, string>>;

/** The way that the bytes go now. */
export function readPath(report: Iterable<RTCStats>): Path {
  const stats = new Map([...report].map((entry) => [entry.id, entry]));
  const relayed = stats.get('signaling-relay') as RTCIceCandidatePairStats | undefined;
  if (relayed) return describe('signaling-relay', relayed);
  const pair = selectedPair(stats);
  if (!pair) return unlinked('The browser names no path for this link yet.');
  return describe(pathKind(stats, pair), pair);
}

type Counted = Pick<RTCIceCandidatePairStats, 'bytesSent' | 'bytesReceived'>;

function describe(path: keyof typeof REASONS, counted: Counted): Path {
  return {
    topology: path === 'turn' || path === 'signaling-relay' ? 'cloud-relay' : 'local-p2p',
    path,
    bytesSent: counted.bytesSent ?? 0,
    bytesReceived: counted.bytesReceived ?? 0,
    reason: REASONS[path],
  };
}

export type Stats = ReadonlyMap<string, RTCStats>;

/** The transport's word (webrtc-stats §6.15); Firefox has none and marks the pair itself. */
export function selectedPair(stats: Stats): RTCIceCandidatePairStats | undefined {
  const entries = [...stats.values()];
  const transport = entries.find(({ type }) => type === 'transport') as RTCTransportStats | undefined;
  const byTransport = stats.get(transport?.selectedCandidatePairId ?? '');
  return (byTransport ?? pairs(stats).find((pair) => 'selected' in pair && pair.selected)) as
    | RTCIceCandidatePairStats
    | undefined;
}

function pathKind(stats: Stats, pair: RTCIceCandidatePairStats): keyof typeof REASONS {
  const ends = candidates(stats, pair);
  if (ends.some(({ candidateType }) => candidateType === 'relay')) return 'turn';
  const [one, other] = ends;
  const isLocal = ends.every((end) => isOnThisNetwork(end, end === one ? other : one));
  return isLocal ? 'host' : 'reflexive';
}

/**
 * A peer-reflexive address is one that was seen before it was announced. On the local network it is a private one, or,
 * where the property has public addresses, a neighbour of the other end's. A server-reflexive one is private where the
 * server that saw it is on the property.
 */
function isOnThisNetwork(end: CandidateStats, otherEnd: CandidateStats | undefined): boolean {
  const seen = addressOf(end);
  switch (end.candidateType) {
    case 'host':
      return true;
    case 'prflx':
      return seen === '' || isLocalHost(seen) || (!!otherEnd && areNeighbours(seen, addressOf(otherEnd)));
    default:
      return seen !== '' && isLocalHost(seen);
  }
}

export const addressOf = ({ address, ip }: CandidateStats): string => address ?? ip ?? '';

function pairs(stats: Stats): RTCIceCandidatePairStats[] {
  return [...stats.values()].filter(({ type }) => type === 'candidate-pair') as RTCIceCandidatePairStats[];
}

export function candidates(stats: Stats, pair: RTCIceCandidatePairStats): CandidateStats[] {
  const ends = [stats.get(pair.localCandidateId), stats.get(pair.remoteCandidateId)];
  return ends.filter((end) => end !== undefined) as CandidateStats[];
}
