import { type CancelTimer, type Clock, setRepeating } from '@innmesh/kit';
import { closeCodes, type EntitlementRules, Entitlements, type RelayRate } from '@innmesh/protocol';
import type { Admission } from './auth/admission.ts';
import { assembleAuth, type Trust } from './auth/assemble-auth.ts';
import type { DenyLists } from './auth/deny-lists.ts';
import { JoinGate } from './limits/join-gate.ts';
import type { LimitOptions } from './limits/limit-options.ts';
import { noMetrics, type ServerMetrics } from './metrics/server-metrics.ts';
import { readOptions, type ServerSettings } from './options.ts';
import type { RefusalKind } from './refusals.ts';
import { anywhere, type Remote } from './remote.ts';
import { Room } from './room.ts';
import { Session } from './session.ts';
import type { Socket, SocketEvents } from './socket.ts';
import { TurnLender } from './turn/turn-lender.ts';
import type { TurnOptions } from './turn/turn-options.ts';
import { type Visibility, visibilityOf } from './visibility.ts';

export interface SignalingCoreOptions {
  /** How often each device is asked for a sign of life, in milliseconds. Default: 15000. */
  heartbeatMs?: number;
  /** How long an open socket may take to join, in milliseconds. Default: 5000. */
  joinTimeoutMs?: number;
  /** What may wait for a slow reader before it is cut off, in bytes. Default: 4 MiB. */
  maxBufferedBytes?: number;
  /** Whether devices that reach each other in no other way may talk through the server, in sealed frames. Default: true. */
  relayFrames?: boolean;
  /** What an address, a device and a tenant may take. */
  limits?: LimitOptions;
  /**
   * Rules of an application's own, as its devices have them: who may link to whom decides who sees whom in the roster.
   * Default: the built-in ones.
   */
  entitlements?: EntitlementRules;
  /** Relays for devices that find no direct way to each other. Default: none. */
  turn?: TurnOptions;
}

export interface SignalingCoreDeps {
  clock: Clock;
  /** Told of each socket that is closed for what it did. */
  refused?(code: number, reason: string, kind: RefusalKind, remote: Remote): void;
  metrics?: ServerMetrics;
  /** Without it the server is in development mode: it gives credentials to whoever asks. */
  trust?: Trust | null;
  /** Told of what went wrong and is not a client's doing. */
  failed?(error: unknown): void;
  /** For challenges. Default: the system's. */
  randomBytes?(length: number): Uint8Array;
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
  readonly #admission: Admission;
  readonly #denyLists: DenyLists;
  readonly #visibility: Visibility;
  readonly #relayRates: RelayRate[];
  readonly #turn: TurnLender | null;
  readonly #cancelHeartbeat: CancelTimer;

  constructor(options: SignalingCoreOptions, deps: SignalingCoreDeps) {
    this.#options = readOptions(options);
    this.#deps = deps;
    this.#turn = this.#options.turn ? new TurnLender(this.#options.turn) : null;
    this.#gate = new JoinGate(this.#options.limits, deps.clock);
    this.#visibility = visibilityOf(new Entitlements(options.entitlements));
    const { admission, denyLists } = assembleAuth({
      ...deps,
      gate: this.#gate,
      failed: (error) => deps.failed?.(error),
      denyListChanged: (list) => this.#rooms.get(list.tenantId)?.deny(list),
    });
    this.#admission = admission;
    this.#denyLists = denyLists;
    this.#relayRates = relayRatesOf(this.#options);
    this.#cancelHeartbeat = setRepeating(deps.clock, () => this.#beat(), this.#options.heartbeatMs);
  }

  /** A socket has opened; the adapter reports what comes of it to the returned session. */
  accept(socket: Socket, remote: Remote = anywhere): SocketEvents {
    const { clock, metrics = noMetrics } = this.#deps;
    const session = new Session(socket, {
      ...this.#options,
      clock,
      relayRates: this.#relayRates,
      admission: this.#admission,
      denyListOf: (tenantId) => this.#denyLists.of(tenantId),
      remote,
      metrics,
      turn: this.#turn,
      roomOf: (tenantId) => this.#roomOf(tenantId),
      ended: (ended, room) => this.#ended(ended, room),
      refused: (code, reason, kind) => this.noteRefusal(code, reason, kind, remote),
    });
    this.#sessions.add(session);
    return session;
  }

  /**
   * A deny list of the issuer's: whoever is on it is put out, everyone else in the room gets it. One that is older than
   * the last one is ignored. Whether it was newer.
   * @throws CredentialError for what is no list that the issuer signed
   */
  deny(token: string): boolean {
    return this.#denyLists.take(token);
  }

  /** Tenants with at least one device. */
  tenants(): Iterable<string> {
    return this.#rooms.keys();
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
      room = new Room(tenantId, this.#visibility);
      this.#rooms.set(tenantId, room);
    }
    return room;
  }

  #ended(session: Session, room: Room | null): void {
    this.#sessions.delete(session);
    if (room?.size === 0) this.#rooms.delete(room.tenantId);
  }
}

function relayRatesOf({ relayFrames, limits }: ServerSettings): RelayRate[] {
  const { burst, perSecond } = limits.device.sealedBytes;
  return relayFrames ? [{ burstBytes: burst, bytesPerSecond: Math.floor(perSecond) }] : [];
}
