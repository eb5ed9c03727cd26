import { parentPort, workerData } from 'node:worker_threads';
import { encodeSignaling, SIGNALING_SUBPROTOCOL } from '@innmesh/protocol';
import { WebSocket } from 'ws';

/** Opens so many sockets, so many at a time, joins with each, and says when all are welcomed. */
const { url, joins, atOnce, devicesPerRoom } = workerData as Record<'joins' | 'atOnce' | 'devicesPerRoom', number> & {
  url: string;
};

function join(index: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const websocket = new WebSocket(url, SIGNALING_SUBPROTOCOL, { perMessageDeflate: false });
    const device = { type: 'staff' as const, name: 'iPad', capabilities: [] };
    const tenantId = `hotel-${Math.floor(index / devicesPerRoom)}`;
    websocket.on('open', () =>
      websocket.send(encodeSignaling({ type: 'join', tenantId, peerId: `p${index}`, device })),
    );
    websocket.once('message', () => resolve());
    websocket.on('error', reject);
    websocket.on('close', (code, reason) => reject(new Error(`${code} ${reason}`)));
  });
}

let next = 0;
async function joinOneAfterAnother(): Promise<void> {
  while (next < joins) await join(next++);
}
await Promise.all(Array.from({ length: atOnce }, joinOneAfterAnother));
parentPort?.postMessage('joined');
