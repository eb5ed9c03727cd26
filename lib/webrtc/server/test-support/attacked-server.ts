import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { decodeForDevice, encodeSignaling, SIGNALING_SUBPROTOCOL } from '@innmesh/protocol';
import { onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import type { LogEntry } from '../log/log-entry.ts';
import { type AssemblyOptions, assemble } from '../node/assemble.ts';
import type { SignalingStats } from '../signaling-core.ts';
import { joinMessage } from './device-keys.ts';

export const HOST = '127.0.0.1';

interface RunningServer {
  port: number;
  url: string;
  stats(): SignalingStats;
  /** Cuts whatever is connected. */
  close(): Promise<void>;
}

async function start(options: AssemblyOptions): Promise<RunningServer> {
  const { http, core, stop } = assemble(options);
  http.listen(0, HOST);
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const sockets = new Set<Socket>();
  http.on('connection', (socket) => sockets.add(socket));
  const close = async () => {
    if (!http.listening) return;
    const closed = once(http, 'close');
    core.stop();
    http.close();
    for (const socket of sockets) socket.destroy();
    await closed;
    stop();
  };
  return { port, url: `ws://${HOST}:${port}`, stats: () => core.stats(), close };
}

/** A server on a real port that ends with the test, and what it logged. */
export interface AttackedServer {
  server: RunningServer;
  log: LogEntry[];
  lines: string[];
  /** The value of a series of `/metrics`. */
  metric(series: string): Promise<number>;
}

export async function startAttacked(options: AssemblyOptions = {}): Promise<AttackedServer> {
  const log: LogEntry[] = [];
  const lines: string[] = [];
  const note = (line: string, entry: LogEntry) => {
    lines.push(line);
    log.push(entry);
  };
  const server = await start({ log: note, ...options });
  onTestFinished(() => server.close());
  const metric = async (series: string) => {
    const text = await (await fetch(`http://${HOST}:${server.port}/metrics`)).text();
    const line = text.split('\n').find((each) => each.startsWith(`${series} `));
    return Number(line?.slice(series.length));
  };
  return { server, log, lines, metric };
}

/** A TCP connection that says what it is told, and nothing by itself. */
export interface RawClient {
  socket: Socket;
  /** All that the server said before it closed the connection. */
  closed: Promise<string>;
  /** Resolves once the server has said it. */
  heard(text: string): Promise<void>;
  /** What the server sent first on its WebSocket, to be signed. */
  challenge(): Promise<Nonce>;
}

type Nonce = Uint8Array<ArrayBuffer>;

/** A challenge is 18 bytes, in a frame with a header of 2 (RFC 6455 §5.2). */
const CHALLENGE_FRAME_BYTES = 20;

export async function connectRaw({ port }: RunningServer, firstWords = ''): Promise<RawClient> {
  const socket = connect(port, HOST);
  socket.on('error', () => {});
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  onTestFinished(() => void socket.destroy());
  // Not `once`, which rejects where a write meets a connection that the server has cut: that is one way to be closed.
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(text)));
  await once(socket, 'connect');
  if (firstWords) socket.write(firstWords);
  const heard = async (wanted: string) => {
    while (!text.includes(wanted)) await once(socket, 'data');
  };
  const frames = () => Buffer.from(text.slice(text.indexOf('\r\n\r\n') + 4), 'latin1');
  const challenge = async () => {
    while (frames().length < CHALLENGE_FRAME_BYTES) await once(socket, 'data');
    return nonceOf(frames().subarray(2, CHALLENGE_FRAME_BYTES));
  };
  return { socket, closed, heard, challenge };
}

function nonceOf(frame: Uint8Array): Nonce {
  const message = decodeForDevice(new Uint8Array(frame));
  if (message.type !== 'challenge') throw new Error(`The server began with ${message.type}.`);
  return message.nonce;
}

export const UPGRADE =
  `GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
  `Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: ${SIGNALING_SUBPROTOCOL}\r\n\r\n`;

/** A WebSocket whose frames are written by hand. */
export async function upgradeRaw(server: RunningServer): Promise<RawClient> {
  const client = await connectRaw(server, UPGRADE);
  await client.heard('\r\n\r\n');
  return client;
}

/** A frame as a client writes it, masked with zeros (RFC 6455 §5.2). */
export function rawFrame(opcode: number, payload: Uint8Array): Buffer {
  const length = payload.length < 126 ? [0x80 | payload.length] : [0xfe, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length, 0, 0, 0, 0]), payload]);
}

export interface Upgraded {
  websocket: WebSocket;
  /** `open`, or the HTTP status and words that came instead. */
  outcome: Promise<'open' | { status: number; text: string; retryAfter: string | undefined }>;
  /** How it was closed. */
  ended: Promise<{ code: number; reason: string }>;
  /** The type of the server's second message. */
  welcomed: Promise<string>;
  /** Answers the challenge. */
  join(name: string, tenantId?: string): Promise<void>;
}

export function openSocket(server: RunningServer, options: ClientOptions = {}, path = ''): Upgraded {
  const websocket = new WebSocket(`${server.url}${path}`, SIGNALING_SUBPROTOCOL, options);
  const challenged = once(websocket, 'message').then(([frame]) => nonceOf(frame));
  challenged.catch(() => {});
  const welcomed = challenged
    .then(() => once(websocket, 'message'))
    .then(([frame]) => decodeForDevice(new Uint8Array(frame)).type);
  welcomed.catch(() => {});
  onTestFinished(() => websocket.terminate());
  websocket.on('error', () => {});
  const outcome: Upgraded['outcome'] = new Promise((resolve, reject) => {
    websocket.once('open', () => resolve('open'));
    websocket.once('error', reject);
    websocket.once('unexpected-response', (_, response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      const retryAfter = response.headers['retry-after'];
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, retryAfter }));
    });
  });
  outcome.catch(() => {});
  const ended: Upgraded['ended'] = new Promise((resolve) => {
    websocket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  const join = async (name: string, tenantId?: string) =>
    websocket.send(joinFrame(`${HOST}:${server.port}`, await challenged, name, tenantId));
  return { websocket, outcome, ended, welcomed, join };
}

/** Signed for the host that the request named. */
export function joinFrame(host: string, challenge: Nonce, name: string, tenantId = 'hotel'): Nonce {
  return encodeSignaling(joinMessage(challenge, { tenantId, name, host }));
}
