import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  type DeviceInfo,
  type DeviceMessage,
  decodeForDevice,
  decodeForServer,
  encodeSignaling,
  isRelayFrame,
  type RelayMessage,
  type RosterEntry,
  type ServerMessage,
} from '@innmesh/protocol';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { thumbprintOf } from '../../../lib/webrtc/server/auth/signatures.ts';

/** Somebody in a room, or said to be. */
export interface Seated extends RosterEntry {
  /** `null` for one that the server has made up. */
  socket: WebSocket | null;
}

/**
 * A signaling server in wrong hands: it lets everybody in, puts into the room whom it likes, and does with what devices
 * say to each other what its owner wants.
 */
export class HostileServer {
  readonly #server: WebSocketServer;
  readonly seats: Seated[] = [];
  /** What it says of itself in the welcome. */
  gifts = { credential: '', issuerKeys: '' };
  isDevelopment = false;
  /** What a device may see of another; default: the truth. */
  describe: (entry: RosterEntry) => RosterEntry = (entry) => entry;
  /** Default: hands it on. */
  relay: (message: RelayMessage, from: Seated, to: Seated) => void = (message, from, to) =>
    this.pass(message, from, to);

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on('connection', (socket) => this.#welcome(socket));
  }

  static async start(): Promise<HostileServer> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: ([first = '']) => first });
    await once(server, 'listening');
    onTestFinished(() => {
      for (const socket of server.clients) socket.terminate();
      server.close();
    });
    return new HostileServer(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Somebody who has no socket: what is said to them comes to `relay`. */
  invent(peerId: string, device: DeviceInfo): Seated {
    return this.#seat({ peerId, device, socket: null });
  }

  pass(message: RelayMessage, from: Seated, to: Seated): void {
    this.say(to, { ...message, peer: from.slot });
  }

  say(to: Seated, message: ServerMessage | RelayMessage): void {
    to.socket?.send(encodeSignaling(message));
  }

  #welcome(socket: WebSocket): void {
    let seat = null as Seated | null;
    const challenge = encodeSignaling({
      type: 'challenge',
      nonce: new Uint8Array(16),
      development: this.isDevelopment,
    });
    socket.send(challenge);
    socket.on('message', (data: Buffer) => {
      const frame = new Uint8Array(data);
      if (!isRelayFrame(frame)) seat = this.#enter(decodeForServer(frame), socket) ?? seat;
      else if (seat) this.#handOn(decodeForDevice(frame) as RelayMessage, seat);
    });
  }

  #enter(message: DeviceMessage, socket: WebSocket): Seated | null {
    if (message.type !== 'join') return null;
    const roster = this.seats.map(this.#visible);
    const seat = this.#seat({ peerId: thumbprintOf(message.publicKey), device: message.device, socket });
    this.say(seat, {
      type: 'welcome',
      slot: seat.slot,
      heartbeatMs: 60_000,
      roster,
      offeredTo: [],
      relay: [],
      ...this.gifts,
    });
    const others = this.seats.filter((other) => other !== seat);
    for (const other of others) this.say(other, { type: 'joined', peer: this.#visible(seat) });
    return seat;
  }

  #handOn(message: RelayMessage, from: Seated): void {
    const to = this.seats.find(({ slot }) => slot === message.peer);
    if (to) this.relay(message, from, to);
  }

  readonly #visible = ({ slot, peerId, device }: Seated): RosterEntry => this.describe({ slot, peerId, device });

  #seat(of: Omit<Seated, 'slot'>): Seated {
    const seat = { ...of, slot: this.seats.length + 1 };
    this.seats.push(seat);
    return seat;
  }
}
