import { seededRandom } from '@innmesh/kit';
import { P2PConnection, type PeerInfo, SignalingUnreachableError } from '@innmesh/webrtc';
import { below, happens, pick } from '../fuzz/chance.ts';
import type { Line } from './ledger.ts';

/** What a device needs to know, as JSON. */
export interface SoakSettings {
  name: string;
  signalingUrl: string;
  /** Its how manieth start this is, from 1. */
  start: number;
  seed: number;
}

export type Command = 'disconnect' | 'connect' | 'stopWriting';

type SoakMessage = { type: 'x-soak'; data: { from: string; number: number } };

/** A page waits for its ledger at each hand-over: more would keep it busy with nothing else. */
const WRITE_INTERVAL_MS = 200;
const MOST_AT_ONCE = 3;
const FOR_ONE_PROBABILITY = 0.2;
const RETRY_INTERVAL_MS = 250;
/** Numbers go up from start to start, whatever an earlier one has come to. */
const NUMBERS_PER_START = 1_000_000;

/** Writes numbered messages without end, and records what it was told is stored and what its handler was handed. */
export class SoakDevice {
  readonly #settings: SoakSettings;
  readonly #record: (line: Line) => void;
  readonly #connection: P2PConnection<SoakMessage>;
  readonly #random;
  /** Whom it may write to: those who were there since it connected. */
  readonly #met = new Set<string>();
  #isUp = false;
  #isWanted = false;
  #number: number;
  #writing: ReturnType<typeof setInterval> | undefined;

  /** `record` returns when the line is where no crash of this device reaches it. */
  constructor(settings: SoakSettings, record: (line: Line) => void) {
    this.#settings = settings;
    this.#record = record;
    this.#random = seededRandom(settings.seed + settings.start);
    this.#number = settings.start * NUMBERS_PER_START;
    this.#connection = new P2PConnection<SoakMessage>({
      signalingServers: [settings.signalingUrl],
      tenantId: 'hotel-soak',
      deviceInfo: { type: 'staff', name: settings.name, capabilities: [] },
      identity: settings.name,
      iceServers: [],
      reconnectInterval: 500,
      keepaliveInterval: 2_000,
    });
    this.#listen();
  }

  /** Resolves when it is connected for the first time and writes. */
  async start(): Promise<void> {
    await this.connect();
    this.#writing = setInterval(() => this.#writeSome(), WRITE_INTERVAL_MS);
  }

  /** Tries until it is in, or is to disconnect. */
  async connect(): Promise<void> {
    this.#isWanted = true;
    while (this.#isWanted && !this.#isUp) {
      this.#isUp = await this.#connection.connect().then(
        () => this.#isWanted,
        () => false,
      );
      if (!this.#isUp) await new Promise((resolve) => setTimeout(resolve, RETRY_INTERVAL_MS));
    }
    if (this.#isUp) this.#record({ kind: 'connected', peerId: this.#connection.peerId });
  }

  async disconnect(): Promise<void> {
    this.#isWanted = false;
    this.#isUp = false;
    this.#met.clear();
    this.#connection.disconnect();
  }

  async stopWriting(): Promise<void> {
    clearInterval(this.#writing);
  }

  #listen(): void {
    const { name, start } = this.#settings;
    const meet = (peers: PeerInfo[]) => {
      for (const { peerId } of peers) this.#met.add(peerId);
    };
    this.#connection.on('peers-discovered', meet);
    this.#connection.on('peer-joined', (peer) => meet([peer]));
    this.#connection.on('error', (error) => {
      if (!(error instanceof SignalingUnreachableError)) console.error(`${name}: ${error.message}`);
    });
    this.#connection.on('message', (message, _from, { id }) => {
      if (message.type !== 'x-soak') return;
      this.#record({ kind: 'handed', ...message.data, id, start, atMs: Date.now() });
    });
  }

  #writeSome(): void {
    if (!this.#isUp) return;
    for (let left = 1 + below(this.#random, MOST_AT_ONCE); left > 0; left--) this.#write();
  }

  #write(): void {
    const isForOne = this.#met.size > 0 && happens(this.#random, FOR_ONE_PROBABILITY);
    const target = isForOne ? pick(this.#random, [...this.#met]) : undefined;
    const to = target === undefined ? this.#connection.getPeers().map(({ peerId }) => peerId) : [target];
    const number = this.#number++;
    const data = { from: this.#settings.name, number };
    const { id, stored } = this.#connection.send({ type: 'x-soak', data }, target);
    stored.then(
      () => this.#record({ kind: 'stored', number, id, to, isForOne }),
      () => {},
    );
  }
}
