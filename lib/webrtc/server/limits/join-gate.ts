import type { Clock } from '@innmesh/kit';
import { closeCodes, limits } from '@innmesh/protocol';
import type { SocketRefusal } from '../refusals.ts';
import type { Remote } from '../remote.ts';
import type { Allowance, SealedVerdict } from './allowance.ts';
import type { Limits } from './limit-options.ts';
import { longestFillingMs, type RateRefusals, RateUsage, refusalsOf } from './rates.ts';
import { UsageTable } from './usage-table.ts';

class DeviceUsage extends RateUsage {
  /** What the address that it last joined from is counted under. */
  joinedFrom: string | null = null;
}

/** Who wants to join, as it says itself. */
export interface Entrant {
  tenantId: string;
  peerId: string;
  remote: Remote;
}

export type Admission = { admitted: true; allowance: Allowance } | { admitted: false; refusal: SocketRefusal };

/** A device is known for a day: it may try, whatever others at its address do. */
const KNOWN_FOR_MS = 24 * 60 * 60 * 1000;
/** 100,000 devices that are gone take 50 MiB, 10,000 such tenants 5. */
const MAX_IDLE_DEVICES = 100_000;
const MAX_IDLE_TENANTS = 10_000;

const TOO_MANY_FAILURES: SocketRefusal = {
  kind: 'address_failed_joins',
  code: closeCodes.flooding,
  reason: 'Too many refused joins from this address. Try again in a minute.',
};

/** Decides who may join and what they may send, by device and by tenant. */
export class JoinGate {
  readonly #devices: UsageTable<DeviceUsage>;
  readonly #tenants: UsageTable<RateUsage>;
  readonly #overDevice: RateRefusals;
  readonly #overTenant: RateRefusals;
  readonly #maxDevices: number;
  readonly #roomFull: SocketRefusal;

  constructor({ device, tenant }: Pick<Limits, 'device' | 'tenant'>, clock: Clock) {
    this.#devices = new UsageTable({
      create: () => new DeviceUsage(device, clock),
      clock,
      keepIdleMs: Math.max(KNOWN_FOR_MS, longestFillingMs(device)),
      maxIdle: MAX_IDLE_DEVICES,
    });
    this.#tenants = new UsageTable({
      create: () => new RateUsage(tenant, clock),
      clock,
      keepIdleMs: longestFillingMs(tenant),
      maxIdle: MAX_IDLE_TENANTS,
    });
    this.#overDevice = refusalsOf('device', device);
    this.#overTenant = refusalsOf('tenant', tenant);
    this.#maxDevices = tenant.devices;
    const reason = `The room is full: ${tenant.devices} devices.`;
    this.#roomFull = { kind: 'room_full', code: closeCodes.roomFull, reason };
  }

  /**
   * Before anything is checked: why this address may not even try. Nothing is counted on the device's account yet, as
   * anyone can claim to be it.
   */
  refuseToTry({ tenantId, peerId, remote }: Entrant): SocketRefusal | null {
    if (remote.mayTryJoin()) return null;
    const joinedFrom = this.#devices.peek(deviceKey(tenantId, peerId))?.joinedFrom;
    return joinedFrom === remote.key ? null : TOO_MANY_FAILURES;
  }

  /** After the device has proven who it is. */
  admit({ tenantId, peerId, remote }: Entrant): Admission {
    const key = deviceKey(tenantId, peerId);
    const takesOver = this.#devices.holdersOf(key) > 0;
    const isFull = !takesOver && this.#tenants.holdersOf(tenantId) >= this.#maxDevices;
    const device = this.#devices.hold(key);
    const tenant = this.#tenants.hold(tenantId);
    const release = () => {
      this.#devices.release(key);
      this.#tenants.release(tenantId);
    };
    const refusal = this.#refuseJoin(device, tenant, isFull);
    if (refusal) {
      release();
      return { admitted: false, refusal };
    }
    device.joinedFrom = remote.key;
    return {
      admitted: true,
      allowance: {
        take: (sizeBytes) => this.#refuseFrame(device, tenant, sizeBytes),
        takeSealed: (sizeBytes) => takeSealed(device, tenant, sizeBytes),
        release,
      },
    };
  }

  /** Called now and then: forgets who was gone for long. */
  sweep(): void {
    this.#devices.sweep();
    this.#tenants.sweep();
  }

  #refuseJoin(device: RateUsage, tenant: RateUsage, isFull: boolean): SocketRefusal | null {
    if (!device.joins.take()) return this.#overDevice.joins;
    if (isFull) return this.#roomFull;
    return tenant.joins.take() ? null : this.#overTenant.joins;
  }

  #refuseFrame(device: RateUsage, tenant: RateUsage, sizeBytes: number): SocketRefusal | null {
    if (!device.frames.take()) return this.#overDevice.frames;
    if (!device.bytes.take(sizeBytes)) return this.#overDevice.bytes;
    if (!tenant.frames.take()) return this.#overTenant.frames;
    return tenant.bytes.take(sizeBytes) ? null : this.#overTenant.bytes;
  }
}

function takeSealed(device: RateUsage, tenant: RateUsage, sizeBytes: number): SealedVerdict {
  const costBytes = sizeBytes + limits.sealedFrameCostBytes;
  const devicePauseMs = device.sealedBytes.take(costBytes);
  if (devicePauseMs === null) return { refused: 'device_sealed_bytes' };
  const tenantPauseMs = tenant.sealedBytes.take(costBytes);
  if (tenantPauseMs === null) return { refused: 'tenant_sealed_bytes' };
  return { refused: null, pauseMs: Math.max(devicePauseMs, tenantPauseMs) };
}

/** With the length in front no two pairs have the same key. */
function deviceKey(tenantId: string, peerId: string): string {
  return `${tenantId.length}:${tenantId}${peerId}`;
}
