import type { CancelTimer, Clock } from '@innmesh/kit';
import {
  type DeviceMessage,
  decodeForDevice,
  encodeSignaling,
  isRelayFrame,
  limits,
  MalformedFrameError,
  type RelayMessage,
  type ServerMessage,
  SIGNALING_SUBPROTOCOL,
  TIMED_OUT,
} from '@innmesh/protocol';

const CONNECTING = 0;
/** How long a server may take from the first packet to the welcome. */
const JOIN_TIMEOUT_MS = 5_000;

export type TurnMessage = Extract<ServerMessage, { type: 'turn' }>;
/** With the relays that were lent before it; `null` where there are none. */
export type Welcome = Extract<ServerMessage, { type: 'welcome' }> & { turn: TurnMessage | null };
export type Challenge = Extract<ServerMessage, { type: 'challenge' }>;
export type Join = Extract<DeviceMessage, { type: 'join' }>;
type Renewal = Extract<DeviceMessage, { type: 'renew' }>;
export type DenyMessage = Extract<ServerMessage, { type: 'deny' }>;
export type RoomMessage =
  | Exclude<ServerMessage, { type: 'welcome' | 'heartbeat' | 'challenge' | 'deny' | 'turn' }>
  | RelayMessage;

export interface SignalingSocketEvents {
  welcomed(welcome: Welcome): void;
  received(message: RoomMessage | DenyMessage | TurnMessage): void;
  /** A device in the room sent what is no message. */
  malformedRelay(error: MalformedFrameError): void;
  /** Once; nothing comes after it. `code` is the WebSocket close code. */
  closed(code: number, reason: string): void;
}

export interface SignalingSocketDeps {
  clock: Clock;
  openWebSocket(url: string, subprotocol: string): WebSocket;
  /**
   * A WebSocket that has not opened by then is opened anew, once: begun in the moment in which a network changes, it may have
   * no address to hear an answer at, and Chromium begins no other to the same server before it has ended. Browsers
   * put off whoever opens many that come to nothing.
   */
  reopenAfterMs?: number;
  /** The answer to a server's challenge. `host`: as in the URL. */
  join(challenge: Challenge, host: string): Promise<Join>;
}

/** One WebSocket to one server: joins, keeps the heartbeat, and ends when either side is silent for too long. */
export class SignalingSocket {
  #socket: WebSocket;
  readonly #open: () => WebSocket;
  readonly #clock: Clock;
  readonly #events: SignalingSocketEvents;
  #cancelSilenceTimer: CancelTimer;
  #cancelReopening: CancelTimer = () => {};
  readonly #answer: (challenge: Challenge) => Promise<Join>;
  #silenceMs = JOIN_TIMEOUT_MS;
  #challenged = false;
  #welcomed = false;
  #turn: TurnMessage | null = null;
  #closed = false;

  /** Throws what the platform throws for a URL that it will not open. */
  constructor(url: string, deps: SignalingSocketDeps, events: SignalingSocketEvents) {
    this.#clock = deps.clock;
    this.#events = events;
    this.#answer = (challenge) => deps.join(challenge, new URL(url).host);
    this.#open = () => this.#listenTo(deps.openWebSocket(url, SIGNALING_SUBPROTOCOL));
    this.#socket = this.#open();
    this.#cancelSilenceTimer = this.#awaitWord();
    if (deps.reopenAfterMs === undefined) return;
    this.#cancelReopening = deps.clock.setTimer(() => this.reopen(), deps.reopenAfterMs);
  }

  /** The network is another one, or there again: what was begun before may lead nowhere. */
  reopen(): void {
    if (this.#closed || this.#socket.readyState !== CONNECTING) return;
    this.#giveUpSocket();
    this.#socket = this.#open();
  }

  #listenTo(socket: WebSocket): WebSocket {
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onerror = () => this.#end(1006, 'nothing answers there, or it speaks no WebSocket');
    socket.onclose = ({ code, reason }) => this.#end(code, reason || 'the connection broke');
    return socket;
  }

  /** Drops what is too long, for which the server would put this device out: another's offer can ask for such an answer. */
  send(message: RelayMessage | Renewal): void {
    const frame = encodeSignaling(message);
    if (frame.length <= limits.signalingFrameBytes) this.#transmit(frame);
  }

  /** What waits to be sent. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  close(reason = 'closed by this device'): void {
    this.#end(1000, reason);
  }

  #receive(data: unknown): void {
    if (this.#closed) return;
    try {
      if (!(data instanceof ArrayBuffer)) throw new MalformedFrameError('Expected binary frames, received text.');
      if (data.byteLength > limits.rosterFrameBytes) {
        throw new MalformedFrameError(`A frame of ${data.byteLength} bytes; the limit is ${limits.rosterFrameBytes}.`);
      }
      this.#decode(new Uint8Array(data));
    } catch (error) {
      if (!(error instanceof MalformedFrameError)) throw error;
      this.#end(1002, `the server broke the protocol: ${error.message}`);
    }
    // Until the welcome, no other word puts the deadline off.
    if (this.#welcomed && !this.#closed) this.#restartSilenceTimer();
  }

  #restartSilenceTimer(): void {
    this.#cancelSilenceTimer();
    this.#cancelSilenceTimer = this.#awaitWord();
  }

  #decode(frame: Uint8Array<ArrayBuffer>): void {
    try {
      this.#handle(decodeForDevice(frame));
    } catch (error) {
      // The server hands on what devices say without looking inside: rubbish in it is another device's fault.
      if (!(error instanceof MalformedFrameError) || !isRelayFrame(frame)) throw error;
      this.#events.malformedRelay(error);
    }
  }

  #handle(message: ServerMessage | RelayMessage): void {
    if (message.type === 'challenge') {
      if (this.#challenged) throw new MalformedFrameError('A second challenge.');
      this.#challenged = true;
      this.#join(message);
      return;
    }
    if (message.type === 'turn' && !this.#welcomed) {
      this.#turn = message;
      return;
    }
    if (this.#welcomed === (message.type === 'welcome')) {
      throw new MalformedFrameError(`A "${message.type}" ${this.#welcomed ? 'after' : 'before'} the welcome.`);
    }
    if (message.type === 'heartbeat') {
      this.#transmit(encodeSignaling({ type: 'heartbeat' }));
    } else if (message.type === 'welcome') {
      this.#welcomed = true;
      // Two intervals, and half of one for the way.
      this.#silenceMs = message.heartbeatMs * 2.5;
      this.#events.welcomed({ ...message, turn: this.#turn });
    } else {
      this.#events.received(message);
    }
  }

  async #join(challenge: Challenge): Promise<void> {
    try {
      const join = await this.#answer(challenge);
      if (!this.#closed) this.#transmit(encodeSignaling(join));
    } catch (error) {
      this.#end(1000, `this device could not show who it is: ${error}`);
    }
  }

  #awaitWord(): CancelTimer {
    return this.#clock.setTimer(() => this.#endSilent(), this.#silenceMs);
  }

  /** A server that has taken the join and does not come to it has too much to do. */
  #endSilent(): void {
    const code = this.#challenged && !this.#welcomed ? TIMED_OUT : 1006;
    this.#end(code, `no word from it for ${this.#silenceMs} ms`);
  }

  #transmit(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === 1) this.#socket.send(frame);
  }

  #end(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelSilenceTimer();
    this.#cancelReopening();
    this.#giveUpSocket();
    this.#events.closed(code, reason);
  }

  #giveUpSocket(): void {
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    // A socket that is closed while it connects reports an error that nobody waits for any more.
    this.#socket.onerror = () => {};
    this.#socket.close();
  }
}
