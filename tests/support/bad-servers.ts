import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { encodeSignaling } from '@innmesh/protocol';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';

/* Signaling servers, or what stands where one should be, that do not do what they should. Each ends with its test. */

/** Accepts connections and never says a word. */
export async function silentServer(): Promise<string> {
  return listening(createServer(() => {}));
}

/** Passes everything on, and the first word of the server behind it only after so long. */
export async function slowServer(behindPort: number, delayMs: number): Promise<string> {
  return listening(
    createServer((client) => {
      const upstream = connect(behindPort, '127.0.0.1');
      client.pipe(upstream);
      const timer = setTimeout(() => upstream.pipe(client), delayMs);
      for (const socket of [client, upstream]) {
        socket.on('error', () => {});
        socket.on('close', () => {
          clearTimeout(timer);
          client.destroy();
          upstream.destroy();
        });
      }
    }),
  );
}

/** Speaks the subprotocol by name, and then what the test has it say. */
export async function babblingServer(say: (socket: WebSocket) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: ([first = '']) => first });
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    say(socket);
  });
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Lets devices into an empty room, and then says something that is no frame. */
export function turncoat(socket: WebSocket): void {
  const nothing = { credential: '', issuerKeys: '' };
  socket.send(encodeSignaling({ type: 'challenge', nonce: new Uint8Array(16), development: false }));
  socket.once('message', () => {
    socket.send(
      encodeSignaling({
        type: 'welcome',
        slot: 0,
        heartbeatMs: 15_000,
        roster: [],
        offeredTo: [],
        relay: [],
        ...nothing,
      }),
    );
    socket.send(Uint8Array.of(250, 1));
  });
}

async function listening(server: Server): Promise<string> {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
