import { once } from 'node:events';
import { SIGNALING_SUBPROTOCOL } from '@innmesh/protocol';
import { WebSocket } from 'ws';
import { readSigningKey } from '../../lib/webrtc/server/auth/signatures.ts';
import { type EnrolledDevice, enrolledDevices } from './clients.ts';

/*
 * Opens so many sockets, so many at a time, answers the challenge of each, and says when all are welcomed. A process of
 * its own, so that the server's CPU time is the server's alone.
 */

interface Task {
  url: string;
  joins: number;
  atOnce: number;
  devicesPerRoom: number;
  issuerPem: string;
}

const task = JSON.parse(process.argv[2] ?? '') as Task;
const devices = enrolledDevices(task.joins, task.devicesPerRoom, readSigningKey(task.issuerPem));
process.send?.('ready');
await once(process, 'message');

const { host } = new URL(task.url);
let next = 0;

async function joinOneAfterAnother(): Promise<void> {
  for (let device = devices[next++]; device; device = devices[next++]) await join(device);
}

function join(device: EnrolledDevice): Promise<void> {
  return new Promise((resolve, reject) => {
    const websocket = new WebSocket(task.url, SIGNALING_SUBPROTOCOL, { perMessageDeflate: false });
    websocket.once('message', (challenge: Buffer) => {
      websocket.send(device.answer(new Uint8Array(challenge), host));
      websocket.once('message', () => resolve());
    });
    websocket.on('error', reject);
    websocket.on('close', (code, reason) => reject(new Error(`${code} ${reason}`)));
  });
}

await Promise.all(Array.from({ length: task.atOnce }, joinOneAfterAnother));
process.send?.('joined');
await once(process, 'message');
process.exit(0);
