import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@innmesh/kit';
import { ConfigurationError, InnmeshError } from '@innmesh/protocol';
import type { Trust } from './server/auth/assemble-auth.ts';
import type { AuthOptions } from './server/auth/auth-options.ts';
import type { LogEntry } from './server/log/log-entry.ts';
import { programLog } from './server/log/program-log.ts';
import { type Assembly, assemble, failureLog } from './server/node/assemble.ts';
import type { DoorOptions } from './server/node/door-options.ts';
import { optionsFromEnvironment } from './server/node/environment.ts';
import { openTrust } from './server/node/open-trust.ts';
import type { SignalingCoreOptions, SignalingStats } from './server/signaling-core.ts';

export type { AuthOptions } from './server/auth/auth-options.ts';
export type { LogEntry } from './server/log/log-entry.ts';
export { programLog } from './server/log/program-log.ts';
export { optionsFromEnvironment } from './server/node/environment.ts';
export type { TurnOptions } from './server/turn/turn-options.ts';

export interface SignalingServerOptions extends SignalingCoreOptions, DoorOptions {
  /** 0 takes any free port. Default: 8080. */
  port?: number;
  /** The address to listen on. Default: all of this machine's. */
  host?: string;
  /**
   * Whose credentials let devices in. Without it the server is in development mode, where any device may join any tenant;
   * it refuses to start so with `NODE_ENV=production`.
   */
  auth?: AuthOptions;
  /** Answers HTTP requests other than `/healthz` and `/metrics`, so that pages can come from the same port. */
  pages?: RequestListener;
  /**
   * Where lines for the operator go, each as text and as its fields: without tokens, addresses truncated, and a few a
   * second at most. Default: nowhere.
   */
  log?: (line: string, entry: LogEntry) => void;
}

export interface SignalingServer {
  readonly port: number;
  /** As a device on this machine reaches it: `ws://127.0.0.1:8080`. */
  readonly url: string;
  stats(): SignalingStats;
  /**
   * Takes a deny list of the issuer's: devices on it are put out (close code 4403), everyone else in the room gets it. One
   * that is older than the last one is ignored. Whether it was newer.
   * @throws CredentialError for what is no list that the issuer signed
   */
  deny(token: string): boolean;
  /** Tells the devices, waits up to two seconds for them to go, and frees the port. */
  close(): Promise<void>;
}

/** How long devices may take to go when the server closes. */
const CLOSING_TIMEOUT_MS = 2_000;
/**
 * What the operating system keeps until the server comes to it, where its own limit is no lower (`net.core.somaxconn`). A
 * connection that does not fit in is tried again after 1, 3, 7 … seconds, and joins after all others.
 */
const WAITING_CONNECTIONS = 4_096;

/** The signaling server cannot take its port. */
export class ListenError extends InnmeshError {
  override readonly name = 'ListenError';
  readonly code = 'LISTEN_FAILED';
}

/**
 * Starts a signaling server. Resolves once it listens.
 * @throws ListenError when the port is taken or may not be used; ConfigurationError for an option out of its bounds
 */
export async function createSignalingServer(options: SignalingServerOptions = {}): Promise<SignalingServer> {
  const { port = 8080, host } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new ConfigurationError('port', `must be a whole number from 0 to 65535, not ${port}`);
  }
  const { log = () => {} } = options;
  const isProduction = process.env.NODE_ENV === 'production';
  const trust = await openTrust(options.auth, { clock: systemClock, failed: failureLog(log), isProduction });
  const { http, core, cutWebSockets, stop } = assembleOrClose(options, trust);
  try {
    await listen(http, port, host);
  } catch (error) {
    core.stop();
    stop();
    throw error;
  }
  const { port: actualPort } = http.address() as AddressInfo;
  return {
    port: actualPort,
    url: `ws://${host && !/^(0\.0\.0\.0|::)$/.test(host) ? formatHost(host) : '127.0.0.1'}:${actualPort}`,
    stats: () => core.stats(),
    deny: (token) => core.deny(token),
    async close() {
      const closed = once(http, 'close');
      http.close();
      core.stop();
      const cancelCut = systemClock.setTimer(() => {
        cutWebSockets();
        http.closeAllConnections();
      }, CLOSING_TIMEOUT_MS);
      await closed;
      cancelCut();
      stop();
    },
  };
}

function assembleOrClose(options: SignalingServerOptions, trust: Trust | null): Assembly {
  try {
    return assemble(options, trust);
  } catch (error) {
    trust?.keys.close();
    throw error;
  }
}

async function listen(http: Server, port: number, host: string | undefined): Promise<void> {
  http.listen(port, host, WAITING_CONNECTIONS);
  try {
    await once(http, 'listening');
  } catch (error) {
    throw new ListenError(explainListenFailure(error as NodeJS.ErrnoException, port), { cause: error });
  }
}

function explainListenFailure({ code, message }: NodeJS.ErrnoException, port: number): string {
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken by another program. Stop it, or choose another port: PORT=${port + 1}.`;
  }
  if (code === 'EACCES') return `Port ${port} may not be used by this user. Choose one over 1023: PORT=8080.`;
  return `Cannot listen on port ${port}: ${message}.`;
}

const formatHost = (host: string) => (host.includes(':') ? `[${host}]` : host);

/** As a program: its options come from the environment; SIGTERM and SIGINT stop it. */
async function main(): Promise<void> {
  const options = optionsFromEnvironment(process.env);
  const server = await createSignalingServer({ ...options, log: programLog(console.log) });
  const stop = () => {
    console.log('Stopping.');
    server.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (!options.auth) {
    console.warn('DEVELOPMENT MODE: any device may join any tenant. Do not run this for a real property.');
  }
  console.log(`Signaling server on ${server.url} (health: http://127.0.0.1:${server.port}/healthz)`);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(error instanceof InnmeshError ? error.message : error);
    process.exit(1);
  });
}
