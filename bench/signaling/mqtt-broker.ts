import { createServer } from 'node:http';
import { Aedes } from 'aedes';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { LOOPBACK, listening, type SignalingServer } from './server.ts';

/** An MQTT broker for trystero, on WebSockets as its documentation has it. */
export async function startMqttBroker(address = LOOPBACK): Promise<SignalingServer> {
  const broker = await Aedes.createBroker();
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });
  sockets.on('connection', (socket, request) => {
    broker.handle(
      createWebSocketStream(socket).on('error', () => socket.terminate()),
      request,
    );
  });
  http.listen(address);
  const port = await listening(http);
  const close = async () => {
    await new Promise<void>((resolve) => broker.close(resolve));
    http.close();
  };
  return { port, close };
}
