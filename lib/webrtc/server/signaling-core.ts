import { type CancelTimer, type Clock, setRepeating } from '@innmesh/kit';
import { closeCodes } from '@innmesh/protocol';
import { JoinGate } from './limits/join-gate.ts';
import type { LimitOptions } from './limits/limit-options.ts';
import { noMetrics, type ServerMetrics } from './metrics/server-metrics.ts';
import { readOptions, type ServerSettings } from './options.ts';
import type { RefusalKind } from './refusals.ts';
import { anywhere, type Remote } from './remote.ts';
import { Room } from './room.ts';
import { Session } from './session.ts';
import type { Socket, SocketEvents } from './socket.ts';

export interface SignalingCoreOptions {
  /** How often each device is asked for a sign of life, in milliseconds. Default: 15000. */
  heartbeatMs?: number;
  /** How long an open socket may take to join, in milliseconds. Default: 5000. */
  joinTimeoutMs?: number;
  /** What may wait for a slow reader before it is cut off, in bytes. Default: 4 MiB. */
  maxBufferedBytes?: number;
  /** What an address, a device and a tenant may take. */
  limits?: LimitOptions;
}

export interface SignalingCoreDeps {
  clock: Clock;
  /** Told of each socket that is closed for what it did. */
  refused?(code: number, reason: string, kind: RefusalKind, remote: Remote): void;
  metrics?: ServerMetrics;
}

export interface SignalingStats {
  rooms: number;
  devices: number;
  /** Open sockets, those that have not joined included. */
  sockets: number;
}

/** Rooms and sessions; knows no socket library. */
export class SignalingCore {
  readonly #rooms = new Map<string, Room>();
  readonly #sessions = new Set<Session>();
  readonly #options: ServerSettings;
  readonly #deps: SignalingCoreDeps;
  readonly #gate: JoinGate;
  readonly #cancelHeartbeat: CancelTimer;

  constructor(options: SignalingCoreOptions, deps: SignalingCoreDeps) {
    this.#options = readOptions(options);
    this.#deps = deps;
    this.#gate = new JoinGate(this.#options.limits, deps.clock);
    this.#cancelHeartbeat = setRepeating(deps.clock, () => this.#beat(), this.#options.heartbeatMs);
  }

  /** A socket has opened; the adapter reports what comes of it to the returned session. */
  accept(socket: Socket, remote: Remote = anywhere): SocketEvents {
    const { clock, metrics = noMetrics } = this.#deps;
    const session = new Session(socket, {
      ...this.#options,
      clock,
      gate: this.#gate,
      remote,
      metrics,
      roomOf: (tenantId) => this.#roomOf(tenantId),
      ended: (ended, room) => this.#ended(ended, room),
      refused: (code, reason, kind) => this.noteRefusal(code, reason, kind, remote),
    });
    this.#sessions.add(session);
    return session;
  }

  /** A socket is closed for what it did; an adapter says so of those that the core does not see. */
  noteRefusal(code: number, reason: string, kind: RefusalKind, remote: Remote): void {
    this.#deps.refused?.(code, reason, kind, remote);
  }

  stats(): SignalingStats {
    let devices = 0;
    for (const room of this.#rooms.values()) devices += room.size;
    return { rooms: this.#rooms.size, devices, sockets: this.#sessions.size };
  }

  /** Tells every device to come back later. */
  stop(): void {
    this.#cancelHeartbeat();
    for (const room of this.#rooms.values()) room.dissolve();
    for (const session of [...this.#sessions]) session.end(closeCodes.goingAway, 'The server stops.');
  }

  #beat(): void {
    for (const session of [...this.#sessions]) session.beat();
    this.#gate.sweep();
  }

  #roomOf(tenantId: string): Room {
    let room = this.#rooms.get(tenantId);
    if (!room) {
      room = new Room(tenantId);
      this.#rooms.set(tenantId, room);
    }
    return room;
  }

  #ended(session: Session, room: Room | null): void {
    this.#sessions.delete(session);
    if (room?.size === 0) this.#rooms.delete(room.tenantId);
  }
}
