import { expect, it } from 'vitest';
import { PairCounter } from './pair-counter.node.ts';

let named = 0;

/** As node-datachannel has it: another name each time, and the bytes of the whole connection. */
function report(candidateType: string, bytesSent: number, bytesReceived: number) {
  named += 1;
  const [local, remote, pair] = [`l${named}`, `r${named}`, `p${named}`];
  const entries = [
    { id: local, type: 'local-candidate', candidateType, ip: '192.168.1.2', port: 5_000 },
    { id: remote, type: 'remote-candidate', candidateType: 'host', ip: '192.168.1.3', port: 6_000 },
    { id: pair, type: 'candidate-pair', localCandidateId: local, remoteCandidateId: remote, bytesSent, bytesReceived },
    { id: 'T', type: 'transport', selectedCandidatePairId: pair },
  ];
  return new Map(entries.map((entry) => [entry.id, entry])) as unknown as Map<string, RTCStats>;
}

const selected = (stats: RTCStatsReport) => stats.get(stats.get('T').selectedCandidatePairId);

it('a pair keeps its name, and has the bytes that crossed it since it was selected', () => {
  const counter = new PairCounter();
  const relayed = selected(counter.count(report('relay', 100, 10)));
  expect(relayed).toMatchObject({ bytesSent: 100, bytesReceived: 10 });
  expect(selected(counter.count(report('relay', 150, 20)))).toMatchObject({ id: relayed.id, bytesSent: 150 });
  const direct = selected(counter.count(report('host', 1_150, 30)));
  expect(direct).toMatchObject({ bytesSent: 1_000, bytesReceived: 10 });
  expect(direct.id).not.toBe(relayed.id);
  expect(selected(counter.count(report('relay', 1_151, 30)))).toMatchObject({ bytesSent: 151, bytesReceived: 20 });
});

it('a connection that has no pair yet says so', () => {
  expect([...new PairCounter().count(new Map()).keys()]).toEqual([]);
});
