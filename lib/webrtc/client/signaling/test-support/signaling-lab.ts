import { ManualClock, seededRandom } from '@innmesh/kit';
import {
  type DeviceInfo,
  encodeSignaling,
  MalformedFrameError,
  type RelayMessage,
  type ServerMessage,
} from '@innmesh/protocol';
import { SignalingClient, type SignalingClientOptions } from '../signaling-client.ts';

export const RECONNECT_MS = 1_000;
export const HEARTBEAT_MS = 10_000;

const device: DeviceInfo = { type: 'staff', name: 'iPad', capabilities: [] };

export const join = {
  type: 'join' as const,
  tenantId: 'hotel',
  device,
  credential: '',
  publicKey: new Uint8Array(65),
  signature: new Uint8Array(64),
  offers: [],
};
export const nonce = new Uint8Array(16).fill(9);

/** The device's end of a connection to a server that a test plays. */
export class FakeWebSocket {
  readyState = 0;
  binaryType = '';
  onopen = () => {};
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror = () => {};
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly url: string;
  readonly heard: Uint8Array<ArrayBuffer>[] = [];

  constructor(url: string) {
    this.url = url;
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    this.heard.push(frame);
  }

  close(): void {
    this.readyState = 3;
  }

  get isClosed(): boolean {
    return this.readyState === 3;
  }

  /** The server answers. */
  challenge(): void {
    this.readyState = 1;
    this.onopen?.();
    this.say({ type: 'challenge', nonce, development: true });
  }

  /** The server lets the device in. */
  welcome(): void {
    if (this.readyState === 0) this.challenge();
    const nothing = { credential: '', issuerKeys: '' };
    this.say({ type: 'welcome', slot: 1, heartbeatMs: HEARTBEAT_MS, roster: [], offeredTo: [], relay: [], ...nothing });
  }

  /** The server, or the way to it, ends the connection. */
  end(code: number, reason = ''): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }

  say(message: ServerMessage | RelayMessage): void {
    this.onmessage?.({ data: encodeSignaling(message).slice().buffer });
  }
}

export const settled = () => new Promise<void>((resolve) => setTimeout(resolve));

/** A device's signaling client, and servers that a test plays. */
export class SignalingLab {
  readonly clock = new ManualClock();
  readonly sockets: FakeWebSocket[] = [];
  /** What the client has told: each event with its details. */
  readonly told: [event: string, ...details: unknown[]][] = [];
  readonly challenged: [challenge: unknown, host: string][] = [];
  readonly refusals: string[] = [];
  /** Whether another credential can be had. */
  hasAnother = false;
  prepared = 0;
  /** What a credential waits for. */
  waiting: Promise<void> | null = null;
  /** How many sockets there were when a server was being reached. */
  readonly reached: number[] = [];
  /** Why no credential can be had. */
  failing: Error | null = null;
  /** What the server gives in its welcome is of no use. */
  useless = false;
  /** Servers at whose addresses something answers, and when any was asked. */
  readonly answering = new Set<string>();
  readonly askedAtMs: number[] = [];
  readonly unaskable = new Set<string>();
  /** What the application does when it is told of this. */
  reactions: Record<string, () => void> = {};

  get last(): FakeWebSocket {
    return this.sockets.at(-1) as FakeWebSocket;
  }

  get events(): string[] {
    return this.told.map(([event]) => event);
  }

  /** What is dialled and not closed. */
  get open(): string[] {
    return this.sockets.filter(({ isClosed }) => !isClosed).map(({ url }) => url);
  }

  /** The latest socket to this server. */
  to(url: string): FakeWebSocket {
    return this.sockets.findLast((socket) => socket.url === url) as FakeWebSocket;
  }

  /** Moves time on until another server is dialled, and says how far. */
  async untilDialled(): Promise<number> {
    const [startMs, count] = [this.clock.nowMs(), this.sockets.length];
    while (this.sockets.length === count && this.clock.pendingTimers > 0) {
      this.clock.advance(1);
      if (this.clock.nowMs() % 100 === 0) await settled();
    }
    await settled();
    return this.clock.nowMs() - startMs;
  }

  #prepare(): Promise<void> | null {
    this.prepared += 1;
    return this.failing ? Promise.reject(this.failing) : this.waiting;
  }

  client(options: Partial<SignalingClientOptions> = {}, seed = 1): SignalingClient {
    const tell = (event: string, ...details: unknown[]) => {
      this.told.push([event, ...details]);
      this.reactions[event]?.();
    };
    return new SignalingClient(
      { urls: ['ws://a'], autoReconnect: true, reconnectIntervalMs: RECONNECT_MS, ...options },
      {
        clock: this.clock,
        random: seededRandom(seed),
        openWebSocket: (url) => this.#dial(url),
        mayAsk: (url) => !this.unaskable.has(url),
        answersAt: async (url) => {
          this.askedAtMs.push(this.clock.nowMs());
          return this.answering.has(url);
        },
        log: () => {},
        prepare: () => this.#prepare(),
        replaceCredential: async () => {
          await this.#prepare();
        },
        reaching: () => this.reached.push(this.sockets.length),
        join: async ({ nonce: challenge }, host) => {
          this.challenged.push([challenge, host]);
          return join;
        },
        accept: () => {
          if (this.useless) throw new MalformedFrameError('It is of no use.');
        },
        refuse: (problem) => {
          this.refusals.push(problem);
          return this.hasAnother;
        },
      },
      {
        joined: ({ turn }) => tell('joined', ...(turn ? [turn] : [])),
        received: (message) => tell('received', message),
        reconnecting: () => tell('reconnecting'),
        failed: (error) => tell('failed', error),
      },
    );
  }

  /** In the room through the first server. */
  async joined(options: Partial<SignalingClientOptions> = {}, seed?: number): Promise<SignalingClient> {
    const client = this.client(options, seed);
    const joining = client.join();
    this.last.welcome();
    await joining;
    return client;
  }

  #dial(url: string): WebSocket {
    if (url === 'ws://forbidden') throw new Error('mixed content');
    const socket = new FakeWebSocket(url);
    this.sockets.push(socket);
    return socket as unknown as WebSocket;
  }
}
