import { ManualClock, seededRandom } from '@innmesh/kit';
import type { NetworkTopology } from '@innmesh/webrtc';
import { describe, expect, it } from 'vitest';
import { ConnectionMonitor } from './connection-monitor.ts';
import { connectionStatus } from './connection-status.ts';
import { FakeRoom } from './fake-room.ts';
import { keepConnecting } from './keep-connecting.ts';

const local: NetworkTopology = {
  peerId: 'a',
  topology: 'local-p2p',
  path: 'host',
  latency: 3,
  jitter: 1,
  estimatedCost: 0,
  bytesSent: 0,
  bytesReceived: 0,
  reason: '',
};
const relayed: NetworkTopology = { ...local, topology: 'cloud-relay', latency: 80, estimatedCost: 0.25, reason: 'Why' };
const joined = { kind: 'joined' } as const;
const lost = { kind: 'lost', reason: 'Gone' } as const;

describe('the connection', () => {
  it('is what its worst link is, with the cost of all', () => {
    const status = connectionStatus(joined, 2, [local, relayed]);
    expect(status).toMatchObject({ kind: 'cloud-relay', latencyMs: 80, costUsd: 0.25, links: 2, reason: 'Why' });
  });

  it('stands without the server, and says that the server is lost', () => {
    expect(connectionStatus(lost, 1, [local])).toMatchObject({ kind: 'local-p2p', latencyMs: 3, serverLost: true });
  });

  it('without links is what the server and the room are', () => {
    expect(connectionStatus({ kind: 'connecting' }, 0, [])).toEqual({ kind: 'connecting' });
    expect(connectionStatus(lost, 1, [])).toEqual({ kind: 'no-server', reason: 'Gone' });
    expect(connectionStatus({ kind: 'refused', reason: 'Who?' }, 1, [])).toEqual({ kind: 'refused', reason: 'Who?' });
    expect(connectionStatus(joined, 0, [])).toEqual({ kind: 'waiting' });
    expect(connectionStatus(joined, 1, [{ ...local, topology: 'unknown' }])).toEqual({ kind: 'linking' });
  });
});

it('a monitor follows a device from nobody to linked and back', async () => {
  const room = new FakeRoom();
  const device = (type: 'guest' | 'kitchen-display') => {
    const deviceInfo = { type, name: type, capabilities: [] };
    return room.createConnection({ tenantId: 'demo-hotel', signalingServers: [], deviceInfo });
  };
  const [guest, kitchen] = [device('guest'), device('kitchen-display')];
  const monitor = new ConnectionMonitor(guest, {
    isRelevant: ({ deviceInfo }) => deviceInfo.type === 'kitchen-display',
    clock: new ManualClock(),
  });
  const seen: string[] = [];
  monitor.onChange(() => seen.push(monitor.status.kind));
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  for (const step of [() => guest.connect(), () => kitchen.connect(), async () => kitchen.disconnect()]) {
    await step();
    await settled();
  }
  expect(seen.filter((kind, index) => kind !== seen[index - 1])).toEqual(['waiting', 'local-p2p', 'waiting']);
});

it('connecting goes on until it succeeds, and not after', async () => {
  const clock = new ManualClock();
  const failures: string[] = [];
  let attempts = 0;
  const connect = async () => {
    if (++attempts < 3) throw new Error(`Attempt ${attempts}`);
  };
  keepConnecting(connect, ({ message }) => failures.push(message), { clock, random: seededRandom(1) });
  for (let round = 0; round < 5; round++) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(10_000);
  }
  expect(attempts).toBe(3);
  expect(failures).toEqual(['Attempt 1', 'Attempt 2']);
});
