import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installed } from '../../scripts/apt.ts';
import type { Certificate } from './certificate.ts';
import { until } from './devices.ts';

/** A relay on this machine, which only who knows its secret can make credentials for. */
export interface Coturn {
  /** Over UDP. */
  url: string;
  tcpUrl: string;
  /** Over TLS, where it has a certificate. By name: Firefox asks no relay over TLS that is named by its address. */
  tlsUrl: string;
  /** Its own account of what a device has sent to it and got from it; `null` while that goes on. */
  bytesOf(peerId: string): number | null;
  hasLetIn(peerId: string): boolean;
  stop(): Promise<void>;
}

export const COTURN_SECRET = 'north-sea-breeze';

/** `undefined` where there is none and none can be installed. */
export const findCoturn = () => installed('turnserver', 'coturn', { log: console.log });

export async function startCoturn(executablePath: string, certificate?: Certificate): Promise<Coturn> {
  const folder = mkdtempSync(join(tmpdir(), 'innmesh-coturn-'));
  const [port, tlsPort] = await freeUdpPorts();
  const logFile = join(folder, 'log');
  const child = spawn(
    executablePath,
    [
      '-n',
      ...['--no-cli', '--no-dtls', '--verbose', '--simple-log', `--log-file=${logFile}`],
      ...(certificate ? tlsOptions(certificate, tlsPort) : ['--no-tls']),
      ...['--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`, '--allow-loopback-peers'],
      ...['--use-auth-secret', `--static-auth-secret=${COTURN_SECRET}`, '--realm=innmesh'],
      ...[`--pidfile=${join(folder, 'pid')}`, `--userdb=${join(folder, 'db')}`],
    ],
    { stdio: 'ignore' },
  );
  await until(() => answers(port, child), 'coturn to start');
  return {
    url: `turn:127.0.0.1:${port}`,
    tcpUrl: `turn:127.0.0.1:${port}?transport=tcp`,
    tlsUrl: `turns:localhost:${tlsPort}?transport=tcp`,
    bytesOf: (peerId) => bytesIn(readFileSync(logFile, 'utf8'), peerId),
    hasLetIn: (peerId) => new RegExp(`: new, .*:${peerId}>`).test(readFileSync(logFile, 'utf8')),
    async stop() {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}

const tlsOptions = ({ certificatePath, keyPath }: Certificate, port: number): string[] => [
  ...[`--tls-listening-port=${port}`, `--cert=${certificatePath}`, `--pkey=${keyPath}`],
];

/** A session says what has crossed since it said so last. */
function bytesIn(log: string, peerId: string): number | null {
  const lines = log.split('\n').filter((line) => line.includes(`:${peerId}>`));
  const count = (what: string) => lines.filter((line) => line.includes(what)).length;
  if (count(': new, ') === 0 || count(': new, ') > count(': closed ')) return null;
  const usages = lines.flatMap((line) => [...(/: usage: .* rb=(\d+), .* sb=(\d+)/.exec(line) ?? [])].slice(1));
  return usages.reduce((sum, bytes) => sum + Number(bytes), 0);
}

/** Two. */
async function freeUdpPorts(): Promise<[number, number]> {
  const sockets = [createSocket('udp4'), createSocket('udp4')] as const;
  for (const socket of sockets) {
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
  }
  const [one, other] = sockets;
  const ports: [number, number] = [one.address().port, other.address().port];
  for (const socket of sockets) socket.close();
  return ports;
}

/** It listens on the same port for TCP. */
async function answers(port: number, { exitCode }: ChildProcess): Promise<boolean> {
  if (exitCode !== null) throw new Error(`coturn ended with ${exitCode}.`);
  const socket = connect(port, '127.0.0.1');
  const answered = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.destroy();
  return answered;
}
