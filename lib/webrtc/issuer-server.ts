import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { InnmeshError } from '@innmesh/protocol';
import { createIssuer, type Issuer } from './server/node/create-issuer.ts';

export type { IssuerLimits } from './server/issuer/options.ts';
export { IssuerProblem, type ProblemCode, problemCodes } from './server/issuer/problems.ts';
export { createIssuer, type Issuer, type IssuerEvents, type IssuerOptions } from './server/node/create-issuer.ts';

/** A slow client holds a socket for no longer than this. */
const REQUEST_TIMEOUT_MS = 15_000;

/**
 * As a program: `PORT` (8081), `HOST`, `INNMESH_DATA_DIR` (`./data`), `INNMESH_ISSUER_URL`, `INNMESH_TRUST_PROXY=1`;
 * `setup-code [tenant]` prints a code.
 */
async function main(): Promise<void> {
  let port = Number(process.env.PORT || '8081');
  const { HOST, INNMESH_DATA_DIR: dataDir = './data', INNMESH_ISSUER_URL, INNMESH_TRUST_PROXY } = process.env;
  const origins = () => (INNMESH_ISSUER_URL ? [INNMESH_ISSUER_URL] : localOrigins(port));
  const issuer = createIssuer({ dataDir, origins, trustProxy: INNMESH_TRUST_PROXY === '1', log: console.log });
  const [command, tenantId] = process.argv.slice(2);
  if (command === 'setup-code') return printSetupCode(issuer, tenantId);
  const server = createServer((request, response) => {
    if (issuer.handle(request, response)) return;
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
    response.end('This is an Innmesh issuer: its API is under /v1/.\n');
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  port = await listen(server, port, HOST);
  process.once('SIGTERM', () => stop(server, issuer));
  process.once('SIGINT', () => stop(server, issuer));
  console.log(`Issuer on ${origins().join(' and ')}, data in ${dataDir}`);
  const code = issuer.firstSetupCode();
  if (code) console.log(`No property is set up yet. Setup code for its first manager, good once, for a day: ${code}`);
}

/** This machine's, the likeliest for other devices first. */
function localOrigins(port: number): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((all = []) => all);
  const others = addresses.filter(({ family, internal }) => family === 'IPv4' && !internal);
  return [...others.map(({ address }) => address), 'localhost', '127.0.0.1'].map((host) => `http://${host}:${port}`);
}

function printSetupCode(issuer: Issuer, tenantId: string | undefined): void {
  const code = issuer.createSetupCode(tenantId);
  issuer.close();
  console.log(`Setup code, good once, for a day${tenantId ? `, for "${tenantId}" alone` : ''}: ${code}`);
}

async function listen(server: Server, port: number, host: string | undefined): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function stop(server: Server, issuer: Issuer): void {
  server.close(() => {
    issuer.close();
    process.exit(0);
  });
  server.closeAllConnections();
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(error instanceof InnmeshError ? error.message : error);
    process.exit(1);
  });
}
