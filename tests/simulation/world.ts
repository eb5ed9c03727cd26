import { type Random, seededRandom } from '@innmesh/kit';
import { house, type P2PConnectionConfig, type PeerInfo } from '@innmesh/webrtc';
import type { Trust } from '../../lib/webrtc/server/auth/assemble-auth.ts';
import { FakeNetwork } from './fake-network.ts';
import { FakeSignaling } from './fake-signaling.ts';
import { type Kind, SimulatedDevice } from './simulated-device.ts';
import { VirtualTime } from './virtual-time.ts';

const CLOUD_HOST = 'signaling.example.com';
export const CLOUD_URL = `wss://${CLOUD_HOST}`;

/** A property on virtual time: devices, the network between them, and a signaling server. One seed decides it all. */
export class World {
  readonly time = new VirtualTime(1_700_000_000_000);
  readonly network: FakeNetwork;
  readonly signaling: FakeSignaling;
  /** The one in the cloud; it is down unless a test starts it. */
  readonly cloud: FakeSignaling;
  readonly devices: SimulatedDevice[] = [];
  /** How many links a device keeps. */
  readonly maxLinks: number;
  /** Of every device that is added, unless its own says otherwise. */
  config: Partial<P2PConnectionConfig> = {};
  readonly keys: Random;
  readonly #random: Random;

  constructor(seed: number, trust: Trust | null = null, maxLinks = Number.POSITIVE_INFINITY) {
    this.maxLinks = maxLinks;
    this.#random = seededRandom(seed);
    this.keys = seededRandom(~seed);
    this.network = new FakeNetwork(this.time, this.#random);
    this.signaling = new FakeSignaling(this.network, trust);
    this.cloud = new FakeSignaling(this.network, trust, CLOUD_HOST);
    this.signaling.start();
  }

  /** Everyone links to everyone, so that what is sent to all reaches all. */
  get isComplete(): boolean {
    return this.maxLinks === Number.POSITIVE_INFINITY;
  }

  /** From 0 to below `end`. */
  integer(end: number): number {
    return Math.floor(this.#random.unit() * end);
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[this.integer(items.length)];
  }

  addDevice(config: Partial<P2PConnectionConfig> = {}): SimulatedDevice {
    const name = `device${this.devices.length + 1}`;
    const device = new SimulatedDevice(this, name, { keepaliveInterval: 10_000, ...this.config, ...config });
    this.devices.push(device);
    return device;
  }

  get servers(): FakeSignaling[] {
    return [this.signaling, this.cloud];
  }

  serverAt(url: string): FakeSignaling {
    return url === CLOUD_URL ? this.cloud : this.signaling;
  }

  at(delayMs: number, act: () => void): void {
    this.time.setTimer(act, delayMs);
  }

  present(): SimulatedDevice[] {
    return this.devices.filter(({ wanted }) => wanted);
  }

  /** Everyone who is in the room is linked to everyone else who is, and to nobody else. */
  isWhole(): boolean {
    const present = this.present();
    return present.every(({ linked, connection }) => {
      const peers = connection.getPeers();
      return linked.size === present.length - 1 && peers.length === linked.size;
    });
  }

  /** Each device that is connected sends now and then, to one or to all, until `untilMs` from now. */
  startTalking(untilMs: number, meanPauseMs: number): void {
    const endMs = this.time.nowMs() + untilMs;
    const talk = () => {
      if (this.time.nowMs() > endMs) return;
      this.#sendSomething();
      this.at((this.#random.unit() * 2 * meanPauseMs) / this.devices.length, talk);
    };
    talk();
  }

  #sendSomething(): void {
    const canSpeak = ({ known, linked, role }: SimulatedDevice) => known.size + linked.size > 0 && house.includes(role);
    const speaker = this.pick(this.present().filter(canSpeak));
    if (!speaker) return;
    const kind: Kind = this.pick(['small', 'small', 'small', 'small', 'large', 'brief']) ?? 'small';
    const isToAll = this.integer(3) === 0;
    const target = isToAll && this.isComplete ? undefined : this.pick(hearersOf(speaker))?.peerId;
    if (!target && !this.isComplete) return;
    for (let burst = this.integer(4); burst >= 0; burst--) speaker.send(kind, target);
  }
}

/** Whom it may say anything to. */
function hearersOf({ connection }: SimulatedDevice): PeerInfo[] {
  return connection.getPeers().filter(({ deviceInfo }) => house.includes(deviceInfo.type));
}
