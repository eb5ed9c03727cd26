import { mkdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type Clock, Emitter, systemClock, systemRandom } from '@innmesh/kit';
import { ConfigurationError, type JsonWebKeySet } from '@innmesh/protocol';
import { type IssuerContext, issuerTries } from '../issuer/context.ts';
import { KeyRing } from '../issuer/key-ring.ts';
import { MemoryIssuerStore } from '../issuer/memory-store.ts';
import { defaultLimits, type IssuerLimits } from '../issuer/options.ts';
import { denyListOf } from '../issuer/revocation.ts';
import { createSetupCode, firstSetupCode } from '../issuer/setup-codes.ts';
import type { IssuerStore } from '../issuer/store.ts';
import { clientAddress } from './client-address.ts';
import { IssuerHttp } from './issuer-http.ts';
import { keyRingFile, memoryKeyRing } from './key-ring-file.ts';
import { SqliteIssuerStore } from './sqlite-issuer-store.ts';

export interface IssuerOptions {
  /**
   * Where keys and devices are kept: `issuer-keys.json` and `issuer.sqlite`, both for their owner alone. Default: in
   * memory, so that a restart forgets everything.
   */
  dataDir?: string;
  /**
   * Where devices and browsers reach the issuer: `['https://id.example.com']`. The first is what credentials name as their
   * issuer. A function is asked for each request, as a machine's addresses change. A request that was made to another
   * address is refused: it may have been made to somebody who passes it on (RFC 9449 §11.1).
   */
  origins: readonly string[] | (() => readonly string[]);
  /** Where the enrolment pages are. Default: `/enrolment/` at the first of `origins`. */
  pagesUrl?: string;
  /** Origins of other servers' pages that may call it from a browser; `*` for any. Default: none but its own. */
  allowedOrigins?: readonly string[] | '*';
  /** Takes the caller's address from `X-Forwarded-For`. Only behind a proxy that sets it. Default: false. */
  trustProxy?: boolean;
  /** Lifetimes and bounds; each has its default and its reason in `IssuerLimits`. */
  limits?: Partial<IssuerLimits>;
  /** Where lines for the operator go; no secret is ever in one. Default: nowhere. */
  log?: (line: string) => void;
  /** Default: the system's. */
  clock?: Clock;
}

export interface IssuerEvents {
  /** A tenant's signed deny list has changed: to be pushed to its devices. */
  denyListChanged(tenantId: string, token: string): void;
}

/** Who a property's devices are. Mount `handle` in an HTTP server. */
export interface Issuer {
  /** Answers what is under `/v1/`; `false` for anything else, which is then somebody else's. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** What its credentials and deny lists are verified with, the next key included. */
  publicKeys(): JsonWebKeySet;
  /** The tenants that are set up, and the signed deny list of one. Throws for a tenant that is not. */
  tenants(): string[];
  denyList(tenantId: string): string;
  on<K extends keyof IssuerEvents>(event: K, handler: IssuerEvents[K]): void;
  off<K extends keyof IssuerEvents>(event: K, handler: IssuerEvents[K]): void;
  /** While no property is set up: a code for the first one. A new one at each call; the last one is void then. */
  firstSetupCode(): string | null;
  /**
   * A code that makes a first manager, once, within a day. Without a tenant, of a property that is not set up yet; with
   * one, of that alone, also where it is set up and has lost its managers.
   */
  createSetupCode(tenantId?: string): string;
  /** Lets the next key sign from now on. It is done by itself every `keyLifetimeMs`. */
  rotateKey(): void;
  close(): void;
}

/**
 * An issuer over its data directory. It opens no port.
 * @throws ConfigurationError for an option that is wrong; what the file system says of a data directory that is unusable
 */
export function createIssuer(options: IssuerOptions): Issuer {
  const { clock = systemClock, log = () => {}, dataDir } = options;
  const origins = readOrigins(options.origins);
  const limits = readLimits(options.limits);
  const emitter = new Emitter<IssuerEvents>((error) => log(`issuer: a handler failed: ${String(error)}`));
  const { store, keyFile } = openData(dataDir);
  const keyTimes = {
    keyLifetimeMs: limits.keyLifetimeMs,
    longestCredentialMs: Math.max(limits.credentialMs, limits.longestSessionMs),
  };
  const context: IssuerContext = {
    store,
    clock,
    random: systemRandom,
    keys: new KeyRing(keyFile, keyTimes, clock.nowMs()),
    limits,
    get issuer() {
      return origins()[0] ?? '';
    },
    tries: issuerTries(clock),
    denyListChanged: (tenantId, token) => emitter.emit('denyListChanged', tenantId, token),
    log,
  };
  const http = new IssuerHttp(context, {
    origins,
    pagesUrl: () => options.pagesUrl ?? `${origins()[0]}/enrolment/`,
    allowedOrigins: options.allowedOrigins ?? [],
    addressOf: (request) => clientAddress(request, options.trustProxy ?? false),
  });
  return {
    handle: (request, response) => http.handle(request, response),
    publicKeys: () => context.keys.publicKeys(clock.nowMs()),
    tenants: () => store.tenants(),
    denyList: (tenantId) => denyListOf(context, tenantId).token,
    on: (event, handler) => emitter.on(event, handler),
    off: (event, handler) => emitter.off(event, handler),
    firstSetupCode: () => firstSetupCode(context),
    createSetupCode: (tenantId) => createSetupCode(context, tenantId ?? null),
    rotateKey: () => context.keys.rotate(clock.nowMs()),
    close: () => store.close(),
  };
}

function openData(dataDir: string | undefined): { store: IssuerStore; keyFile: ReturnType<typeof keyRingFile> } {
  if (dataDir === undefined) return { store: new MemoryIssuerStore(), keyFile: memoryKeyRing() };
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  return {
    store: new SqliteIssuerStore(join(dataDir, 'issuer.sqlite')),
    keyFile: keyRingFile(join(dataDir, 'issuer-keys.json')),
  };
}

function readOrigins(origins: IssuerOptions['origins']): () => readonly string[] {
  if (typeof origins === 'function') return origins;
  for (const [index, origin] of origins.entries()) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new ConfigurationError(`origins[${index}]`, 'must be an origin such as "https://id.example.com"');
    }
  }
  if (origins.length === 0) throw new ConfigurationError('origins', 'must name where the issuer is reached');
  return () => origins;
}

function readLimits(limits: Partial<IssuerLimits> = {}): IssuerLimits {
  for (const [name, value] of Object.entries(limits)) {
    if (!(name in defaultLimits)) throw new ConfigurationError(`limits.${name}`, 'is no limit of an issuer');
    if (!(Number.isFinite(value) && value > 0)) throw new ConfigurationError(`limits.${name}`, 'must be over 0');
  }
  return { ...defaultLimits, ...limits };
}
