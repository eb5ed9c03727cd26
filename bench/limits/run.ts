import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { createSignalingServer, type SignalingServer } from '@innmesh/webrtc/signaling-server';
import { generateSigningKey } from '../../lib/webrtc/server/auth/signatures.ts';
import { joinGate, measureCore, openGate } from './in-process.ts';

/*
 * What limits and proofs cost: `node bench/limits/run.ts`, or for the whole server in rooms of 10 alone `… run.ts 10`. The core with them and without them, taking turns in one run; then
 * the whole server, by the CPU time of its own process, as the clients share the machine. Each join is verified: the
 * device's signature over its challenge, and the issuer's over its credential.
 */

const ROUNDS = 7;
const CORE_JOINS = 5_000;
const CORE_FRAMES = 200_000;
const SOCKET_JOINS = 3_000;
const SOCKET_ROUNDS = 5;
/** Each join is told to everyone in the room, so this decides what a join costs. */
const ROOMS_ASKED_FOR = process.argv.slice(2).map(Number);
const ROOMS = ROOMS_ASKED_FOR.length > 0 ? ROOMS_ASKED_FOR : [1, 10, 50];

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

async function benchSockets(devicesPerRoom: number): Promise<void> {
  const newSockets = { burst: SOCKET_JOINS * (SOCKET_ROUNDS + 1), perSecond: 1 };
  const joins = { burst: SOCKET_JOINS * (SOCKET_ROUNDS + 1), perSecond: 100 };
  const limits = {
    address: { sockets: 2 * SOCKET_JOINS, connections: 2 * SOCKET_JOINS, newSockets },
    tenant: { joins },
  };
  const { key, privatePem } = generateSigningKey();
  const auth = { issuerKeys: { keys: [key.jwk] } };
  const server = await createSignalingServer({ port: 0, host: '127.0.0.1', limits, auth });
  const cpuS: number[] = [];
  for (let turn = -1; turn < SOCKET_ROUNDS; turn++) {
    const tookS = await joinThroughSockets(server, { devicesPerRoom, issuerPem: privatePem });
    if (turn >= 0) cpuS.push(tookS); // the first one warms up
  }
  const perSecond = SOCKET_JOINS / median(cpuS);
  const rooms = `in rooms of ${devicesPerRoom}`;
  console.log(`server: ${round(perSecond)} sockets accepted, verified and joined ${rooms} a second of its CPU time`);
  await server.close();
}

/** The CPU time that the server's process took for it, in seconds. Keys and credentials are made before. */
async function joinThroughSockets(server: SignalingServer, task: object): Promise<number> {
  const argument = JSON.stringify({ url: server.url, joins: SOCKET_JOINS, atOnce: 100, ...task });
  const clients = fork(new URL('./client-process.ts', import.meta.url), [argument]);
  await once(clients, 'message');
  const before = process.cpuUsage();
  clients.send('go');
  await once(clients, 'message');
  const { user, system } = process.cpuUsage(before);
  clients.send('stop');
  await once(clients, 'exit');
  while (server.stats().sockets > 0) await setTimeout(10);
  return (user + system) / 1e6;
}

if (ROOMS_ASKED_FOR.length === 0) benchCore();
for (const devicesPerRoom of ROOMS) await benchSockets(devicesPerRoom);
