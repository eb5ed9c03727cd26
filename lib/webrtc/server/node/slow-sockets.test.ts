import { once } from 'node:events';
import { decodeForDevice, encodeSignaling } from '@innmesh/protocol';
import { describe, expect, it, vi } from 'vitest';
import {
  connectRaw,
  HOST,
  joinFrame,
  openSocket,
  rawFrame,
  startAttacked,
  upgradeRaw,
} from '../test-support/attacked-server.ts';
import { offerTo } from '../test-support/fake-device.ts';

const [TEXT, BINARY, PING] = [1, 2, 9] as const;
const kinds = (log: { kind: string }[]) => log.map(({ kind }) => kind);

describe('a connection is closed', () => {
  const http = { headersTimeoutMs: 100, requestTimeoutMs: 60_000 };

  it.each([
    ['says nothing at all', ''],
    ['does not finish its request', 'GET / HTTP/1.1\r\nHos'],
    ['does not finish its upgrade', 'GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'],
  ])('that %s', async (_, words) => {
    const { server, log } = await startAttacked({ limits: { http } });
    const client = await connectRaw(server, words);
    expect(await client.closed).toContain('408 Request Timeout');
    expect(kinds(log)).toEqual(['slow_request']);
  });

  it('that does not finish its body', async () => {
    const { server, log } = await startAttacked({
      limits: { http: { headersTimeoutMs: 100, requestTimeoutMs: 200 } },
      pages: (request) => void request.resume(),
    });
    const client = await connectRaw(server, `POST / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 10\r\n\r\nab`);
    expect(await client.closed).toContain('408 Request Timeout');
    expect(kinds(log)).toEqual(['slow_request']);
  });

  it('that goes on with a header every few milliseconds', async () => {
    const { server, log } = await startAttacked({ limits: { http } });
    const client = await connectRaw(server, 'GET / HTTP/1.1\r\n');
    const dribble = setInterval(() => client.socket.write('X: y\r\n'), 10);
    await client.closed;
    clearInterval(dribble);
    expect(kinds(log)).toEqual(['slow_request']);
  });

  it('that waits too long with its next request', async () => {
    const { server } = await startAttacked({ limits: { http: { keepAliveTimeoutMs: 50 } } });
    const client = await connectRaw(server, `GET /healthz HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
    expect(await client.closed).toContain('200 OK');
  });

  it('that does not read its page', async () => {
    const { server, log } = await startAttacked({
      limits: { http: { stalledTimeoutMs: 100 } },
      pages: (_, response) => void response.end(Buffer.alloc(64 * 1024 * 1024)),
    });
    const client = await connectRaw(server);
    client.socket.pause();
    client.socket.write(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
    await vi.waitFor(() => expect(kinds(log)).toEqual(['slow_reader']), 10_000);
  });
});

describe('a WebSocket that has not joined is closed', () => {
  it('though it dribbles its join frame one byte at a time, and though it never answers the closing', async () => {
    const { server, log } = await startAttacked({ joinTimeoutMs: 100, limits: { http: { closingTimeoutMs: 500 } } });
    const client = await upgradeRaw(server);
    const bytes = [...rawFrame(BINARY, new Uint8Array(200))];
    const dribble = setInterval(() => client.socket.write(Buffer.from(bytes.splice(0, 1))), 10);
    expect(await client.closed).toContain('No join within 100 ms.');
    clearInterval(dribble);
    expect([kinds(log), server.stats().sockets]).toEqual([['join_timeout'], 0]);
  });

  it('though it says nothing and never answers the closing', async () => {
    const { server } = await startAttacked({ joinTimeoutMs: 50, limits: { http: { closingTimeoutMs: 50 } } });
    const client = await upgradeRaw(server);
    expect(await client.closed).toContain('No join within 50 ms.');
  });

  it('that sends nothing but pings, and is not answered a hundred times', async () => {
    const { server, log } = await startAttacked({ limits: { http: { closingTimeoutMs: 50 } } });
    const client = await upgradeRaw(server);
    for (let pings = 0; pings < 100; pings++) client.socket.write(rawFrame(PING, Buffer.from('ping')));
    const heard = await client.closed;
    expect(heard.split('ping').length - 1).toBe(20);
    expect(kinds(log)).toEqual(['frames_before_join']);
  });

  it('that cuts one message into more fragments than anybody does', async () => {
    const { server, log } = await startAttacked({ limits: { http: { closingTimeoutMs: 50 } } });
    const client = await upgradeRaw(server);
    client.socket.write(Buffer.concat(Array.from({ length: 100 }, (_, index) => fragment(index === 0 ? BINARY : 0))));
    expect(await client.closed).toContain('A frame in too many pieces.');
    expect(kinds(log)).toEqual(['protocol_error']);
  });

  it('that sends one frame in more pieces than anybody does', async () => {
    const { server, log } = await startAttacked({ joinTimeoutMs: 60_000, limits: { http: { closingTimeoutMs: 50 } } });
    const client = await upgradeRaw(server);
    client.socket.setNoDelay();
    client.socket.write(rawFrame(BINARY, new Uint8Array(16_000)).subarray(0, 100));
    const dribble = setInterval(() => client.socket.write('x'), 1);
    expect(await client.closed).toContain('A frame in too many pieces.');
    clearInterval(dribble);
    expect(kinds(log)).toEqual(['protocol_error']);
  });

  it('that breaks the WebSocket protocol', async () => {
    const { server, log } = await startAttacked({ limits: { http: { closingTimeoutMs: 50 } } });
    const client = await upgradeRaw(server);
    client.socket.write(Buffer.from([0xff, 0xff, 0xff]));
    expect(await client.closed).toContain('A frame that breaks the WebSocket protocol');
    expect(kinds(log)).toEqual(['protocol_error']);
  });

  it('that sends text, though it never answers the closing', async () => {
    const { server, log } = await startAttacked({ limits: { http: { closingTimeoutMs: 50 } } });
    const client = await upgradeRaw(server);
    client.socket.write(rawFrame(TEXT, Buffer.from('hello')));
    expect(await client.closed).toContain('Expected binary frames, received text.');
    expect(kinds(log)).toEqual(['malformed_frame']);
  });
});

describe('a device that has joined', () => {
  it('and stops reading is cut, and the one that speaks to it goes on', async () => {
    const { server, log } = await startAttacked({
      maxBufferedBytes: 64 * 1024,
      limits: { device: { frames: { burst: 1e6, perSecond: 1 }, bytes: { burst: 1e9, perSecond: 1 } } },
    });
    const slow = await upgradeRaw(server);
    slow.socket.write(rawFrame(BINARY, joinFrame(HOST, await slow.challenge(), 'slow')));
    await vi.waitFor(() => expect(server.stats().devices).toBe(1));
    slow.socket.pause();
    const { websocket: quick, join, welcomed } = openSocket(server);
    await join('quick');
    expect(await welcomed).toBe('welcome');
    const flood = encodeSignaling(offerTo(0, 'x'.repeat(16_000)));
    const sending = setInterval(() => {
      for (let frames = 0; frames < 100; frames++) quick.send(flood);
    }, 5);
    const [news] = await once(quick, 'message');
    clearInterval(sending);
    expect(decodeForDevice(new Uint8Array(news))).toEqual({ type: 'left', slot: 0 });
    expect([kinds(log), quick.readyState]).toEqual([['slow_reader'], quick.OPEN]);
  });

  it('is answered when it pings', async () => {
    const { server } = await startAttacked();
    const { websocket } = openSocket(server);
    await once(websocket, 'open');
    websocket.ping('hello');
    expect(String((await once(websocket, 'pong'))[0])).toBe('hello');
  });
});

/** An empty piece of a message that does not end. */
function fragment(opcode: number): Buffer {
  return Buffer.from([opcode, 0x80, 0, 0, 0, 0]);
}
