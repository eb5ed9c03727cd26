import type { NetworkTopology } from '@innmesh/webrtc';

/** How a device is connected, in the words of the badge. */
export type ConnectionStatus =
  | { kind: 'connecting' }
  /** No signaling server answers; it goes on trying. */
  | { kind: 'no-server'; reason: string }
  /** A signaling server answers, and does not let the device in. */
  | { kind: 'refused'; reason: string }
  /** In the room, where nobody is whom this device works with. */
  | { kind: 'waiting' }
  /** Somebody is there and no link stands yet. */
  | { kind: 'linking' }
  | LinkedStatus;

export interface LinkedStatus {
  kind: 'local-p2p' | 'cloud-relay';
  /** The slowest link's round trip; `null` until it was measured. */
  latencyMs: number | null;
  /** Of all links together. */
  costUsd: number;
  links: number;
  /** New devices cannot be introduced at the moment; the links stand. */
  serverLost: boolean;
  /** In words, why a path is not a better one. */
  reason: string;
}

export type ServerState = { kind: 'connecting' } | { kind: 'joined' } | { kind: 'lost' | 'refused'; reason: string };

/** `present`: how many relevant devices are in the room; `links`: the paths to those that are linked. */
export function connectionStatus(server: ServerState, present: number, links: NetworkTopology[]): ConnectionStatus {
  const known = links.filter(({ topology }) => topology !== 'unknown');
  if (known.length > 0) return linkedStatus(known, server.kind === 'lost' || server.kind === 'refused');
  if (server.kind === 'connecting') return { kind: 'connecting' };
  if (server.kind === 'refused') return { kind: 'refused', reason: server.reason };
  if (server.kind === 'lost') return { kind: 'no-server', reason: server.reason };
  return { kind: present > 0 ? 'linking' : 'waiting' };
}

function linkedStatus(links: NetworkTopology[], serverLost: boolean): LinkedStatus {
  const relayed = links.filter(({ topology }) => topology === 'cloud-relay');
  const latencies = links.map(({ latency }) => latency).filter((latency) => latency !== null);
  return {
    kind: relayed.length > 0 ? 'cloud-relay' : 'local-p2p',
    latencyMs: latencies.length > 0 ? Math.max(...latencies) : null,
    costUsd: links.reduce((sum, { estimatedCost }) => sum + estimatedCost, 0),
    links: links.length,
    serverLost,
    reason: (relayed[0] ?? links[0])?.reason ?? '',
  };
}
