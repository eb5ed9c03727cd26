import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createSignalingServer } from '@innmesh/webrtc/signaling-server';
import { joinGate, measureCore, openGate } from './in-process.ts';

/*
 * What the limits cost: `node bench/limits/run.ts`. The core with them and without them, taking turns in one run; then
 * the whole server, by the CPU time of its own thread, as the clients share the machine.
 */

const ROUNDS = 7;
const CORE_JOINS = 5_000;
const CORE_FRAMES = 200_000;
const SOCKET_JOINS = 3_000;
const SOCKET_ROUNDS = 5;
/** Each join is told to everyone in the room, so this decides what a join costs. */
const DEVICES_PER_ROOM = Number(process.argv[2] ?? 10);

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const round = (value: number) => Math.round(value).toLocaleString('en');

function benchCore(): void {
  const without: ReturnType<typeof measureCore>[] = [];
  const withLimits: ReturnType<typeof measureCore>[] = [];
  for (let turn = -2; turn < ROUNDS; turn++) {
    const pair = [measureCore(openGate(), CORE_JOINS, CORE_FRAMES), measureCore(joinGate(), CORE_JOINS, CORE_FRAMES)];
    if (turn < 0) continue; // to warm up
    without.push(pair[0] as (typeof without)[0]);
    withLimits.push(pair[1] as (typeof without)[0]);
  }
  for (const rate of ['joinsPerS', 'framesPerS'] as const) {
    const [before, after] = [without, withLimits].map((runs) => median(runs.map((run) => run[rate]))) as [
      number,
      number,
    ];
    console.log(`core ${rate}: ${round(before)} without limits, ${round(after)} with: ${(after / before).toFixed(2)}`);
  }
}

async function benchSockets(): Promise<void> {
  const newSockets = { burst: SOCKET_JOINS * SOCKET_ROUNDS, perSecond: 1 };
  const joins = { burst: 1_000, perSecond: 100 };
  const limits = {
    address: { sockets: 2 * SOCKET_JOINS, connections: 2 * SOCKET_JOINS, newSockets },
    device: { joins },
  };
  const server = await createSignalingServer({ port: 0, host: '127.0.0.1', limits });
  const cpuS: number[] = [];
  for (let turn = 0; turn < SOCKET_ROUNDS; turn++) cpuS.push(await joinThroughSockets(server.url));
  console.log(
    `server: ${round(SOCKET_JOINS / median(cpuS))} sockets accepted and joined a second of its thread's time`,
  );
  await server.close();
}

/** The CPU time that the server's thread took for it, in seconds. */
async function joinThroughSockets(url: string): Promise<number> {
  const clients = new Worker(new URL('./clients.ts', import.meta.url), {
    workerData: { url, joins: SOCKET_JOINS, atOnce: 100, devicesPerRoom: DEVICES_PER_ROOM },
  });
  await once(clients, 'online');
  const before = process.threadCpuUsage();
  await once(clients, 'message');
  const { user, system } = process.threadCpuUsage(before);
  await clients.terminate();
  return (user + system) / 1e6;
}

benchCore();
await benchSockets();
