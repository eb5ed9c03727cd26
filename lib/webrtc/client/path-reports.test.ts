import { beforeEach, expect, it } from 'vitest';
import { RelayMeters } from './link/relay-meter.ts';
import type { Peer } from './mesh/peer.ts';
import { PathReports } from './path-reports.ts';
import type { NetworkTopology } from './public-types.ts';

let found: NetworkTopology[];
let isWanted: boolean;
let reports: PathReports;
let relayed: RelayMeters;

beforeEach(() => {
  [found, isWanted, relayed] = [[], true, new RelayMeters()];
  reports = new PathReports({
    prices: { relayUsdPerGigabyte: 0.5 },
    relayed,
    isWanted: () => isWanted,
    found: (topology) => found.push(topology),
  });
});

/** What a browser says of a link whose chosen candidates are of this kind. */
const statsOf = (candidateType: string) =>
  new Map<string, object>([
    ['T', { id: 'T', type: 'transport', selectedCandidatePairId: 'P' }],
    ['P', { id: 'P', type: 'candidate-pair', state: 'succeeded', localCandidateId: 'L', remoteCandidateId: 'R' }],
    ['L', { id: 'L', type: 'local-candidate', candidateType, address: '192.168.1.2' }],
    ['R', { id: 'R', type: 'remote-candidate', candidateType: 'host', address: '192.168.1.3' }],
  ]) as unknown as RTCStatsReport;

function peer(kind: { candidateType: string; isOpen?: boolean }): Peer & { probes: number } {
  const linked = {
    peerId: 'bar',
    reportedPath: null,
    probes: 0,
    link: {
      isOpen: kind.isOpen ?? true,
      roundTrip: {
        smoothedMs: 3,
        jitterMs: 1,
        probe: async () => {
          linked.probes += 1;
        },
      },
      stats: async () => statsOf(kind.candidateType),
    },
  };
  return linked as unknown as Peer & { probes: number };
}

/** What was asked for earlier is known by then. */
const settled = (of: Peer) => reports.measure(of);

it('the way to a peer is told of once, and again when it has changed', async () => {
  const kind = { candidateType: 'host' };
  const bar = peer(kind);
  for (let count = 0; count < 2; count += 1) {
    reports.report([bar]);
    await settled(bar);
  }
  kind.candidateType = 'relay';
  reports.report([bar]);
  await settled(bar);
  expect(found.map(({ peerId, path, latency, jitter }) => [peerId, path, latency, jitter])).toEqual([
    ['bar', 'host', 3, 1],
    ['bar', 'turn', 3, 1],
  ]);
});

it('no way is looked for where nobody listens, or no link stands', async () => {
  const absent = peer({ candidateType: 'host', isOpen: false });
  reports.report([absent]);
  isWanted = false;
  const bar = peer({ candidateType: 'host' });
  reports.report([bar]);
  expect([absent.probes, bar.probes]).toEqual([0, 0]);
  await settled(bar);
  expect(found).toEqual([]);
});

it('a device without a link is measured as one of which nothing is known', async () => {
  expect(await reports.measure(peer({ candidateType: 'host', isOpen: false }))).toMatchObject({
    peerId: 'bar',
    topology: 'unknown',
    path: null,
    latency: null,
  });
});

it('the cost of what crossed relays stays when the link is gone', async () => {
  const end = { type: 'local-candidate', candidateType: 'relay' };
  const pair = { id: 'P', type: 'candidate-pair', localCandidateId: 'L', bytesSent: 3e9, bytesReceived: 1e9 };
  const report = new Map<string, object>([
    ['P', pair],
    ['L', end],
  ]) as unknown as RTCStatsReport;
  relayed.of('bar').read({}, report);
  const costOf = async (isOpen: boolean) =>
    (await reports.measure(peer({ candidateType: 'host', isOpen }))).estimatedCost;
  expect([await costOf(true), await costOf(false)]).toEqual([2, 2]);
});
