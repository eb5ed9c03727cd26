import type { Trust } from '../../lib/webrtc/server/auth/assemble-auth.ts';
import { anywhere } from '../../lib/webrtc/server/remote.ts';
import { SignalingCore } from '../../lib/webrtc/server/signaling-core.ts';
import type { Socket, SocketEvents } from '../../lib/webrtc/server/socket.ts';
import type { FakeNetwork } from './fake-network.ts';
import { Pipe } from './pipe.ts';

type Frame = Uint8Array<ArrayBuffer>;

/** The real server's core behind sockets that exist only here. */
export class FakeSignaling {
  readonly #network: FakeNetwork;
  readonly #trust: Trust | null;
  readonly #host: string;
  readonly #sockets = new Set<FakeWebSocket>();
  #core: SignalingCore | null = null;

  /** Without `trust` it is in development mode. */
  constructor(network: FakeNetwork, trust: Trust | null = null, host = 'signaling.local') {
    this.#network = network;
    this.#trust = trust;
    this.#host = host;
  }

  get isUp(): boolean {
    return this.#core !== null;
  }

  stats() {
    return this.#core?.stats() ?? null;
  }

  start(options: ConstructorParameters<typeof SignalingCore>[0] = {}): void {
    this.#core ??= new SignalingCore(options, { clock: this.#network.clock, trust: this.#trust });
  }

  /** The issuer puts somebody out. */
  deny(list: string): void {
    this.#core?.deny(list);
  }

  /** Says goodbye to every device. */
  stop(): void {
    this.#core?.stop();
    this.#core = null;
  }

  /** Every socket breaks. */
  crash(): void {
    const sockets = [...this.#sockets];
    this.stop();
    for (const socket of sockets) socket.breakNow();
  }

  open(owner: string): WebSocket {
    const isBlocked = () => this.#network.isolated.has(owner);
    const pipe = () => new Pipe(this.#network.clock, () => this.#network.delayMs(120), isBlocked);
    const socket = new FakeWebSocket(owner, pipe(), pipe(), {
      accept: (serverEnd) => this.#core?.accept(serverEnd, { ...anywhere, host: this.#host }) ?? null,
      gone: () => this.#sockets.delete(socket),
    });
    this.#sockets.add(socket);
    return socket as unknown as WebSocket;
  }

  /** The device's socket breaks, and both ends are told. */
  break(owner: string): void {
    for (const socket of [...this.#sockets]) if (socket.owner === owner) socket.breakNow();
  }

  /** What is sent over the device's socket goes nowhere from now on, and nobody is told. */
  sever(owner: string): void {
    for (const socket of this.#sockets) if (socket.owner === owner) socket.sever();
  }

  /** The device's socket breaks, and the server is not told. */
  breakUnnoticed(owner: string): void {
    for (const socket of [...this.#sockets]) if (socket.owner === owner) socket.breakUnnoticed();
  }
}

interface ServerSide {
  /** `null` when nobody listens. */
  accept(socket: Socket): SocketEvents | null;
  gone(): void;
}

/** Both ends of a connection to the signaling server. */
class FakeWebSocket {
  readonly owner: string;
  readyState = 0;
  binaryType = '';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onerror: (() => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly #up: Pipe;
  readonly #down: Pipe;
  readonly #server: ServerSide;
  #events: SocketEvents | null = null;
  #isOpenAtServer = false;
  #severed = false;

  constructor(owner: string, up: Pipe, down: Pipe, server: ServerSide) {
    this.owner = owner;
    this.#up = up;
    this.#down = down;
    this.#server = server;
    up.push(() => this.#arrive());
  }

  send(frame: Frame): void {
    this.#transmit(this.#up, () => this.#events?.received(frame.slice()));
  }

  close(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.#transmit(this.#up, () => this.#endAtServer());
  }

  breakNow(): void {
    this.#up.empty();
    this.#down.empty();
    this.#endAtServer();
    this.#endAtDevice(1006, '');
  }

  sever(): void {
    this.#severed = true;
    this.#up.empty();
    this.#down.empty();
  }

  breakUnnoticed(): void {
    this.sever();
    this.#endAtDevice(1006, '');
  }

  #transmit(pipe: Pipe, deliver: () => void): void {
    if (!this.#severed) pipe.push(deliver);
  }

  #arrive(): void {
    if (this.readyState === 0) this.#accept();
    if (this.#events) return;
    this.#isOpenAtServer = false;
    this.#transmit(this.#down, () => this.onerror?.());
  }

  #accept(): void {
    this.#isOpenAtServer = true;
    // First on the way down: the server speaks as soon as it has accepted.
    this.#transmit(this.#down, () => {
      if (this.readyState !== 0 || !this.#events) return;
      this.readyState = 1;
      this.onopen?.();
    });
    this.#events = this.#server.accept(this.#serverEnd());
  }

  #serverEnd(): Socket {
    const isOpen = () => this.#isOpenAtServer;
    return {
      get isOpen() {
        return isOpen();
      },
      bufferedBytes: 0,
      send: (frame) => {
        const data = frame.slice().buffer;
        this.#transmit(this.#down, () => this.readyState === 1 && this.onmessage?.({ data }));
      },
      close: (code, reason) => this.#closeFromServer(code, reason),
      terminate: () => this.#closeFromServer(1006, ''),
    };
  }

  #closeFromServer(code: number, reason: string): void {
    this.#isOpenAtServer = false;
    this.#transmit(this.#down, () => this.#endAtDevice(code, reason));
  }

  #endAtDevice(code: number, reason: string): void {
    this.#server.gone();
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }

  #endAtServer(): void {
    this.#server.gone();
    this.#isOpenAtServer = false;
    this.#events?.closed();
    this.#events = null;
  }
}
