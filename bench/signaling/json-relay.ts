import { type WebSocket, WebSocketServer } from 'ws';
import { LOOPBACK, listening, type SignalingServer } from './server.ts';

/** The least that introduces two devices: hands each message of a room, as it is, to the others there. */
export async function startJsonRelay(address = LOOPBACK): Promise<SignalingServer> {
  const server = new WebSocketServer({ ...address, perMessageDeflate: false });
  const rooms = new Map<string, Set<WebSocket>>();
  server.on('connection', (socket) => {
    let members: Set<WebSocket> | undefined;
    socket.on('message', (data) => {
      const text = data.toString();
      if (members) {
        for (const member of members) if (member !== socket) member.send(text);
      } else {
        members = enter(rooms, (JSON.parse(text) as { join: string }).join);
        members.add(socket);
      }
    });
    socket.on('close', () => members?.delete(socket));
  });
  const port = await listening(server);
  return { port, close: async () => void server.close() };
}

function enter(rooms: Map<string, Set<WebSocket>>, name: string): Set<WebSocket> {
  const members = rooms.get(name) ?? new Set();
  rooms.set(name, members);
  return members;
}
