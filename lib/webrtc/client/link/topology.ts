import { isLocalHost } from '../local-address.ts';
import type { PathKind, Prices } from '../public-types.ts';
import { areNeighbours } from './neighbours.ts';
import { type Path, unlinked } from './path.ts';

export interface CandidateStats extends RTCStats {
  candidateType: RTCIceCandidateType;
  address?: string;
  /** `address` by its older name; node-datachannel has this one. */
  ip?: string;
}

const BYTES_PER_GIGABYTE = 1e9;

/** By the kinds of path that a link can have. */
const REASONS = {
  host: '',
  reflexive:
    'The devices are not in one local network, or it keeps them apart: the bytes go by way of the router’s public address.',
  turn: 'No direct way was found between the devices: the bytes go through a relay on the internet.',
  'signaling-relay':
    'No direct way was found between the devices: what they say goes, sealed for the two, through the signaling server.',
} satisfies Partial<Record<PathKind, string>>;

/** The selected way, and the price of whatever went over a relay since the link began. */
export function readPath(report: Iterable<RTCStats>, prices: Prices): Path {
  const stats = new Map([...report].map((entry) => [entry.id, entry]));
  const relayed = stats.get('signaling-relay') as RTCIceCandidatePairStats | undefined;
  if (relayed) return describe('signaling-relay', relayed, bytesOf(relayed), prices);
  const pair = selectedPair(stats);
  if (!pair) return unlinked('The browser names no path for this link yet.');
  return describe(pathKind(stats, pair), pair, relayedBytes(stats), prices);
}

type Counted = Pick<RTCIceCandidatePairStats, 'bytesSent' | 'bytesReceived'>;

function describe(path: keyof typeof REASONS, counted: Counted, paidBytes: number, prices: Prices): Path {
  return {
    topology: path === 'turn' || path === 'signaling-relay' ? 'cloud-relay' : 'local-p2p',
    path,
    estimatedCost: (paidBytes / BYTES_PER_GIGABYTE) * prices.relayUsdPerGigabyte,
    bytesSent: counted.bytesSent ?? 0,
    bytesReceived: counted.bytesReceived ?? 0,
    reason: REASONS[path],
  };
}

const bytesOf = ({ bytesSent = 0, bytesReceived = 0 }: Counted): number => bytesSent + bytesReceived;

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
 * where the property has public addresses, a neighbour of the other end's.
 */
function isOnThisNetwork(end: CandidateStats, otherEnd: CandidateStats | undefined): boolean {
  if (end.candidateType === 'host') return true;
  const seen = addressOf(end);
  const isNear = seen === '' || isLocalHost(seen) || (!!otherEnd && areNeighbours(seen, addressOf(otherEnd)));
  return end.candidateType === 'prflx' && isNear;
}

export const addressOf = ({ address, ip }: CandidateStats): string => address ?? ip ?? '';

function relayedBytes(stats: Stats): number {
  const relayed = pairs(stats).filter((pair) =>
    candidates(stats, pair).some(({ candidateType }) => candidateType === 'relay'),
  );
  return relayed.reduce((sum, pair) => sum + bytesOf(pair), 0);
}

function pairs(stats: Stats): RTCIceCandidatePairStats[] {
  return [...stats.values()].filter(({ type }) => type === 'candidate-pair') as RTCIceCandidatePairStats[];
}

export function candidates(stats: Stats, pair: RTCIceCandidatePairStats): CandidateStats[] {
  const ends = [stats.get(pair.localCandidateId), stats.get(pair.remoteCandidateId)];
  return ends.filter((end) => end !== undefined) as CandidateStats[];
}
