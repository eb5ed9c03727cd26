import type { Clock } from '@innmesh/kit';
import { parseMessage, type ReceivedMessage } from '@innmesh/protocol';
import type { RoomAccount } from '../../diagnose/room-account.ts';
import { NotConnectedError, SignalingUnreachableError, UnknownPeerError } from '../../errors.ts';
import { DeliveryTracker, type OpenDeliveries } from '../../journal/delivery.ts';
import type { SeenEntries } from '../../journal/seen-entries.ts';
import type { MessagingSession } from '../../messaging-session.ts';
import type { MessageTarget, NetworkTopology, PeerInfo, PendingMessage } from '../../public-types.ts';
import type { SessionEvents } from '../../session.ts';

export const peerOf = (peerId: string): PeerInfo => ({
  peerId,
  deviceInfo: { type: 'staff', name: peerId, capabilities: [] },
  status: 'discovered',
});

export interface SentByRoom {
  message: ReceivedMessage;
  target: MessageTarget | undefined;
  delivery: DeliveryTracker;
  by: FakeSession;
}

/** The devices around the one whose tabs are under test, and the sessions through which it reaches them. */
export class FakeRoom {
  readonly sent: SentByRoom[] = [];
  /** Those that were to come in. */
  readonly sessions: FakeSession[] = [];
  present: string[] = ['kitchen', 'bar'];
  serverIsUp = true;
  joinMs = 100;
  /** Tries to come in by sessions that had left. */
  lateJoins = 0;
  #seq = 0;

  /** A message of a device that is not in the room: to whichever session is linked. */
  say(from: string, data: number): void {
    this.#seq += 1;
    for (const session of this.sessions) session.hear(from, this.#seq, { type: 'x-number', data });
  }

  /** Says again what it said last, as a peer does whose acknowledgement was lost. */
  repeat(from: string, data: number): void {
    this.#seq -= 1;
    this.say(from, data);
  }
}

/** What a page keeps over the sessions that it has. */
export interface Page {
  readonly seen: SeenEntries;
  readonly openDeliveries: OpenDeliveries;
}

/** What a `Session` does, without a network. */
export class FakeSession implements MessagingSession {
  readonly iceServers = [];
  readonly #room: FakeRoom;
  /** Whose script it runs in. */
  readonly owner: Clock;
  readonly #page: Page;
  readonly #events: SessionEvents;
  readonly #met: Set<string>;
  readonly #identity: () => Promise<unknown>;
  readonly peerId: string;
  isIn = false;
  hasLeft = false;

  constructor(
    room: FakeRoom,
    clock: Clock,
    page: Page,
    peerId: string,
    events: SessionEvents,
    met: Iterable<string>,
    identity: () => Promise<unknown> = async () => {},
  ) {
    this.#identity = identity;
    this.#room = room;
    this.owner = clock;
    this.#page = page;
    this.peerId = peerId;
    this.#events = events;
    this.#met = new Set(met);
  }

  async join(): Promise<void> {
    await this.#identity();
    if (!this.#room.sessions.includes(this)) this.#room.sessions.push(this);
    if (this.hasLeft) this.#room.lateJoins += 1;
    await this.#wait(this.#room.joinMs);
    if (this.hasLeft) throw new NotConnectedError('connecting');
    if (!this.#room.serverIsUp)
      throw new SignalingUnreachableError([{ url: 'ws://x', reason: 'down', closeCode: null }]);
    this.isIn = true;
    for (const peerId of this.#room.present) this.#met.add(peerId);
    this.#events.discovered(this.#room.present.map(peerOf));
    for (const peerId of this.#room.present) this.#events.linked({ ...peerOf(peerId), status: 'connected' });
  }

  comeBack(): Promise<void> {
    return this.isIn ? Promise.resolve() : this.join();
  }

  async leave(): Promise<void> {
    const wasIn = this.isIn;
    this.isIn = false;
    this.hasLeft = true;
    if (!wasIn) return;
    await this.#wait(50);
    for (const peerId of this.#room.present) this.#events.unlinked(peerId);
  }

  peers(): PeerInfo[] {
    return this.isIn ? this.#room.present.map((peerId) => ({ ...peerOf(peerId), status: 'connected' })) : [];
  }

  linkedPeerIds(): string[] {
    return this.isIn ? this.#room.present : [];
  }

  send(message: unknown, target?: MessageTarget): DeliveryTracker {
    const parsed = parseMessage(message);
    if (typeof target === 'string' && !this.#met.has(target)) throw new UnknownPeerError(target);
    const delivery = new DeliveryTracker(`${this.peerId}-${this.#room.sent.length}`, parsed.type);
    this.#room.sent.push({ message: parsed, target, delivery, by: this });
    this.#page.openDeliveries.set(delivery.id, delivery);
    return delivery;
  }

  pending(): PendingMessage[] {
    return [];
  }

  /** What one tab has kept, the next one finds. */
  async follow(id: string): Promise<void> {
    await this.#room.sent.find(({ delivery }) => delivery.id === id)?.delivery.delivered;
  }

  async topology(peerId: string): Promise<NetworkTopology | null> {
    return {
      peerId,
      topology: 'local-p2p',
      path: 'host',
      latency: 1,
      jitter: 1,
      estimatedCost: 0,
      bytesSent: 0,
      bytesReceived: 0,
      reason: '',
    };
  }

  async room(): Promise<RoomAccount> {
    const peers = this.peers().map(({ peerId, deviceInfo }) => ({
      ...{ peerId, name: deviceInfo.name, isPresent: true, failing: null },
      ...{ state: 'linked' as const, way: { path: 'host' as const, ends: 'host ↔ host, udp' } },
    }));
    return { isInRoom: this.isIn, obstacle: null, peers };
  }

  hear(from: string, seq: number, message: ReceivedMessage): void {
    const info = { id: `${from}-${seq}`, writtenAtMs: 0 };
    if (!this.isIn || this.#page.seen.has(info.id, message.type)) return;
    this.#events.message(message, from, info);
    this.#page.seen.note(info.id, message.type);
  }

  fail(error: Error): void {
    this.#events.failed(error);
  }

  /** The peer came. */
  meet(peerId: string): void {
    this.#room.present = [...this.#room.present, peerId];
    this.#met.add(peerId);
    this.#events.peerJoined(peerOf(peerId));
    this.#events.linked({ ...peerOf(peerId), status: 'connected' });
  }

  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.owner.setTimer(resolve, delayMs));
  }
}
