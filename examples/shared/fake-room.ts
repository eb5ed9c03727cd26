import { type P2PMessage, parseMessage, type ReceivedMessage } from '@innmesh/protocol';
import type {
  Delivery,
  Diagnosis,
  EntryInfo,
  NetworkTopology,
  P2PConnectionConfig,
  P2PConnectionEvents,
  PeerInfo,
} from '@innmesh/webrtc';
import type { Connection } from './connection.ts';

type Handler = (...args: never[]) => void;

/** A tenant's room in one process, for tests: messages arrive in the same turn, and links break on demand. */
export class FakeRoom {
  readonly members = new Set<FakeConnection>();
  readonly #takenIds = new Set<string>();

  /** A device that comes again has the id that it had. */
  readonly createConnection = (config: P2PConnectionConfig): FakeConnection => {
    const name = `${config.deviceInfo.type} ${config.deviceInfo.name}`;
    let number = 1;
    while (this.#takenIds.has(`${name} ${number}`)) number += 1;
    this.#takenIds.add(`${name} ${number}`);
    return new FakeConnection(this, `${name} ${number}`, config);
  };

  left(peerId: string): void {
    this.#takenIds.delete(peerId);
  }

  member(peerId: string): FakeConnection | undefined {
    return [...this.members].find((member) => member.peerId === peerId);
  }

  /** An app's end of the wire. */
  of({ connection }: { connection: Connection }): FakeConnection {
    if (connection instanceof FakeConnection) return connection;
    throw new TypeError('This app has a connection of its own');
  }
}

export class FakeConnection implements Connection {
  readonly peerId: string;
  readonly config: P2PConnectionConfig;
  /** What this device sent, and to whom. */
  readonly sent: { message: ReceivedMessage; to: string | undefined }[] = [];
  /** While true, what this device sends is kept and arrives at `release()`. */
  held = false;
  /** While true, others see this device in the room without a link to it. */
  unlinked = false;
  readonly #room: FakeRoom;
  readonly #handlers = new Map<string, Set<Handler>>();
  #waiting: (() => void)[] = [];

  constructor(room: FakeRoom, peerId: string, config: P2PConnectionConfig) {
    this.#room = room;
    this.peerId = peerId;
    this.config = config;
  }

  async connect(): Promise<void> {
    this.#room.members.add(this);
    this.emit('peers-discovered', this.getPeers());
    for (const other of this.#others()) {
      other.emit('peer-joined', other.#see(this));
      if (!this.unlinked && !other.unlinked) this.link(other);
    }
  }

  unlink(other: FakeConnection): void {
    this.unlinked = true;
    this.emit('disconnected', other.peerId);
    other.emit('disconnected', this.peerId);
  }

  link(other: FakeConnection): void {
    this.unlinked = false;
    this.emit('connected', this.#see(other));
    other.emit('connected', other.#see(this));
  }

  disconnect(): void {
    this.#room.members.delete(this);
    this.#room.left(this.peerId);
    for (const other of this.#room.members) {
      other.emit('disconnected', this.peerId);
      other.emit('peer-left', this.peerId);
    }
  }

  send(message: P2PMessage, targetPeerId?: string): Delivery {
    const parsed = parseMessage(message);
    this.sent.push({ message: parsed, to: targetPeerId });
    const info = { id: `${this.peerId}-${this.sent.length}`, writtenAtMs: this.sent.length };
    const targets = this.#others().filter(({ peerId }) => targetPeerId === undefined || peerId === targetPeerId);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#deliver(() => {
      for (const target of targets) target.receive(structuredClone(parsed), this.peerId, info);
      if (targets.length > 0) resolve();
    });
    return {
      id: info.id,
      status: 'pending',
      stored: Promise.resolve(),
      delivered: promise,
    };
  }

  release(): void {
    this.held = false;
    for (const deliver of this.#waiting.splice(0)) deliver();
  }

  receive(message: ReceivedMessage, from: string, info: EntryInfo): void {
    this.emit('message', message, from, info);
    if (message.type === 'order') this.emit('order', message, from, info);
    if (message.type === 'print') this.emit('print', message, from, info);
    if (message.type === 'notification') this.emit('notification', message, from, info);
  }

  getPeers(): PeerInfo[] {
    return this.#others().map((other) => this.#see(other));
  }

  async getNetworkTopology(peerId: string): Promise<NetworkTopology | null> {
    if (!this.#room.member(peerId)) return null;
    const bytes = { bytesSent: 0, bytesReceived: 0 };
    return {
      peerId,
      topology: 'local-p2p',
      path: 'host',
      latency: 3,
      jitter: 1,
      estimatedCost: 0,
      reason: '',
      ...bytes,
    };
  }

  async diagnose(): Promise<Diagnosis> {
    return { verdict: 'ok', summary: 'All is well.', checks: [] };
  }

  on<K extends keyof P2PConnectionEvents>(event: K, handler: P2PConnectionEvents[K]): void {
    const handlers = this.#handlers.get(event) ?? new Set();
    this.#handlers.set(event, handlers.add(handler as Handler));
  }

  off<K extends keyof P2PConnectionEvents>(event: K, handler: P2PConnectionEvents[K]): void {
    this.#handlers.get(event)?.delete(handler as Handler);
  }

  emit<K extends keyof P2PConnectionEvents>(event: K, ...args: Parameters<P2PConnectionEvents[K]>): void {
    for (const handler of [...(this.#handlers.get(event) ?? [])]) handler(...(args as never[]));
  }

  #deliver(deliver: () => void): void {
    if (this.held) this.#waiting.push(deliver);
    else deliver();
  }

  #others(): FakeConnection[] {
    return this.#room.members.has(this) ? [...this.#room.members].filter((member) => member !== this) : [];
  }

  #see(other: FakeConnection): PeerInfo {
    const status = this.unlinked || other.unlinked ? 'discovered' : 'connected';
    return { peerId: other.peerId, deviceInfo: other.config.deviceInfo, status };
  }
}
