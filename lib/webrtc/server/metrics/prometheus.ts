import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type RefusalKind, refusalKinds } from '../refusals.ts';
import type { SignalingStats } from '../signaling-core.ts';
import type { ServerMetrics } from './server-metrics.ts';

export interface PrometheusMetrics extends ServerMetrics {
  /** What Prometheus reads. */
  expose(): Promise<string>;
  readonly contentType: string;
}

/** From a local network to a device that waits for its credential, and on to the join's own timeout. */
const JOIN_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** A registry of its own for each server; nothing global. */
export function prometheusMetrics(stats: () => SignalingStats): PrometheusMetrics {
  const registry = new Registry();
  const registers = [registry];
  const refusals = new Counter({
    name: 'innmesh_refusals_total',
    help: 'Connections, requests and sockets that were turned away or closed for what they did, by kind.',
    labelNames: ['reason'],
    registers,
  });
  for (const reason of refusalKinds) refusals.inc({ reason }, 0);
  const joinDuration = new Histogram({
    name: 'innmesh_join_duration_seconds',
    help: 'From the opening of a socket to the welcome of its device.',
    buckets: JOIN_BUCKETS_S,
    registers,
  });
  const relayed = { frames: 0, bytes: 0 };
  addTotal(registry, 'innmesh_relayed_frames_total', 'Frames handed on between devices.', () => relayed.frames);
  addTotal(registry, 'innmesh_relayed_bytes_total', 'Their bytes.', () => relayed.bytes);
  const sealed = { frames: 0, bytes: 0 };
  const sealedHelp = 'Of those, sealed: what devices say to each other through this server.';
  addTotal(registry, 'innmesh_relayed_sealed_frames_total', sealedHelp, () => sealed.frames);
  addTotal(registry, 'innmesh_relayed_sealed_bytes_total', 'Their bytes.', () => sealed.bytes);
  addGauge(registry, 'innmesh_sockets', 'Open WebSockets, those that have not joined included.', () => stats().sockets);
  addGauge(registry, 'innmesh_devices', 'Devices that have joined.', () => stats().devices);
  addGauge(registry, 'innmesh_rooms', 'Tenants with at least one device.', () => stats().rooms);
  let joins = 0;
  addTotal(registry, 'innmesh_joins_total', 'Devices let in.', () => joins);
  let heartbeatLosses = 0;
  const lost = 'Devices dropped as they were silent for two heartbeats.';
  addTotal(registry, 'innmesh_heartbeat_losses_total', lost, () => heartbeatLosses);
  return {
    refused(kind: RefusalKind) {
      refusals.inc({ reason: kind });
      if (kind === 'heartbeat_lost') heartbeatLosses += 1;
    },
    joined(tookMs) {
      joins += 1;
      joinDuration.observe(tookMs / 1000);
    },
    relayed(sizeBytes) {
      relayed.frames += 1;
      relayed.bytes += sizeBytes;
    },
    relayedSealed(sizeBytes) {
      sealed.frames += 1;
      sealed.bytes += sizeBytes;
    },
    expose: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** Read when Prometheus asks, so that counting is an addition and nothing more. */
function addTotal(registry: Registry, name: string, help: string, read: () => number): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}

function addGauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}
