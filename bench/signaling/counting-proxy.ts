import { connect, createServer, type Socket } from 'node:net';
import { listening, type SignalingServer } from './server.ts';
import { addBytes, WebSocketByteCounter, type WebSocketBytes } from './websocket-byte-counter.ts';

export interface CountingProxy extends SignalingServer {
  /** All connections, both directions, since the start or the last `reset()`. */
  counted(): WebSocketBytes;
  reset(): void;
}

const nothing: WebSocketBytes = { dataBytes: 0, dataFrames: 0, controlBytes: 0, controlFrames: 0 };

/** Stands between the pages and a signaling server and counts the WebSocket bytes that pass. */
export async function startCountingProxy(upstreamPort: number): Promise<CountingProxy> {
  const counters: WebSocketByteCounter[] = [];
  let baseline = nothing;
  const total = () => counters.reduce((sum, counter) => addBytes(sum, counter.counted), nothing);

  const forward = (from: Socket, to: Socket) => {
    const counter = new WebSocketByteCounter();
    counters.push(counter);
    from.setNoDelay(true);
    from.on('data', (chunk) => {
      counter.push(chunk);
      to.write(chunk);
    });
    from.on('close', () => to.destroy());
    from.on('error', () => to.destroy());
  };

  const server = createServer((client) => {
    const upstream = connect(upstreamPort, '127.0.0.1');
    forward(client, upstream);
    forward(upstream, client);
  });
  server.listen(0, '127.0.0.1');

  return {
    port: await listening(server),
    counted: () => addBytes(total(), baseline, -1),
    reset: () => {
      baseline = total();
    },
    close: async () => void server.close(),
  };
}
