import type { Server } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import { closeCodes, limits, SIGNALING_SUBPROTOCOL } from '@innmesh/protocol';
import { type ServerOptions, WebSocket, WebSocketServer } from 'ws';
import { type RefusalKind, refusalKindOf } from '../refusals.ts';
import type { Remote } from '../remote.ts';
import type { SignalingCore } from '../signaling-core.ts';
import type { Socket } from '../socket.ts';
import type { Door } from './door.ts';

/** What `ws` itself closes for. */
const REASONS: Record<number, string> = {
  1002: 'A frame that breaks the WebSocket protocol (RFC 6455).',
  1007: 'Text that is not UTF-8.',
  1008: 'A frame in too many pieces.',
  [closeCodes.frameTooLarge]: `A frame over the limit of ${limits.signalingFrameBytes} bytes.`,
};

/**
 * A frame of 16 KiB is a dozen TCP segments. One that comes byte by byte costs a hundred times its size while it is
 * incomplete.
 */
const MAX_BUFFERED_CHUNKS = 256;
/** No browser cuts so short a message up at all. */
const MAX_FRAGMENTS = 64;

/** `ws` closes for these by itself and without a word; this gives it one. */
class ExplainingWebSocket extends WebSocket {
  /** Told of each close for one of these reasons. */
  refused: (code: number, reason: string) => void = () => {};

  override close(code?: number, reason?: string | Buffer): void {
    const explanation = reason === undefined && code !== undefined ? REASONS[code] : undefined;
    if (code !== undefined && explanation) this.refused(code, explanation);
    super.close(code, reason ?? explanation);
  }
}

/** Serves the core's sockets on an HTTP server's upgrades, at any path. Returns a function that cuts all of them. */
export function attachWebSockets(http: Server, core: SignalingCore, door: Door): () => void {
  const server = new WebSocketServer(webSocketOptions(door.limits.closingTimeoutMs));
  http.on('upgrade', (request, stream, head) => {
    const socket = stream as TcpSocket;
    const remote = door.admitUpgrade(request, socket);
    if (!remote) return;
    const gather = gatherWrites(socket);
    gather(); // the challenge leaves with the answer to the upgrade
    server.handleUpgrade(request, socket, head, (websocket) =>
      serve(websocket as ExplainingWebSocket, core, remote, gather),
    );
  });
  server.on('wsClientError', (error, stream, request) => {
    const refusal = { kind: 'malformed_request', status: 400, text: `${error.message}.` } as const;
    door.refuseSocket(stream as TcpSocket, refusal, door.addressOf(request));
  });
  return () => {
    for (const websocket of server.clients) websocket.terminate();
  };
}

/** `closeTimeout` is not in the types yet. */
type WsOptions = ServerOptions<typeof ExplainingWebSocket> & { closeTimeout: number };

function webSocketOptions(closingTimeoutMs: number): WsOptions {
  return {
    noServer: true,
    WebSocket: ExplainingWebSocket,
    perMessageDeflate: false,
    maxPayload: limits.signalingFrameBytes,
    maxBufferedChunks: MAX_BUFFERED_CHUNKS,
    maxFragments: MAX_FRAGMENTS,
    closeTimeout: closingTimeoutMs,
    // The session counts pings before one is answered.
    autoPong: false,
    // A client of another version is let in as far as to be told why not.
    handleProtocols: (offered) => (offered.has(SIGNALING_SUBPROTOCOL) ? SIGNALING_SUBPROTOCOL : first(offered)),
  };
}

function serve(websocket: ExplainingWebSocket, core: SignalingCore, remote: Remote, gather: () => void): void {
  // ws closes the socket itself after an error; without a listener the error would end the process.
  websocket.on('error', () => {});
  const refused = (code: number, reason: string, kind: RefusalKind) => core.noteRefusal(code, reason, kind, remote);
  websocket.refused = (code, reason) => refused(code, reason, refusalKindOf(code));
  if (websocket.protocol !== SIGNALING_SUBPROTOCOL) {
    const offered = websocket.protocol || 'none';
    const reason = `This server speaks ${SIGNALING_SUBPROTOCOL}; subprotocol offered: ${offered}`;
    refused(closeCodes.unsupportedVersion, reason, 'unsupported_version');
    websocket.close(closeCodes.unsupportedVersion, reason.slice(0, 123));
    return;
  }
  websocket.binaryType = 'nodebuffer';
  const events = core.accept(asSocket(websocket, gather), remote);
  websocket.on('message', (data: Buffer, isBinary) => events.received(isBinary ? toBytes(data) : null));
  websocket.on('ping', (data) => events.pinged(data.length) && websocket.pong(data));
  // Nobody was asked for one: it counts as a ping does, and gets no answer.
  websocket.on('pong', (data) => events.pinged(data.length));
  websocket.on('close', () => events.closed());
  // Not only then: after an error ws waits for the other side's close frame.
  websocket.on('error', () => events.closed());
}

function asSocket(websocket: WebSocket, gather: () => void): Socket {
  return {
    get isOpen() {
      return websocket.readyState === WebSocket.OPEN;
    },
    get bufferedBytes() {
      return websocket.bufferedAmount;
    },
    send(frame) {
      gather();
      websocket.send(frame);
    },
    close: (code, reason) => websocket.close(code, reason),
    terminate: () => websocket.terminate(),
  };
}

/**
 * Holds back what is written until all that came in this turn of the event loop has been looked at, so that a device
 * whose whole hotel comes back at once is told of it in few system calls rather than in one for each of the others.
 */
function gatherWrites(socket: TcpSocket): () => void {
  let isGathering = false;
  const flush = () => {
    isGathering = false;
    socket.uncork();
  };
  return () => {
    if (isGathering) return;
    isGathering = true;
    socket.cork();
    setImmediate(flush);
  };
}

function toBytes(data: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
}

function first(offered: Set<string>): string | false {
  for (const protocol of offered) return protocol;
  return false;
}
