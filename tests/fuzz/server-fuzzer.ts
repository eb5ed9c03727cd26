import { ManualClock, type Random } from '@innmesh/kit';
import { CredentialError, closeCodes, DENY_LIST_TYPE, roles } from '@innmesh/protocol';
import { signJws } from '../../lib/webrtc/server/auth/signatures.ts';
import { AddressGuard } from '../../lib/webrtc/server/limits/address-guard.ts';
import { type PrometheusMetrics, prometheusMetrics } from '../../lib/webrtc/server/metrics/prometheus.ts';
import { readOptions } from '../../lib/webrtc/server/options.ts';
import type { Remote } from '../../lib/webrtc/server/remote.ts';
import { SignalingCore } from '../../lib/webrtc/server/signaling-core.ts';
import { HOST } from '../../lib/webrtc/server/test-support/device-keys.ts';
import { TestIssuer } from '../../lib/webrtc/server/test-support/test-issuer.ts';
import { below, happens, pick, pickWeighted } from './chance.ts';
import { DeviceFrames } from './device-frames.ts';
import { type Findings, show } from './findings.ts';
import { FuzzedRoom, markersIn, Seat } from './fuzzed-room.ts';
import { FuzzedSession } from './fuzzed-session.ts';
import type { Fuzzer, FuzzerDeps } from './fuzzer.ts';
import { type Frame, mutateText } from './mutations.ts';
import { RepeatableKey } from './repeatable-key.ts';

const ROOMS = 6;
/** As many as a room takes. */
const SEATS = 12;
const SESSIONS = 48;
/** Sessions that are over, and are sent to all the same. */
const ENDED_SESSIONS = 8;
const ADDRESSES = 64;
const NOON_MS = Date.UTC(2026, 0, 1, 12);
const HOUR_MS = 3_600_000;
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
/** Low enough that a flood is one in this company. */
const OPTIONS = {
  maxBufferedBytes: MAX_BUFFERED_BYTES,
  limits: { tenant: { devices: SEATS }, device: { frames: { burst: 100, perSecond: 10 } } },
};
const FLOOD_PINGS = 120;
/** Longer than a join may take, than two heartbeats, and than some credentials are good for. */
const LEAPS_MS = [6_000, 31_000, 600_000];

/** The real server in memory, with devices of several tenants that say whatever comes into their heads. */
export class ServerFuzzer implements Fuzzer {
  readonly #random: Random;
  readonly #findings: Findings;
  readonly #clock = new ManualClock(NOON_MS);
  readonly #guard = new AddressGuard(readOptions({}).limits.address, this.#clock);
  readonly #core: SignalingCore;
  readonly #metrics: PrometheusMetrics;
  readonly #issuer: TestIssuer;
  readonly #rooms: readonly FuzzedRoom[];
  readonly #markers: ReadonlySet<string>;
  readonly #seats: readonly Seat[];
  readonly #frames: DeviceFrames;
  readonly #sessions: FuzzedSession[] = [];
  readonly #ended: FuzzedSession[] = [];
  readonly #counts = { joins: 0, relayed: 0 };
  /** In which room something is being done; whatever it brings about has to stay there. */
  #scene: FuzzedRoom | null = null;
  #denyLists = 0;

  constructor({ random, findings }: FuzzerDeps) {
    this.#random = random;
    this.#findings = findings;
    const clock = this.#clock;
    this.#issuer = new TestIssuer(clock, new RepeatableKey(random).asSigningKey());
    this.#metrics = prometheusMetrics(() => this.#core.stats());
    this.#core = new SignalingCore(OPTIONS, {
      clock,
      trust: this.#issuer.trust({ hosts: [HOST] }),
      randomBytes: (length) => random.bytes(length),
      metrics: {
        ...this.#metrics,
        joined: (tookMs) => {
          this.#counts.joins += 1;
          this.#metrics.joined(tookMs);
        },
        relayed: (sizeBytes) => {
          this.#counts.relayed += 1;
          this.#metrics.relayed(sizeBytes);
        },
      },
      refused: (_, __, kind) => this.#metrics.refused(kind),
      failed: (error) => findings.note(`The server failed: ${error}`),
    });
    this.#rooms = Array.from({ length: ROOMS }, () => new FuzzedRoom(random));
    this.#markers = new Set(this.#rooms.map(({ marker }) => marker));
    this.#seats = this.#enrol();
    this.#frames = new DeviceFrames({ random, rooms: this.#rooms });
  }

  step(): void {
    const random = this.#random;
    if (happens(random, 0.1)) this.#clock.advance(below(random, 80));
    this.#disturb();
    const isLate = this.#ended.length > 0 && happens(random, 0.03);
    const session = isLate ? pick(random, this.#ended) : this.#liveSession();
    this.#within(session.seat.room, () => session.say(this.#frames.next(session)));
  }

  check(): void {
    const open = this.#sessions.filter(({ isOpen }) => isOpen);
    const joined = open.filter(({ isJoined }) => isJoined);
    const rooms = new Set(joined.map(({ seat }) => seat.room));
    this.#expectCounts({ rooms: rooms.size, devices: joined.length, sockets: open.length });
  }

  async finish(): Promise<void> {
    this.check();
    await this.#expectEmpty();
    this.#refillRooms();
    await this.#expectEmpty();
    this.#core.stop();
    this.#expectTimers(0, 'it was stopped');
  }

  summary(): Record<string, number> {
    return { ...this.#counts };
  }

  /** The same devices in each room: only the room tells them apart. */
  #enrol(): Seat[] {
    const [random, clock, issuer] = [this.#random, this.#clock, this.#issuer];
    const keys = Array.from({ length: SEATS }, () => new RepeatableKey(random));
    return this.#rooms.flatMap((room) =>
      keys.map((key, index) => {
        const role = roles[index % roles.length] as (typeof roles)[number];
        return new Seat({ room, key, role, name: `device ${index}`, issuer, clock, random });
      }),
    );
  }

  #liveSession(): FuzzedSession {
    const at = below(this.#random, SESSIONS);
    const session = this.#sessions[at];
    if (session?.isOpen) return session;
    if (session) this.#ended.push(session);
    if (this.#ended.length > ENDED_SESSIONS) this.#ended.shift();
    const successor = this.#open(pick(this.#random, this.#seats));
    // Before there are so many they come one after the other.
    this.#sessions[session ? at : this.#sessions.length] = successor;
    return successor;
  }

  #open(seat: Seat): FuzzedSession {
    const address = `2001:db8:${below(this.#random, ADDRESSES).toString(16)}::1`;
    const entry = this.#guard.openSocket(address);
    const session = new FuzzedSession({
      seat,
      findings: this.#findings,
      received: (receiver, frame) => this.#inspect(receiver, frame),
      ended: () => entry.refusal === null && entry.leave(),
    });
    return session.connect((socket) => this.#core.accept(socket, this.#remote(address)));
  }

  #remote(address: string): Remote {
    return this.#guard.remoteOf(address, HOST);
  }

  /** Every frame that any session gets. */
  #inspect({ seat, phase }: FuzzedSession, frame: Frame): void {
    const isElsewhere = this.#scene !== null && this.#scene !== seat.room;
    this.#findings.expect(!isElsewhere, () => {
      return `What happened in ${this.#scene?.tenantId} reached ${seat.room.tenantId}, ${phase}: ${show(frame)}`;
    });
    for (const marker of markersIn(frame)) {
      const isForeign = marker !== seat.room.marker && this.#markers.has(marker);
      this.#findings.expect(!isForeign, () => `"${marker}" reached the room "${seat.room.marker}": ${show(frame)}`);
    }
  }

  #within(room: FuzzedRoom, work: () => void): void {
    this.#scene = room;
    work();
    this.#scene = null;
  }

  /** What happens to sessions besides frames. */
  #disturb(): void {
    const random = this.#random;
    if (happens(random, 0.0005)) this.#clock.advance(pick(random, LEAPS_MS));
    if (!happens(random, 0.02) || this.#sessions.length === 0) return;
    const session = pick(random, this.#sessions);
    const disturb = pickWeighted<() => void>(random, [
      [12, () => session.hangUp()],
      [12, () => session.ping(below(random, 126))],
      [12, () => this.#congest(session)],
      [4, () => this.#putOut(session.seat)],
      [2, () => this.#flood(session)],
    ]);
    this.#within(session.seat.room, disturb);
  }

  #congest(session: FuzzedSession): void {
    session.bufferedBytes = pick(this.#random, [0, MAX_BUFFERED_BYTES, MAX_BUFFERED_BYTES + 1]);
  }

  #flood(session: FuzzedSession): void {
    for (let left = FLOOD_PINGS; left > 0; left--) session.ping(125);
  }

  /** The issuer puts a device out, and enrols it anew. Lists that nobody signed come as well. */
  #putOut(seat: Seat): void {
    const { tenantId } = seat.room;
    const denied = { [seat.key.peerId]: seat.enrolAnew() };
    const claims = { iss: 'https://id.test', tenant: tenantId, seq: this.#denyLists++, iat: 0, denied };
    const list = signJws(DENY_LIST_TYPE, this.#issuer.key, claims);
    const isForged = happens(this.#random, 0.3);
    this.#findings.guard(`The server, given the deny list ${list},`, null, () => {
      try {
        this.#core.deny(isForged ? mutateText(list, this.#random) : list);
      } catch (error) {
        if (!(error instanceof CredentialError)) throw error;
      }
    });
  }

  #expectCounts(expected: ReturnType<SignalingCore['stats']>): void {
    const [counted, due] = [this.#core.stats(), expected].map((stats) => JSON.stringify(stats));
    this.#findings.expect(counted === due, () => `The server counts ${counted} where there are ${due}.`);
  }

  #expectTimers(due: number, why: string): void {
    const { pendingTimers } = this.#clock;
    this.#findings.expect(pendingTimers === due, () => `The server has ${pendingTimers} timers, not ${due}: ${why}.`);
  }

  /** Everyone hangs up: nobody is counted any more, and what limits had counted is forgotten in time. */
  async #expectEmpty(): Promise<void> {
    for (const session of this.#sessions.splice(0)) session.hangUp();
    this.#expectCounts({ rooms: 0, devices: 0, sockets: 0 });
    this.#expectTimers(1, 'with nobody there only its heartbeat has one');
    const exposed = await this.#metrics.expose();
    for (const gauge of ['sockets', 'devices', 'rooms']) {
      const isZero = exposed.includes(`\ninnmesh_${gauge} 0\n`);
      this.#findings.expect(isZero, () => `The metric innmesh_${gauge} is not 0 after everyone has left.`);
    }
    for (let sweeps = 0; sweeps < 2; sweeps++) {
      this.#clock.advance(HOUR_MS);
      this.#guard.sweep();
    }
    this.#findings.expect(this.#guard.size === 0, () => `${this.#guard.size} addresses are not forgotten.`);
  }

  /** A place that somebody still held would be missing now. */
  #refillRooms(): void {
    for (const seat of this.#seats) {
      const session = this.#open(seat);
      this.#sessions.push(session);
      this.#within(seat.room, () => session.join());
      this.#findings.expect(session.isJoined, () => `Not all of ${SEATS} devices found a place in their room again.`);
    }
    for (const room of this.#rooms) this.#expectFull(room);
  }

  #expectFull(room: FuzzedRoom): void {
    const [random, clock, issuer] = [this.#random, this.#clock, this.#issuer];
    const key = new RepeatableKey(random);
    const session = this.#open(new Seat({ room, key, role: 'staff', name: 'one too many', issuer, clock, random }));
    this.#within(room, () => session.join());
    const { endCode } = session;
    this.#findings.expect(endCode === closeCodes.roomFull, () => `A device beyond ${SEATS} ended with ${endCode}.`);
  }
}
