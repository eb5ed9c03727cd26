import type { RequestListener, Server } from 'node:http';
import { setRepeating, systemClock } from '@innmesh/kit';
import type { Trust } from '../auth/assemble-auth.ts';
import { AddressGuard } from '../limits/address-guard.ts';
import { formatEntry, type LogEntry } from '../log/log-entry.ts';
import { redact } from '../log/redact.ts';
import { RefusalLog, type RefusalNote } from '../log/refusal-log.ts';
import { type PrometheusMetrics, prometheusMetrics } from '../metrics/prometheus.ts';
import { readOptions } from '../options.ts';
import { SignalingCore, type SignalingCoreOptions } from '../signaling-core.ts';
import { Door } from './door.ts';
import { type DoorOptions, readDoorOptions } from './door-options.ts';
import { createHttpServer } from './http-server.ts';
import { TrustedProxies } from './trusted-proxies.ts';
import { attachWebSockets } from './ws-adapter.ts';

export interface AssemblyOptions extends SignalingCoreOptions, DoorOptions {
  pages?: RequestListener;
  log?: (line: string, entry: LogEntry) => void;
}

export interface Assembly {
  http: Server;
  core: SignalingCore;
  cutWebSockets(): void;
  /** Stops what goes on by itself, and tells the log the rest. */
  stop(): void;
}

const SWEEP_INTERVAL_MS = 60_000;

/** The parts of a server, put together; it does not listen yet. Throws `ConfigurationError`. */
export function assemble(options: AssemblyOptions, trust: Trust | null = null): Assembly {
  const { limits } = readOptions(options);
  const { trustedProxies, allowedOrigins, metricsToken, ...settings } = readDoorOptions(options, trust === null);
  const proxies = new TrustedProxies(trustedProxies);
  const { log = () => {} } = options;
  const refusals = new RefusalLog({ clock: systemClock, write: (entry) => log(formatEntry(entry), entry) });
  const metrics: PrometheusMetrics = prometheusMetrics(() => core.stats());
  const refused = (note: RefusalNote) => {
    metrics.refused(note.kind);
    refusals.note(note);
  };
  const guard = new AddressGuard(limits.address, systemClock);
  const cancelSweep = setRepeating(systemClock, () => guard.sweep(), SWEEP_INTERVAL_MS);
  const core: SignalingCore = new SignalingCore(options, {
    clock: systemClock,
    metrics,
    trust,
    failed: failureLog(log),
    refused: (code, reason, kind, { label }) => refused({ code, reason, kind, address: label }),
  });
  const door = new Door({ guard, proxies, origins: allowedOrigins, limits: limits.http, refused });
  const exposed = settings.metrics ? metrics : null;
  const http = createHttpServer({ core, door, pages: options.pages, metrics: exposed, metricsToken });
  const stop = () => {
    cancelSweep();
    trust?.keys.close();
    refusals.close();
  };
  return { http, core, cutWebSockets: attachWebSockets(http, core, door), stop };
}

/** How what went wrong at the issuer's end is told: the server goes on with what it had. */
export function failureLog(log: NonNullable<AssemblyOptions['log']>): (error: unknown) => void {
  return (error) => {
    const reason = redact(error instanceof Error ? error.message : String(error));
    const entry: LogEntry = { event: 'failed', kind: 'issuer', code: 0, address: 'none', reason };
    log(formatEntry(entry), entry);
  };
}
