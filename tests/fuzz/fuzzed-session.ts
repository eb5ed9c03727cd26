import {
  closeCodes,
  decodeForDevice,
  encodeSignaling,
  isRelayFrame,
  MalformedFrameError,
  type RelayMessage,
  type ServerMessage,
} from '@innmesh/protocol';
import type { Socket, SocketEvents } from '../../lib/webrtc/server/socket.ts';
import { type Findings, show } from './findings.ts';
import type { Seat } from './fuzzed-room.ts';
import type { Frame } from './mutations.ts';

export interface FuzzedSessionDeps {
  seat: Seat;
  findings: Findings;
  /** Whatever the server sends. */
  received(session: FuzzedSession, frame: Frame): void;
  /** The server has closed it, or this side has hung up. */
  ended(): void;
}

const knownCodes = new Set<number>(Object.values(closeCodes));

/** Both ends of a connection that exists only here. */
export class FuzzedSession implements Socket {
  isOpen = true;
  bufferedBytes = 0;
  challenge: Frame = new Uint8Array();
  isJoined = false;
  /** Why the server has closed it. */
  endCode: number | null = null;
  /** Who is there, as far as this side was told. */
  readonly peers = new Set<number>();
  readonly seat: Seat;
  readonly #deps: FuzzedSessionDeps;
  #events: SocketEvents | null = null;

  constructor(deps: FuzzedSessionDeps) {
    this.#deps = deps;
    this.seat = deps.seat;
  }

  connect(accept: (socket: Socket) => SocketEvents): this {
    this.#events = accept(this);
    return this;
  }

  get phase(): string {
    if (!this.isOpen) return 'after its end';
    return this.isJoined ? 'after the join' : 'before the join';
  }

  /** This side sends. `null` is a text frame. */
  say(frame: Frame | null): void {
    this.#deps.findings.guard(`The server, ${this.phase},`, frame, () => this.#events?.received(frame));
  }

  /** Joins in order. */
  join(): void {
    this.say(encodeSignaling(this.seat.join(this.challenge)));
  }

  ping(sizeBytes: number): void {
    this.#deps.findings.guard(`The server, pinged ${this.phase},`, null, () => this.#events?.pinged(sizeBytes));
  }

  hangUp(): void {
    if (!this.isOpen) return;
    this.#end();
    this.#events?.closed();
  }

  send(frame: Frame): void {
    const { findings, received } = this.#deps;
    findings.expect(this.isOpen, () => `The server sent to a session after its end: ${show(frame)}`);
    const message = this.#decode(frame);
    if (message) this.#note(message);
    received(this, frame);
  }

  close(code: number, reason: string): void {
    const { findings } = this.#deps;
    findings.expect(this.isOpen, () => `The server closed a session twice, with ${code} "${reason}".`);
    findings.expect(knownCodes.has(code), () => `The server closed a session with the unknown code ${code}.`);
    findings.expect(/^[\x20-\x7e]{1,123}$/.test(reason), () => `The server gave a broken reason: ${code} "${reason}".`);
    this.endCode = code;
    this.#end();
  }

  terminate(): void {
    this.#end();
    this.#events?.closed();
  }

  #end(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#deps.ended();
  }

  /** What the server says itself is well-formed; what it hands on is as its sender made it. */
  #decode(frame: Frame): ServerMessage | RelayMessage | null {
    try {
      return decodeForDevice(frame);
    } catch (error) {
      const isExpected = isRelayFrame(frame) && error instanceof MalformedFrameError;
      this.#deps.findings.expect(isExpected, () => `A device could not read ${show(frame)}\n${error}`);
      return null;
    }
  }

  #note(message: ServerMessage | RelayMessage): void {
    if (message.type === 'challenge') this.challenge = message.nonce;
    else if (message.type === 'joined') this.peers.add(message.peer.slot);
    else if (message.type === 'left') this.peers.delete(message.slot);
    else if (message.type === 'welcome') {
      this.isJoined = true;
      for (const { slot } of message.roster) this.peers.add(slot);
    }
  }
}
