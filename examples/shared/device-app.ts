import { type Clock, type Random, randomId, systemClock, systemRandom } from '@innmesh/kit';
import type { DeviceInfo, P2PMessage } from '@innmesh/protocol';
import type { Delivery, PeerInfo } from '@innmesh/webrtc';
import { type AppOptions, type Connection, openConnection } from './connection.ts';

/** What every device's app has: one connection, and listeners who want to know when something changed. */
export abstract class DeviceApp {
  /** The app's own; for showing how it is connected. */
  readonly connection: Connection;
  protected readonly clock: Clock;
  protected readonly random: Random;
  readonly #listeners = new Set<() => void>();

  constructor(tenantId: string, deviceInfo: DeviceInfo, options: AppOptions) {
    this.connection = openConnection(tenantId, deviceInfo, options);
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? systemRandom;
  }

  /** This device's id in its room. */
  get peerId(): string {
    return this.connection.peerId;
  }

  /** Resolves in the tenant's room. Rejects when no signaling server lets the device in; may then be called again. */
  connect(): Promise<void> {
    return this.connection.connect();
  }

  disconnect(): void {
    this.connection.disconnect();
  }

  /** Calls `listener` after each change of what this app shows. Returns a function that ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  protected changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  protected newId(): string {
    return randomId(this.random, 16);
  }

  protected nowIso(): string {
    return new Date(this.clock.nowMs()).toISOString();
  }

  protected peer(peerId: string): PeerInfo | undefined {
    return this.connection.getPeers().find((peer) => peer.peerId === peerId);
  }

  /** The property's own devices: everyone but guests, whose phones get nothing that is not theirs. */
  protected house(): PeerInfo[] {
    return this.connection.getPeers().filter(isHouse);
  }

  protected sendToHouse(message: P2PMessage): Delivery[] {
    return this.house().map(({ peerId }) => this.connection.send(message, peerId));
  }

  /** Calls `handler` for each device in the room: now, when it joins and each time it is linked. */
  protected onEachPeer(handler: (peer: PeerInfo) => void): void {
    this.connection.on('peers-discovered', (peers) => peers.forEach(handler));
    this.connection.on('peer-joined', handler);
    this.connection.on('connected', handler);
  }
}

export function isHouse({ deviceInfo }: PeerInfo): boolean {
  return deviceInfo.type !== 'guest';
}
