import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { encodeSignaling } from '@innmesh/protocol';
import {
  ConfigurationError,
  InvalidMessageError,
  NotConnectedError,
  type P2PConnection,
  SignalingLostError,
  SignalingUnreachableError,
  UnknownPeerError,
} from '@innmesh/webrtc';
import { createSignalingServer, type SignalingServer } from '@innmesh/webrtc/signaling-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { createDevice, nextEvent, until } from '../support/devices.ts';

let server: SignalingServer;
const devices: P2PConnection[] = [];

beforeEach(async () => {
  server = await createSignalingServer({ port: 0, host: '127.0.0.1' });
});

afterEach(async () => {
  for (const device of devices.splice(0)) device.disconnect();
  await server.close();
});

function device(...config: [Parameters<typeof createDevice>[1]?]): P2PConnection {
  const created = createDevice(server.url, ...config);
  devices.push(created);
  return created;
}

describe('connect()', () => {
  it('while connecting or connected is the same connection', async () => {
    const desk = device();
    const [first, second] = [desk.connect(), desk.connect()];
    expect(first).toBe(second);
    await first;
    await desk.connect();
    expect(server.stats().devices).toBe(1);
  });

  it('tells who is in the room before it resolves', async () => {
    const [desk, kitchen] = [device(), device()];
    await desk.connect();
    const discovered: string[][] = [];
    kitchen.on('peers-discovered', (peers) => discovered.push(peers.map(({ peerId }) => peerId)));
    await kitchen.connect();
    expect(discovered).toEqual([[desk.peerId]]);
    expect(kitchen.getPeers()).toMatchObject([{ peerId: desk.peerId, deviceInfo: { name: 'Front Desk iPad' } }]);
  });

  it('names each server that it tried, and why each failed', async () => {
    const servers = ['ws://127.0.0.1:1', 'ws://127.0.0.1:2'];
    const desk = device({ signalingServers: servers });
    const error = await desk.connect().catch((failure) => failure);
    expect(error).toBeInstanceOf(SignalingUnreachableError);
    expect(error.attempts.map(({ url }: { url: string }) => url)).toEqual(servers);
    expect(error.message).toContain('ws://127.0.0.1:1 (nothing answers there');
    expect(error.shouldRetry()).toBe(true);
  });

  it('gives up a server that accepts and never answers, and takes the next', async () => {
    const silent: Server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as AddressInfo;
    const desk = device({ signalingServers: [`ws://127.0.0.1:${port}`, server.url] });
    await desk.connect();
    expect(server.stats().devices).toBe(1);
    silent.close();
  });

  it('gives up a server that talks and never lets the device in', async () => {
    const chatter = encodeSignaling({ type: 'candidate', peer: 1, attempt: 1, candidate: 'x', mid: '0' });
    const chatty = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    chatty.on('connection', (socket) => {
      const timer = setInterval(() => socket.send(chatter), 500);
      socket.on('close', () => clearInterval(timer));
    });
    await new Promise((resolve) => chatty.once('listening', resolve));
    const { port } = chatty.address() as AddressInfo;
    const desk = device({ signalingServers: [`ws://127.0.0.1:${port}`] });
    await expect(desk.connect()).rejects.toThrow(SignalingUnreachableError);
    chatty.close();
  });

  it('does not go on by itself after a first failure', async () => {
    const desk = device({ signalingServers: ['ws://127.0.0.1:1'], reconnectInterval: 10 });
    let reconnecting = 0;
    desk.on('reconnecting', () => {
      reconnecting += 1;
    });
    await expect(desk.connect()).rejects.toThrow(SignalingUnreachableError);
    expect(reconnecting).toBe(0);
    expect(desk.getPeers()).toEqual([]);
  });

  it('rejects when disconnect() comes first, and works again afterwards', async () => {
    const desk = device();
    const connecting = desk.connect();
    desk.disconnect();
    await expect(connecting).rejects.toThrow(NotConnectedError);
    await desk.connect();
    expect(server.stats().devices).toBe(1);
  });
});

describe('disconnect()', () => {
  it('twice, or without a connection, does nothing', async () => {
    const desk = device();
    desk.disconnect();
    await desk.connect();
    desk.disconnect();
    desk.disconnect();
    await until(() => server.stats().devices === 0, 'the device to leave');
  });

  it('is seen at once on the other side, and a return too', async () => {
    const [desk, kitchen] = [device(), device()];
    await desk.connect();
    const linked = [nextEvent(kitchen, 'connected'), nextEvent(desk, 'connected')];
    await kitchen.connect();
    await Promise.all(linked);
    const [gone, left] = [nextEvent(kitchen, 'disconnected'), nextEvent(kitchen, 'peer-left')];
    const disconnected = nextEvent(desk, 'disconnected');
    desk.disconnect();
    expect(await disconnected).toEqual([kitchen.peerId]);
    expect(desk.getPeers()).toEqual([]);
    expect([await gone, await left]).toEqual([[desk.peerId], [desk.peerId]]);
    const back = [nextEvent(kitchen, 'peer-joined'), nextEvent(kitchen, 'connected')] as const;
    await desk.connect();
    expect((await back[0])[0].peerId).toBe(desk.peerId);
    expect((await back[1])[0]).toMatchObject({ peerId: desk.peerId, status: 'connected' });
    const received = nextEvent(kitchen, 'message');
    desk.send({ type: 'x-again', data: 'here' });
    expect((await received)[0]).toEqual({ type: 'x-again', data: 'here' });
  });

  it('leaves the device the same, whoever of its name has gone meanwhile', async () => {
    const [desk, bar] = [device(), device()];
    await desk.connect();
    await bar.connect();
    const { peerId } = bar;
    for (const each of [desk, bar]) each.disconnect();
    await until(() => server.stats().devices === 0, 'the devices to leave');
    await bar.connect();
    expect(bar.peerId).toBe(peerId);
  });

  it('keeps what no device has taken, and it goes on its way with the next connect()', async () => {
    const [desk, kitchen] = [device(), device()];
    await desk.connect();
    const [note, sync] = [desk.send({ type: 'x-note', data: 1 }), desk.send({ type: 'ping' })];
    desk.disconnect();
    await expect(sync.delivered).rejects.toMatchObject({ code: 'NOT_DELIVERED', reason: 'disconnected' });
    expect([note.status, desk.pending()]).toEqual(['pending', []]);
    await until(() => server.stats().devices === 0, 'the device to leave');
    await desk.connect();
    expect(desk.pending()).toMatchObject([{ id: note.id, type: 'x-note' }]);
    const received = nextEvent(kitchen, 'message');
    await kitchen.connect();
    expect(await received).toEqual([
      { type: 'x-note', data: 1 },
      desk.peerId,
      expect.objectContaining({ id: note.id }),
    ]);
    await note.delivered;
    expect(desk.pending()).toEqual([]);
  });
});

describe('a message', () => {
  const identity = 'the till';
  /** As the device's next process has it, on the disk of this machine. */
  function process(): P2PConnection {
    const created = createDevice(server.url, { identity }, {});
    devices.push(created);
    return created;
  }

  it('that is stored outlives the process that sent it, and is handed over once', async () => {
    const before = process();
    await before.connect();
    const { id, stored } = before.send({ type: 'x-note', data: 1 });
    await stored;
    before.disconnect();
    await until(() => server.stats().devices === 0, 'the device to leave');
    const after = process();
    await after.connect();
    expect([after.peerId, after.pending()]).toEqual([before.peerId, [expect.objectContaining({ id })]]);
    const kitchen = device();
    const received: unknown[] = [];
    kitchen.on('message', (message, _, { id }) => received.push([message, id]));
    await kitchen.connect();
    await until(() => after.pending().length === 0, 'it to arrive');
    await after.send({ type: 'x-last', data: 2 }).delivered;
    expect(received[0]).toEqual([{ type: 'x-note', data: 1 }, id]);
    expect(received).toHaveLength(2);
  });
});

describe('send()', () => {
  it('before connect() throws', () => {
    expect(() => device().send({ type: 'ping' })).toThrow(NotConnectedError);
  });

  it('of an invalid message throws with the path of the wrong field, and sends nothing', async () => {
    const [desk, kitchen] = [device(), device()];
    await desk.connect();
    const linked = nextEvent(desk, 'connected');
    await kitchen.connect();
    await linked;
    const received: string[] = [];
    kitchen.on('message', ({ type }) => received.push(type));
    const order = {
      orderId: 'o',
      tableId: 5,
      items: [{ itemId: 'b', name: 'B', quantity: 0 }],
      total: 1,
      status: 'pending',
    };
    const send = () => desk.send({ type: 'order', order } as never);
    expect(send).toThrow(InvalidMessageError);
    expect(send).toThrow(expect.objectContaining({ path: 'order.items[0].quantity' }));
    await desk.send({ type: 'x-last', data: null }).delivered;
    expect(received).toEqual(['x-last']);
  });

  it('to a device that was never here throws', async () => {
    const desk = device();
    await desk.connect();
    expect(() => desk.send({ type: 'ping' }, 'nobody')).toThrow(UnknownPeerError);
  });
});

describe('the signaling server', () => {
  it('may be restarted: links stand, messages cross, and everyone comes back', async () => {
    const [desk, kitchen] = [device(), device()];
    await desk.connect();
    const linked = nextEvent(desk, 'connected');
    await kitchen.connect();
    await linked;
    const disconnected: string[] = [];
    desk.on('disconnected', (peerId) => disconnected.push(peerId));
    const reconnecting = [nextEvent(desk, 'reconnecting'), nextEvent(kitchen, 'reconnecting')];
    const { port } = server;
    await server.close();
    await Promise.all(reconnecting);
    await desk.send({ type: 'x-meanwhile', data: 1 }, kitchen.peerId).delivered;
    const discovered = nextEvent(desk, 'peers-discovered');
    server = await createSignalingServer({ port, host: '127.0.0.1' });
    await discovered;
    await until(() => server.stats().devices === 2, 'both to be back');
    await desk.send({ type: 'x-after', data: 2 }, kitchen.peerId).delivered;
    expect(disconnected).toEqual([]);
  });

  it('is not looked for when autoReconnect is off: an error says so', async () => {
    const desk = device({ autoReconnect: false });
    await desk.connect();
    const failed = nextEvent(desk, 'error');
    await server.close();
    expect((await failed)[0]).toBeInstanceOf(SignalingLostError);
  });
});

describe('the configuration', () => {
  it.each([
    ['signalingServers', { signalingServers: [] }],
    ['signalingServers[0]', { signalingServers: ['http://signaling.local'] }],
    ['tenantId', { tenantId: '' }],
    ['deviceInfo.type', { deviceInfo: { type: 'toaster', name: 'T', capabilities: [] } }],
    ['iceServers[0].urls', { iceServers: [{ urls: 'stun.l.google.com' }] }],
    ['keepaliveInterval', { keepaliveInterval: 0 }],
  ])('is refused with the path %s', (path, config) => {
    expect(() => device(config as never)).toThrow(ConfigurationError);
    expect(() => device(config as never)).toThrow(expect.objectContaining({ path }));
  });
});

describe('an event handler that throws', () => {
  it('becomes an error event and keeps no other handler from being called', async () => {
    const [desk, kitchen] = [device(), device()];
    kitchen.on('message', () => {
      throw new Error('the display is broken');
    });
    const [failed, received] = [nextEvent(kitchen, 'error'), nextEvent(kitchen, 'message')];
    await desk.connect();
    await kitchen.connect();
    desk.send({ type: 'x-note', data: 1 });
    expect((await failed)[0]).toMatchObject({
      code: 'HANDLER_FAILED',
      message: expect.stringContaining('display is broken'),
    });
    await received;
  });

  it('is called again with the message until it takes it, and each failure is told of', async () => {
    const [desk, kitchen] = [device(), device()];
    const [failures, taken]: [unknown[], unknown[]] = [[], []];
    kitchen.on('error', (error) => failures.push((error as { code?: string }).code));
    kitchen.on('message', async ({ type }) => {
      if (type === 'x-note' && failures.length < 2) throw new Error('the display is broken');
      taken.push(`display ${type}`);
    });
    kitchen.on('message', ({ type }) => taken.push(`log ${type}`));
    await desk.connect();
    await kitchen.connect();
    desk.send({ type: 'x-note', data: 1 });
    desk.send({ type: 'x-other', data: 2 });
    await until(() => taken.includes('display x-note'), 'the message to be taken');
    expect(failures).toEqual(['HANDLER_FAILED', 'HANDLER_FAILED']);
    expect(
      taken.filter((each) => each === 'log x-note'),
      'by whoever has taken it, once',
    ).toHaveLength(1);
    expect(taken.indexOf('display x-other'), 'other types go on').toBeLessThan(taken.indexOf('display x-note'));
  });
});
