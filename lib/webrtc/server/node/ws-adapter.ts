import type { Server } from 'node:http';
import { closeCodes, limits, SIGNALING_SUBPROTOCOL } from '@innmesh/protocol';
import { WebSocket, WebSocketServer } from 'ws';
import { refusalKindOf } from '../refusals.ts';
import { anywhere } from '../remote.ts';
import type { SignalingCore } from '../signaling-core.ts';
import type { Socket } from '../socket.ts';

/** What `ws` itself closes for. */
const REASONS: Record<number, string> = {
  1002: 'A frame that breaks the WebSocket protocol (RFC 6455).',
  1007: 'Text that is not UTF-8.',
  [closeCodes.frameTooLarge]: `A frame over the limit of ${limits.signalingFrameBytes} bytes.`,
};

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
export function attachWebSockets(http: Server, core: SignalingCore): () => void {
  const server = new WebSocketServer({
    noServer: true,
    WebSocket: ExplainingWebSocket,
    perMessageDeflate: false,
    maxPayload: limits.signalingFrameBytes,
    // A client of another version is let in as far as to be told why not.
    handleProtocols: (offered) => (offered.has(SIGNALING_SUBPROTOCOL) ? SIGNALING_SUBPROTOCOL : first(offered)),
  });
  http.on('upgrade', (request, socket, head) => {
    server.handleUpgrade(request, socket, head, (websocket) => serve(websocket as ExplainingWebSocket, core));
  });
  return () => {
    for (const websocket of server.clients) websocket.terminate();
  };
}

function serve(websocket: ExplainingWebSocket, core: SignalingCore): void {
  // ws closes the socket itself after an error; without a listener the error would end the process.
  websocket.on('error', () => {});
  websocket.refused = (code, reason) => core.noteRefusal(code, reason, refusalKindOf(code), anywhere);
  if (websocket.protocol !== SIGNALING_SUBPROTOCOL) {
    const offered = websocket.protocol || 'none';
    const reason = `This server speaks ${SIGNALING_SUBPROTOCOL}; subprotocol offered: ${offered}`;
    core.noteRefusal(closeCodes.unsupportedVersion, reason, 'unsupported_version', anywhere);
    websocket.close(closeCodes.unsupportedVersion, reason.slice(0, 123));
    return;
  }
  websocket.binaryType = 'nodebuffer';
  const events = core.accept(asSocket(websocket));
  websocket.on('message', (data: Buffer, isBinary) => events.received(isBinary ? toBytes(data) : null));
  websocket.on('close', () => events.closed());
  // Not only then: after an error ws waits up to 30 seconds for the other side's close frame.
  websocket.on('error', () => events.closed());
}

function asSocket(websocket: WebSocket): Socket {
  return {
    get isOpen() {
      return websocket.readyState === WebSocket.OPEN;
    },
    get bufferedBytes() {
      return websocket.bufferedAmount;
    },
    send: (frame) => websocket.send(frame),
    close: (code, reason) => websocket.close(code, reason),
    terminate: () => websocket.terminate(),
  };
}

function toBytes(data: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
}

function first(offered: Set<string>): string | false {
  for (const protocol of offered) return protocol;
  return false;
}
