import { type CancelTimer, type Clock, setRepeating } from '@innmesh/kit';
import { closeCodes } from '@innmesh/protocol';
import { readOptions } from './options.ts';
import { Room } from './room.ts';
import { Session } from './session.ts';
import type { Socket, SocketEvents } from './socket.ts';
import type { TokenBucketOptions } from './token-bucket.ts';

export interface SignalingCoreOptions {
  /** How often each device is asked for a sign of life, in milliseconds. Default: 15000. */
  heartbeatMs?: number;
  /** How long an open socket may take to join, in milliseconds. Default: 5000. */
  joinTimeoutMs?: number;
  /**
   * Frames a socket may send. Default: 2000 at once and 200 a second; a newcomer sends about six to each device in the
   * room.
   */
  frameRate?: TokenBucketOptions;
  /** What may wait for a slow reader before it is cut off, in bytes. Default: 4 MiB. */
  maxBufferedBytes?: number;
}

export interface SignalingCoreDeps {
  clock: Clock;
  /** Told of each socket that is closed for what it did. */
  refused?(code: number, reason: string): void;
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
  readonly #options: Required<SignalingCoreOptions>;
  readonly #deps: SignalingCoreDeps;
  readonly #cancelHeartbeat: CancelTimer;

  constructor(options: SignalingCoreOptions, deps: SignalingCoreDeps) {
    this.#options = readOptions(options);
    this.#deps = deps;
    this.#cancelHeartbeat = setRepeating(deps.clock, () => this.#beat(), this.#options.heartbeatMs);
  }

  /** A socket has opened; the adapter reports what comes of it to the returned session. */
  accept(socket: Socket): SocketEvents {
    const session = new Session(socket, {
      ...this.#options,
      clock: this.#deps.clock,
      roomOf: (tenantId) => this.#roomOf(tenantId),
      ended: (ended, room) => this.#ended(ended, room),
      refused: (code, reason) => this.#deps.refused?.(code, reason),
    });
    this.#sessions.add(session);
    return session;
  }

  /** An adapter has closed a socket for what it did before the core saw it. */
  noteRefusal(code: number, reason: string): void {
    this.#deps.refused?.(code, reason);
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
