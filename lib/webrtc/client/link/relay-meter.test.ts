import { describe, expect, it } from 'vitest';
import { RelayMeter, RelayMeters } from './relay-meter.ts';

/** What statistics say of pairs: the type of either end, and the bytes both ways. */
function report(pairs: Record<string, [local: string, remote: string, sent?: number, received?: number]>) {
  const entries = Object.entries(pairs).flatMap(([id, [local, remote, bytesSent, bytesReceived]]) => [
    { id: `${id}-l`, type: 'local-candidate', candidateType: local },
    { id: `${id}-r`, type: 'remote-candidate', candidateType: remote },
    {
      id,
      type: 'candidate-pair',
      localCandidateId: `${id}-l`,
      remoteCandidateId: `${id}-r`,
      bytesSent,
      bytesReceived,
    },
  ]);
  return new Map(entries.map((entry) => [entry.id, entry])) as unknown as RTCStatsReport;
}

const link = {};

describe('bytes over a relay', () => {
  it('are those of both directions, whichever end has the relay, and none of direct pairs', () => {
    const meter = new RelayMeter();
    meter.read(
      link,
      report({ a: ['relay', 'host', 30, 12], b: ['host', 'relay', 5, 3], c: ['host', 'prflx', 900, 900] }),
    );
    expect(meter.bytes).toBe(50);
  });

  it('are each counted once, however often they are read', () => {
    const meter = new RelayMeter();
    for (const sent of [10, 10, 25]) meter.read(link, report({ a: ['relay', 'relay', sent, 1] }));
    expect(meter.bytes).toBe(26);
  });

  it('stay when their pair is gone from the statistics, as after an ICE restart, and others come on top', () => {
    const meter = new RelayMeter();
    meter.read(link, report({ a: ['relay', 'host', 100, 0] }));
    meter.read(link, report({ b: ['host', 'host', 7_000, 0] }));
    meter.read(link, report({ c: ['relay', 'host', 20, 0] }));
    expect(meter.bytes).toBe(120);
  });

  it('never fall: not where a pair counts anew, nor for one that has no numbers', () => {
    const meter = new RelayMeter();
    meter.read(link, report({ a: ['relay', 'host', 100, 0] }));
    meter.read(link, report({ a: ['relay', 'host', 3, 0], b: ['relay', 'host'] }));
    expect(meter.bytes).toBe(100);
    meter.read(link, report({ a: ['relay', 'host', 104, 0] }));
    expect(meter.bytes).toBe(104);
  });

  it('of a later connection come on top, though its pair has the same name', () => {
    const meter = new RelayMeter();
    for (const connection of [{}, {}]) meter.read(connection, report({ a: ['relay', 'host', 60, 0] }));
    expect(meter.bytes).toBe(120);
  });

  it('are those through the signaling server, too', () => {
    const meter = new RelayMeter();
    const id = 'signaling-relay';
    meter.read(link, new Map([[id, { id, type: id, bytesSent: 7, bytesReceived: 5 }]]) as unknown as RTCStatsReport);
    expect(meter.bytes).toBe(12);
  });

  it('are counted for each peer by itself', () => {
    const meters = new RelayMeters();
    meters.of('bar').read(link, report({ a: ['relay', 'host', 60, 0] }));
    expect([meters.of('bar').bytes, meters.of('till').bytes]).toEqual([60, 0]);
  });
});
