import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { closeCodes, decodeForDevice, encodeSignaling, limits, SIGNALING_SUBPROTOCOL } from '@innmesh/protocol';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import {
  createSignalingServer,
  ListenError,
  type SignalingServer,
  type SignalingServerOptions,
} from '../../signaling-server.ts';
import { joinMessage } from '../test-support/device-keys.ts';

const HOST = '127.0.0.1';
const running: SignalingServer[] = [];
const closeServer = (server: SignalingServer) => {
  running.splice(running.indexOf(server), 1);
  return server.close();
};

async function start(options: SignalingServerOptions = {}): Promise<SignalingServer> {
  const server = await createSignalingServer({ port: 0, host: HOST, ...options });
  running.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all([...running].map(closeServer));
});

interface Ending {
  code: number;
  reason: string;
}

function open(server: SignalingServer, subprotocols: string[] = [SIGNALING_SUBPROTOCOL], options?: ClientOptions) {
  const websocket = new WebSocket(server.url, subprotocols, options);
  websocket.on('error', () => {});
  const ended = once(websocket, 'close').then(([code, reason]): Ending => ({ code, reason: String(reason) }));
  return { websocket, opened: once(websocket, 'open'), ended };
}

/** Answers the challenge; resolves with what comes of it. */
async function join({ websocket }: { websocket: WebSocket }, server: SignalingServer) {
  const [challenge] = await once(websocket, 'message');
  const message = decodeForDevice(new Uint8Array(challenge));
  if (message.type !== 'challenge') throw new Error(`The server began with ${message.type}.`);
  websocket.send(encodeSignaling(joinMessage(message.nonce, { host: `${HOST}:${server.port}` })));
  const [answer] = await once(websocket, 'message');
  return decodeForDevice(new Uint8Array(answer));
}

/** A client that does the upgrade by hand and never speaks again, not even to say goodbye. */
async function openMute(server: SignalingServer): Promise<Socket> {
  const socket = connect(server.port, HOST);
  await once(socket, 'connect');
  socket.write(
    `GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: ${SIGNALING_SUBPROTOCOL}\r\n\r\n`,
  );
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toContain('101 Switching Protocols');
  return socket;
}

/** Resolves when the port can be listened on again, rejects when it is taken. */
async function takePort(port: number): Promise<void> {
  const server = createServer().listen(port, HOST);
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}

describe('a device', () => {
  it('that joins is welcomed', async () => {
    const server = await start();
    const client = open(server);
    expect(await join(client, server)).toMatchObject({ type: 'welcome', slot: 0, roster: [] });
    client.websocket.close();
  });

  it('joins at any path', async () => {
    const server = await start();
    const websocket = new WebSocket(`${server.url}/some/where?x=1`, SIGNALING_SUBPROTOCOL);
    await once(websocket, 'open');
    websocket.close();
  });

  it.each([
    ['another version', ['innmesh.999']],
    ['another protocol', ['mqtt', 'chat']],
    ['no subprotocol', []],
    ['a name too long for a reason', ['x'.repeat(500)]],
  ])('that speaks %s is told so with 4406 [W7]', async (_, subprotocols) => {
    const { code, reason } = await open(await start(), subprotocols).ended;
    const offered = (subprotocols[0] ?? 'none').slice(0, 30);
    expect(code).toBe(closeCodes.unsupportedVersion);
    expect(reason).toContain(`This server speaks ${SIGNALING_SUBPROTOCOL}; subprotocol offered: ${offered}`);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  });

  it('that offers several is answered in ours', async () => {
    const { websocket, opened } = open(await start(), ['innmesh.999', SIGNALING_SUBPROTOCOL]);
    await opened;
    expect(websocket.protocol).toBe(SIGNALING_SUBPROTOCOL);
    websocket.close();
  });

  it.each([17 * 1024, 5_000_000])(
    'that sends a frame of %d bytes is closed with 1009 and told the limit [W4]',
    async (size) => {
      const server = await start();
      const { websocket, opened, ended } = open(server);
      await opened;
      websocket.send(new Uint8Array(size));
      expect(await ended).toEqual({
        code: 1009,
        reason: `A frame over the limit of ${limits.signalingFrameBytes} bytes.`,
      });
      await vi.waitFor(() => expect(server.stats().sockets).toBe(0));
    },
  );

  it('that sends text is closed with 4400', async () => {
    const { websocket, opened, ended } = open(await start());
    await opened;
    websocket.send('hello');
    expect(await ended).toEqual({ code: closeCodes.malformedFrame, reason: 'Expected binary frames, received text.' });
  });

  it('may send a frame of exactly the limit', async () => {
    const { websocket, opened, ended } = open(await start());
    await opened;
    websocket.send(new Uint8Array(limits.signalingFrameBytes));
    expect(await ended).toMatchObject({ code: closeCodes.malformedFrame });
  });
});

describe('over HTTP', () => {
  it('/healthz says that the server is well, and what it holds', async () => {
    const server = await start();
    const client = open(server);
    await join(client, server);
    const response = await fetch(`http://${HOST}:${server.port}/healthz`);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(await response.json()).toEqual({ status: 'ok', rooms: 1, devices: 1, sockets: 1 });
    client.websocket.close();
  });

  it('/ says what this is, and anything else is not found', async () => {
    const server = await start();
    const root = await fetch(`http://${HOST}:${server.port}/`);
    expect([root.status, await root.text()]).toEqual([200, expect.stringContaining('Innmesh signaling server')]);
    expect((await fetch(`http://${HOST}:${server.port}/admin`)).status).toBe(404);
  });
});

describe('a server that cannot have its port', () => {
  it('says so, and what to do', async () => {
    const { port } = await start();
    const attempt = createSignalingServer({ port, host: HOST });
    await expect(attempt).rejects.toThrow(ListenError);
    await expect(attempt).rejects.toThrow(
      `Port ${port} is taken by another program. Stop it, or choose another port: PORT=${port + 1}.`,
    );
  });
});

describe('close()', () => {
  it('tells the devices with 1001 and frees the port', async () => {
    const server = await start();
    const { opened, ended } = open(server);
    await opened;
    await closeServer(server);
    expect(await ended).toEqual({ code: closeCodes.goingAway, reason: 'The server stops.' });
    await takePort(server.port);
  });

  it('frees the port although a client never answers, and another has sent no request at all', async () => {
    const server = await start();
    const mute = await openMute(server);
    const idle = connect(server.port, HOST);
    await once(idle, 'connect');
    for (const socket of [mute, idle]) socket.on('error', () => {});
    await closeServer(server);
    await takePort(server.port);
    for (const socket of [mute, idle]) socket.destroy();
  });
});
