import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { generateSigningKey } from '../../lib/webrtc/server/auth/signatures.ts';
import type { HeldReport, HeldTask } from './held-clients.ts';
import { ServerProcess } from './server-process.ts';

/*
 * What follows a restart of the server: `node bench/limits/restart.ts [clients] [seconds away]`. Hotels of 50 devices,
 * each hotel at an address of its own, come back to a server that was stopped, and to one that was killed, with the
 * server's own limits. By the clock on the wall, with clients and server on one machine.
 */

const [CLIENTS = 5_000, AWAY_S = 0] = process.argv.slice(2).map(Number);
const DEVICES_PER_HOTEL = 50;
const CLIENT_PROCESSES = 2;
/** Longer than a stay has to last for the next wait to be a first one. */
const SETTLING_MS = 35_000;

/** What the client processes have told since `reset()`. */
class Held {
  readonly #processes: { child: ChildProcess; in: number }[] = [];
  cameInAtMs: number[] = [];
  failedTries = 0;

  get in(): number {
    return this.#processes.reduce((sum, { in: each }) => sum + each, 0);
  }

  reset(): void {
    this.cameInAtMs = [];
    this.failedTries = 0;
  }

  async start(task: HeldTask): Promise<void> {
    const child = fork(new URL('./held-clients.ts', import.meta.url), [JSON.stringify(task)]);
    const held = { child, in: 0 };
    this.#processes.push(held);
    await once(child, 'message');
    child.on('message', (report: HeldReport) => {
      held.in = report.in;
      this.cameInAtMs.push(...report.cameInAtMs);
      this.failedTries += report.failedTries;
    });
  }

  join(): void {
    for (const { child } of this.#processes) child.send('join');
  }

  end(): void {
    for (const { child } of this.#processes) child.kill();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

async function untilAllAreIn(held: Held): Promise<void> {
  // Those that have not noticed yet that the server is gone still count as in.
  while (held.in < CLIENTS || held.cameInAtMs.length < CLIENTS) await setTimeout(20);
}

const folder = mkdtempSync(join(tmpdir(), 'innmesh-restart-'));
const { key, privatePem } = generateSigningKey();
const keysFile = join(folder, 'keys.json');
writeFileSync(keysFile, JSON.stringify({ keys: [key.jwk] }));
const port = await freePort();
const environment = { PORT: String(port), HOST: '127.0.0.1', INNMESH_ISSUER_KEYS: keysFile, NODE_ENV: 'production' };

const held = new Held();
for (let part = 0; part < CLIENT_PROCESSES; part++) {
  const count = CLIENTS / CLIENT_PROCESSES;
  const firstHotel = (part * count) / DEVICES_PER_HOTEL;
  const task = { count, firstHotel, devicesPerHotel: DEVICES_PER_HOTEL, issuerPem: privatePem };
  await held.start({ ...task, url: `ws://127.0.0.1:${port}` });
}
let server = await ServerProcess.start(environment);
held.join();
await untilAllAreIn(held);
await setTimeout(SETTLING_MS);

for (const [signal, what] of [
  ['SIGTERM', 'stopped'],
  ['SIGKILL', 'killed'],
] as const) {
  const steadyMiB = server.residentMiB;
  held.reset();
  const endedAtMs = Date.now();
  await server.end(signal);
  await setTimeout(AWAY_S * 1000);
  server = await ServerProcess.start(environment);
  const upAtMs = Date.now();
  await untilAllAreIn(held);
  const after = (fraction: number) => {
    const times = held.cameInAtMs.toSorted((a, b) => a - b);
    return (((times[Math.ceil(times.length * fraction) - 1] ?? 0) - endedAtMs) / 1000).toFixed(1);
  };
  const { peakMiB, cpuS } = server;
  await setTimeout(SETTLING_MS);
  console.log(
    `${CLIENTS} clients of a server that is ${what} and listens again after ${((upAtMs - endedAtMs) / 1000).toFixed(1)} s: ` +
      `half are back after ${after(0.5)} s, 99 % after ${after(0.99)}, all after ${after(1)}; ${held.failedTries} tries failed. ` +
      `The server used ${cpuS.toFixed(1)} s of CPU time for it, its start included. ` +
      `Memory ${steadyMiB.toFixed(0)} MiB before, at most ${peakMiB.toFixed(0)} while they came back ` +
      `(${(peakMiB / steadyMiB).toFixed(2)} of it), ${server.residentMiB.toFixed(0)} ${SETTLING_MS / 1000} s later`,
  );
}

held.end();
await server.end('SIGKILL');
rmSync(folder, { recursive: true });
