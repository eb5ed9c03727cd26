import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { systemClock, systemRandom } from '@innmesh/kit';
import { WebSocket } from 'ws';
import { SignalingClient } from '../../lib/webrtc/client/signaling/signaling-client.ts';
import { readSigningKey } from '../../lib/webrtc/server/auth/signatures.ts';
import { type EnrolledDevice, enrolledDevices } from './clients.ts';

/*
 * Devices that hold a place on the server and come back when they lose it, as `P2PConnection` does, without links. Tells
 * how many are in, and when each came in.
 */

export interface HeldTask {
  url: string;
  count: number;
  /** The number of this process's first hotel; each has an address of its own, as behind its router. */
  firstHotel: number;
  devicesPerHotel: number;
  issuerPem: string;
}

/** What the process tells, now and then. */
export interface HeldReport {
  in: number;
  /** When devices came in since the last report, in milliseconds since the epoch. */
  cameInAtMs: number[];
  /** Tries that no server let in, since the last report. */
  failedTries: number;
}

const JOINING_AT_ONCE = 50;
const RECONNECT_INTERVAL_MS = 5_000;
const REPORT_INTERVAL_MS = 50;

const task = JSON.parse(process.argv[2] ?? '') as HeldTask;
const key = readSigningKey(task.issuerPem);
const devices = enrolledDevices(task.count, task.devicesPerHotel, key, task.firstHotel);
let report: HeldReport = { in: 0, cameInAtMs: [], failedTries: 0 };

function hold(device: EnrolledDevice, index: number): SignalingClient {
  const hotel = task.firstHotel + Math.floor(index / task.devicesPerHotel);
  const localAddress = `127.${1 + Math.floor(hotel / 250)}.0.${1 + (hotel % 250)}`;
  const dial = (url: string, subprotocol: string) =>
    new WebSocket(url, subprotocol, { perMessageDeflate: false, localAddress }) as never;
  return new SignalingClient(
    { urls: [task.url], autoReconnect: true, reconnectIntervalMs: RECONNECT_INTERVAL_MS },
    {
      clock: systemClock,
      random: systemRandom,
      openWebSocket: dial,
      mayAsk: () => false,
      answersAt: async () => false,
      prepare: () => null,
      replaceCredential: async () => {},
      reaching() {},
      join: async (challenge, host) => device.join(challenge.nonce, host),
      accept() {},
      refuse: () => false,
      log() {},
    },
    {
      joined() {
        report.in += 1;
        report.cameInAtMs.push(Date.now());
      },
      received() {},
      reconnecting() {
        report.in -= 1;
      },
      failed() {
        report.failedTries += 1;
      },
    },
  );
}

const clients = devices.map(hold);
process.send?.('ready');
await once(process, 'message');
setInterval(() => {
  process.send?.(report);
  report = { in: report.in, cameInAtMs: [], failedTries: 0 };
}, REPORT_INTERVAL_MS);

let next = 0;
async function joinOneAfterAnother(): Promise<void> {
  for (let client = clients[next++]; client; client = clients[next++]) await joinAtLast(client);
}
async function joinAtLast(client: SignalingClient): Promise<void> {
  while (
    !(await client.join().then(
      () => true,
      () => false,
    ))
  )
    await setTimeout(1_000);
}

await Promise.all(Array.from({ length: JOINING_AT_ONCE }, joinOneAfterAnother));
