import type { P2PConnection } from '@innmesh/webrtc';
import { createSignalingServer, type SignalingServer } from '@innmesh/webrtc/signaling-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { babblingServer, silentServer, slowServer, turncoat } from '../support/bad-servers.ts';
import { createDevice, nextEvent, until } from '../support/devices.ts';

/** The server that counts as the cloud's: its address is this machine's, and none of those that are known as local. */
let cloud: SignalingServer;
let cloudUrl: string;
const servers = new Set<SignalingServer>();
const devices: P2PConnection[] = [];

beforeEach(async () => {
  cloud = await startServer();
  cloudUrl = cloud.url.replace('127.0.0.1', '0.0.0.0');
});

afterEach(async () => {
  for (const device of devices.splice(0)) device.disconnect();
  await Promise.all([...servers].map((server) => server.close()));
  servers.clear();
});

async function startServer(port = 0): Promise<SignalingServer> {
  const server = await createSignalingServer({ port, host: '127.0.0.1' });
  servers.add(server);
  return server;
}

async function stopServer(server: SignalingServer): Promise<void> {
  servers.delete(server);
  await server.close();
}

/** A port at which nobody listens yet. */
async function freePort(): Promise<number> {
  const server = await startServer();
  await stopServer(server);
  return server.port;
}

type Event = 'reconnecting' | 'peers-discovered' | 'disconnected' | 'peer-left' | 'error';

/** A device, and which of these events it was told of. */
function device(...signalingServers: string[]): { connection: P2PConnection; told: Event[] } {
  const connection = createDevice(cloudUrl, { signalingServers });
  const told: Event[] = [];
  for (const event of ['reconnecting', 'peers-discovered', 'disconnected', 'peer-left', 'error'] as const) {
    connection.on(event, () => told.push(event));
  }
  devices.push(connection);
  return { connection, told };
}

async function linkedPair(...signalingServers: string[]) {
  const [desk, kitchen] = [device(...signalingServers), device(...signalingServers)];
  await desk.connection.connect();
  const linked = nextEvent(desk.connection, 'connected');
  await kitchen.connection.connect();
  await linked;
  return { desk, kitchen };
}

describe('a local server and one in the cloud', () => {
  it('the local one is taken, whatever the order in which they are named', async () => {
    const local = await startServer();
    await device(cloudUrl, local.url).connection.connect();
    expect([local.stats().devices, cloud.stats().sockets]).toEqual([1, 0]);
  });

  it('devices move to the local one when it appears: links stand, messages cross, and nobody was without a server', async () => {
    const port = await freePort();
    const { desk, kitchen } = await linkedPair(cloudUrl, `ws://127.0.0.1:${port}`);
    expect(cloud.stats().devices).toBe(2);
    const local = await startServer(port);
    await until(() => local.stats().devices === 2 && cloud.stats().devices === 0, 'both to move');
    await desk.connection.send({ type: 'x-after', data: 1 }, kitchen.connection.peerId).delivered;
    const newcomer = device(`ws://127.0.0.1:${port}`);
    await newcomer.connection.connect();
    await newcomer.connection.send({ type: 'x-hello', data: 2 }, desk.connection.peerId).delivered;
    for (const { told } of [desk, kitchen]) expect(told.filter((event) => event !== 'peers-discovered')).toEqual([]);
  });

  it('when the local one goes, devices go on with the cloud’s, and links stand meanwhile', async () => {
    const local = await startServer();
    const { desk, kitchen } = await linkedPair(cloudUrl, local.url);
    await stopServer(local);
    await until(() => cloud.stats().devices === 2, 'both to come to the cloud');
    await desk.connection.send({ type: 'x-after', data: 1 }, kitchen.connection.peerId).delivered;
    for (const { told } of [desk, kitchen]) {
      expect(told.filter((event) => event === 'reconnecting')).toEqual(['reconnecting']);
      expect(told).not.toContain('disconnected');
      expect(told).not.toContain('peer-left');
      expect(told.at(-1), 'that there is one again').toBe('peers-discovered');
    }
  });

  it('without either, links and messages go on, and whoever is back first is met', async () => {
    const local = await startServer();
    const { desk, kitchen } = await linkedPair(cloudUrl, local.url);
    await Promise.all([stopServer(local), stopServer(cloud)]);
    await until(() => desk.told.includes('error') && kitchen.told.includes('error'), 'a try that fails');
    const note = desk.connection.send({ type: 'x-meanwhile', data: 1 }, kitchen.connection.peerId);
    await note.delivered;
    const back = await startServer(local.port);
    await until(() => back.stats().devices === 2, 'both to come back');
    expect(desk.told.filter((event) => event === 'reconnecting' || event === 'disconnected')).toEqual(['reconnecting']);
  });

  it('of which the local one goes in the moment of the move, the device is with the cloud’s in the end', async () => {
    const port = await freePort();
    const { connection } = device(cloudUrl, `ws://127.0.0.1:${port}`);
    await connection.connect();
    const moved = nextEvent(connection, 'peers-discovered');
    const local = await startServer(port);
    await moved;
    await stopServer(local);
    await until(() => cloud.stats().devices === 1, 'the device to be with the cloud again');
  });
});

describe('one server under two names', () => {
  it('keeps the device under the better one, and it is told of no loss', async () => {
    const slow = await slowServer(cloud.port, 700);
    const { connection, told } = device(slow, cloudUrl);
    await connection.connect();
    const moved = nextEvent(connection, 'peers-discovered');
    await moved;
    expect(cloud.stats().devices).toBe(1);
    expect(told.filter((event) => event !== 'peers-discovered')).toEqual([]);
  });
});

describe('a server that', () => {
  it.each<[what: string, start: () => Promise<string>, reason: RegExp]>([
    ['accepts and never answers', silentServer, /no word from it for 5000 ms/],
    ['speaks no WebSocket', () => babblingServer((socket) => socket.terminate()), /nothing answers there|broke/],
    [
      'answers with text',
      () => babblingServer((socket) => socket.send('hello')),
      /broke the protocol: Expected binary/,
    ],
    [
      'answers with rubbish',
      () => babblingServer((socket) => socket.send(Uint8Array.of(250, 1))),
      /broke the protocol/,
    ],
    [
      'answers with too much',
      () => babblingServer((socket) => socket.send(new Uint8Array(5_000_000))),
      /broke the protocol/,
    ],
  ])('%s is named with what it did, and costs nobody anything where there is another', async (_, start, reason) => {
    const bad = await start();
    await expect(device(bad).connection.connect()).rejects.toMatchObject({
      code: 'SIGNALING_UNREACHABLE',
      attempts: [{ url: bad, reason: expect.stringMatching(reason) }],
    });
    const { connection, told } = device(bad, cloudUrl);
    await connection.connect();
    expect([cloud.stats().devices, told]).toEqual([1, ['peers-discovered']]);
  });

  it('answers slowly is waited for where there is no other', async () => {
    const slow = await slowServer(cloud.port, 2_000);
    await device(slow).connection.connect();
    expect(cloud.stats().devices).toBe(1);
  });

  it('lets devices in and then speaks rubbish is told of, and left for the next', async () => {
    const bad = await babblingServer(turncoat);
    const { desk, kitchen } = await linkedPair(cloudUrl);
    const guest = device(bad, cloudUrl);
    const failed = nextEvent(guest.connection, 'error');
    await guest.connection.connect();
    expect((await failed)[0]).toMatchObject({ code: 'SIGNALING_LOST', message: expect.stringContaining(bad) });
    await until(() => guest.connection.getPeers().length === 2, 'the device to come to the other');
    await guest.connection.send({ type: 'x-hello', data: 1 }, desk.connection.peerId).delivered;
    await desk.connection.send({ type: 'x-on', data: 2 }, kitchen.connection.peerId).delivered;
    expect(guest.told.filter((event) => event === 'reconnecting')).toEqual(['reconnecting']);
  });
});
