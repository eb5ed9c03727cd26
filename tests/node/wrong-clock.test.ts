import { systemClock } from '@innmesh/kit';
import type { LinkError, P2PConnection } from '@innmesh/webrtc';
import { createSignalingServer, type SignalingServer } from '@innmesh/webrtc/signaling-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { device as thisDevice } from '../../lib/webrtc/client/identity/device.node.ts';
import { MemoryStore } from '../../lib/webrtc/client/journal/store/memory-store.ts';
import { createDevice, nextEvent, until } from '../support/devices.ts';

const HOUR_MS = 3_600_000;

let server: SignalingServer;
const devices: P2PConnection[] = [];

beforeEach(async () => {
  server = await createSignalingServer({ port: 0, host: '127.0.0.1' });
});

afterEach(async () => {
  for (const device of devices.splice(0)) device.disconnect();
  await server.close();
});

/** `offMs`: how far its clock is ahead. */
function device(offMs = 0): P2PConnection {
  const created = createDevice(
    server.url,
    {},
    {
      device: { ...thisDevice, journalStore: () => new MemoryStore() },
      clock: { ...systemClock, nowMs: () => Date.now() + offMs },
    },
  );
  devices.push(created);
  return created;
}

async function linkedPair(): Promise<[P2PConnection, P2PConnection]> {
  const pair: [P2PConnection, P2PConnection] = [device(), device()];
  await pair[0].connect();
  const linked = nextEvent(pair[0], 'connected');
  await pair[1].connect();
  await linked;
  return pair;
}

describe('a clock that is an hour', () => {
  it('ahead does no harm: credentials last longer', async () => {
    const [desk] = await linkedPair();
    const fast = device(HOUR_MS);
    await fast.connect();
    await fast.send({ type: 'x-hello', data: 1 }, desk.peerId).delivered;
    await desk.send({ type: 'x-hello', data: 2 }, fast.peerId).delivered;
  });

  it('behind is named as the reason why its device links to nobody, and the others go on', async () => {
    const [desk, kitchen] = await linkedPair();
    const slow = device(-HOUR_MS);
    const errors: Error[] = [];
    slow.on('error', (error) => errors.push(error));
    const known = nextEvent(slow, 'peers-discovered');
    await slow.connect();
    expect((await known)[0]).toHaveLength(2);
    await until(() => errors.length >= 2, 'both links to fail');
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'LINK_FAILED', message: expect.stringContaining('a clock is wrong') });
      expect((error as LinkError).cause).toMatchObject({ code: 'CREDENTIAL_REFUSED', problem: 'not-yet-valid' });
    }
    await desk.send({ type: 'x-on', data: 1 }, kitchen.peerId).delivered;
  });
});
