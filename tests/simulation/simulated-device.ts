import { seededRandom } from '@innmesh/kit';
import {
  type Delivery,
  Entitlements,
  P2PConnection,
  type P2PConnectionConfig,
  type P2PMessage,
  type Role,
} from '@innmesh/webrtc';
import type { Cryptography } from '../../lib/webrtc/client/identity/cryptography.ts';
import type { MemoryDisk } from '../../lib/webrtc/client/journal/store/memory-store.ts';
import { softwareSealing } from '../../lib/webrtc/client/relay/software-sealing.ts';
import { fakeDevice, immediateCryptography } from './fake-identity.ts';
import { MortalClock } from './virtual-time.ts';
import type { World } from './world.ts';

export type Kind = 'small' | 'large' | 'brief';

export interface Sent {
  number: number;
  kind: Kind;
  /** Who was addressed; nobody where the message went to all and nobody was there. */
  recipients: string[];
  toAll: boolean;
  delivery: Delivery;
  /** How often the sender had left by then. */
  departures: number;
}

/** What has an order: long messages to one device and to all have each their own. */
export type Order = 'small' | 'large' | 'largeToAll';

/** What a device got of one sender, in the order in which it came. */
export type Received = Map<string, Record<Order, number[]>>;

const LARGE_CHARACTERS = { min: 9_000, max: 60_000 };

/** A device of the simulation, and all that it has seen. */
export class SimulatedDevice {
  readonly name: string;
  readonly peerId: string;
  readonly role: Role;
  readonly disk: MemoryDisk;
  /** How long it takes to verify who somebody is. */
  verificationMs = 0;
  readonly connection: P2PConnection;
  readonly sent: Sent[] = [];
  readonly received: Received = new Map();
  /** The browser is about to stop the page, and lets it go on. */
  sleep: () => void = () => {};
  wakeUp: () => void = () => {};
  /** What events told that contradicts earlier ones. */
  readonly contradictions: string[] = [];
  readonly known = new Set<string>();
  readonly linked = new Set<string>();
  readonly errors: Error[] = [];
  wanted = false;
  crashed = false;
  departures = 0;
  readonly #world: World;
  readonly #clock: MortalClock;

  constructor(world: World, name: string, config: Partial<P2PConnectionConfig>) {
    this.#world = world;
    this.name = name;
    this.#clock = new MortalClock(world.time);
    const device = fakeDevice(world.keys);
    this.peerId = device.peerId;
    this.disk = device.disk;
    this.role = config.deviceInfo?.type ?? 'staff';
    this.connection = new P2PConnection(
      {
        signalingServers: ['ws://signaling.local'],
        tenantId: 'hotel',
        deviceInfo: { type: this.role, name, capabilities: [] },
        ...config,
      },
      {
        clock: this.#clock,
        random: seededRandom(world.integer(2 ** 32)),
        openWebSocket: (url) => world.serverAt(url).open(name),
        mayAsk: () => true,
        answersAt: async (url) => world.serverAt(url).isUp && !world.network.isolated.has(name),
        createPeerConnection: ({ iceServers }) =>
          world.network.create(name, iceServers) as unknown as RTCPeerConnection,
        onPageGone: () => () => {},
        onNetworkChange: () => () => {},
        onPageSleep: (asleep, awake) => {
          this.sleep = asleep;
          this.wakeUp = awake;
          return () => {};
        },
        device,
        loadCryptography: async () => ({
          ...immediateCryptography,
          verifyDevice: (...proof) => this.#verify(proof),
        }),
        loadSealing: async () => softwareSealing,
        maxLinks: world.maxLinks,
      },
    );
    this.#listen();
  }

  /** By the default rules. */
  maySee({ role }: SimulatedDevice): boolean {
    return new Entitlements().mayLink(this.role, role);
  }

  get pendingTimers(): number {
    return this.#clock.pendingTimers;
  }

  /** Comes in, and tries again until it is in. */
  async arrive(): Promise<void> {
    if (this.crashed) return;
    this.wanted = true;
    try {
      await this.connection.connect();
    } catch {
      this.#clock.setTimer(() => this.wanted && this.arrive(), 1_000 + this.#world.integer(1_000));
    }
  }

  leave(): void {
    if (this.wanted) this.departures += 1;
    this.wanted = false;
    this.connection.disconnect();
    this.known.clear();
  }

  /** Ends without a word, for good. */
  crash(): void {
    this.crashed = true;
    this.wanted = false;
    this.#clock.die();
    for (const server of this.#world.servers) server.sever(this.name);
    this.#world.network.vanish(this.name);
  }

  send(kind: Kind, targetPeerId?: string): void {
    const number = this.sent.length + 1;
    const recipients = targetPeerId ? [targetPeerId] : this.connection.getPeers().map(({ peerId }) => peerId);
    const delivery = this.connection.send(this.#message(kind, number, targetPeerId === undefined), targetPeerId);
    const { departures } = this;
    this.sent.push({ number, kind, recipients, toAll: targetPeerId === undefined, delivery, departures });
  }

  got(fromPeerId: string, kind: Kind, number: number): boolean {
    const received = this.received.get(fromPeerId);
    const orders = kind === 'large' ? [received?.large, received?.largeToAll] : [received?.small];
    return orders.some((numbers) => numbers?.includes(number));
  }

  async #verify(proof: Parameters<Cryptography['verifyDevice']>): Promise<boolean> {
    if (this.verificationMs > 0) await new Promise<void>((done) => this.#clock.setTimer(done, this.verificationMs));
    return immediateCryptography.verifyDevice(...proof);
  }

  #message(kind: Kind, number: number, isToAll: boolean): P2PMessage {
    if (kind === 'brief') {
      return { type: 'iot-command', command: { commandId: String(number), deviceId: 'lamp', action: 'on' } };
    }
    const { min, max } = LARGE_CHARACTERS;
    const padding = kind === 'large' ? 'x'.repeat(min + this.#world.integer(max - min)) : '';
    return { type: `x-${kind}`, data: { number, isToAll, padding } };
  }

  #listen(): void {
    const { connection, known, linked } = this;
    const expect = (fits: boolean, what: string) => {
      if (!fits) this.contradictions.push(`${this.name} at ${this.#world.time.nowMs()} ms: ${what}`);
    };
    connection.on('peers-discovered', (peers) => {
      for (const { peerId } of peers) known.add(peerId);
    });
    connection.on('peer-joined', ({ peerId }) => {
      expect(!known.has(peerId), `${peerId} joined twice`);
      known.add(peerId);
    });
    connection.on('peer-left', (peerId) => {
      expect(known.delete(peerId), `${peerId} left and was not here`);
      expect(!linked.has(peerId), `${peerId} left and is linked`);
    });
    connection.on('connected', ({ peerId }) => {
      expect(known.has(peerId), `${peerId} is linked and was not here`);
      expect(!linked.has(peerId), `${peerId} was linked twice`);
      linked.add(peerId);
    });
    connection.on('disconnected', (peerId) => expect(linked.delete(peerId), `${peerId} was not linked`));
    connection.on('error', (error) => this.errors.push(error));
    connection.on('message', (message, fromPeerId) => {
      if (message.type === 'iot-command') this.#receive(fromPeerId, 'small', Number(message.command.commandId));
      if (message.type === 'x-small' || message.type === 'x-large') {
        const { number, isToAll } = message.data as { number: number; isToAll: boolean };
        const large = isToAll ? 'largeToAll' : 'large';
        this.#receive(fromPeerId, message.type === 'x-large' ? large : 'small', number);
      }
    });
  }

  #receive(fromPeerId: string, order: Order, number: number): void {
    let received = this.received.get(fromPeerId);
    if (!received) {
      received = { small: [], large: [], largeToAll: [] };
      this.received.set(fromPeerId, received);
    }
    received[order].push(number);
  }
}
