import { type CancelTimer, type Clock, type Random, setRepeating } from '@innmesh/kit';
import {
  decodeMessage,
  Entitlements,
  InnmeshError,
  NotEntitledError,
  type Party,
  type PingMessage,
  parseMessage,
  type ReceivedMessage,
  type RelayMessage,
} from '@innmesh/protocol';
import type { Configuration } from './configuration.ts';
import { PeerMessageError, UnknownPeerError } from './errors.ts';
import type { Cryptography } from './identity/cryptography.ts';
import type { Device } from './identity/device.ts';
import type { DeviceIdentity } from './identity/device-identity.ts';
import type { Inbox } from './journal/inbox.ts';
import type { OutboundEntry, Outbox } from './journal/outbox.ts';
import type { Hello } from './link/link.ts';
import { describePath, unlinked } from './link/path.ts';
import type { Lane } from './link/transport.ts';
import { Mesh } from './mesh/mesh.ts';
import { describePeer, type Peer } from './mesh/peer.ts';
import type { MessagingSession } from './messaging-session.ts';
import type { Delivery, NetworkTopology, PeerInfo } from './public-types.ts';
import { orderServers } from './signaling/server-order.ts';
import { SignalingClient } from './signaling/signaling-client.ts';
import type { TabSharing } from './tabs/tab-sharing.ts';
import { OrderPlacers } from './trust/order-placers.ts';
import { Trust } from './trust/trust.ts';

/** What differs per platform, and what a test decides. */
export interface PlatformDeps {
  clock: Clock;
  random: Random;
  openWebSocket(url: string, subprotocol: string): WebSocket;
  createPeerConnection(configuration: RTCConfiguration): RTCPeerConnection;
  loadCryptography(): Promise<Cryptography>;
  device: Device;
  fetchJson(url: string): Promise<unknown>;
  /** How many links a device keeps. Default: one to every other. */
  maxLinks?: number;
  /** Calls back when the page is about to go for good; returns how to stop that. */
  onPageGone(callback: () => void): () => void;
  /** `null` where there are no tabs, or none shall share. */
  tabs: TabSharing | null;
}

export interface SessionDeps extends PlatformDeps {
  identity(): Promise<DeviceIdentity>;
  configuration: Configuration;
  outbox: Outbox;
  inbox: Inbox;
  /** Whom this device has met before; a message to one of them waits for it. */
  met?: Iterable<string>;
  log(text: string): void;
}

/** How long `getNetworkTopology()` waits for the answer to its ping. */
const MEASURE_TIMEOUT_MS = 2_000;
/** How often entries and credentials are looked at for whether their time is over, and new links for their way. */
const LOOK_AROUND_INTERVAL_MS = 1_000;

export interface SessionEvents {
  discovered(peers: PeerInfo[]): void;
  peerJoined(peer: PeerInfo): void;
  peerLeft(peerId: string): void;
  linked(peer: PeerInfo): void;
  unlinked(peerId: string): void;
  message(message: ReceivedMessage, fromPeerId: string): void;
  topology(topology: NetworkTopology): void;
  /** Whether anybody listens to `topology`: to find it out keeps a browser busy for some milliseconds. */
  wantsTopology(): boolean;
  reconnecting(): void;
  failed(error: Error): void;
}

/** From `connect()` to `disconnect()`: a message on its way from the application to its peers, and back. */
export class Session implements MessagingSession {
  readonly #deps: SessionDeps;
  readonly #events: SessionEvents;
  readonly #trust: Trust;
  readonly #placers = new OrderPlacers();
  readonly #signaling: SignalingClient;
  readonly #mesh: Mesh;
  /** Everyone who was here since `connect()`, so that a message can wait for a peer to come back. */
  readonly #met: Set<string>;
  /** The last answer to each peer's pings. */
  readonly #pongs = new Map<string, Delivery>();
  readonly #cancelTimers: CancelTimer[];

  constructor(deps: SessionDeps, events: SessionEvents) {
    this.#deps = deps;
    this.#events = events;
    this.#met = new Set(deps.met);
    this.#trust = this.#createTrust();
    this.#mesh = this.#createMesh();
    this.#signaling = this.#createSignaling();
    this.#cancelTimers = [
      setRepeating(deps.clock, () => this.#lookAround(), LOOK_AROUND_INTERVAL_MS),
      setRepeating(deps.clock, () => this.#reportChangedPaths(), deps.configuration.keepaliveInterval),
    ];
  }

  get peerId(): string {
    return this.#trust.peerId;
  }

  join(): Promise<void> {
    return this.#signaling.join();
  }

  /** Joins again where the signaling server is lost for good. */
  comeBack(): Promise<void> {
    return this.#signaling.comeBack();
  }

  /** Resolves when every peer has been told. */
  leave(): Promise<void> {
    for (const cancel of this.#cancelTimers) cancel();
    this.#signaling.stop();
    return this.#mesh.stop();
  }

  peers(): PeerInfo[] {
    return this.#mesh.peers().map(describePeer);
  }

  /** Whom the application knows to be linked. */
  linkedPeerIds(): string[] {
    const linked = this.#mesh.peers().filter(({ link }) => link?.isStanding);
    return linked.map(({ peerId }) => peerId);
  }

  /** Throws what `P2PConnection.send` throws. */
  send(message: unknown, targetPeerId?: string): Delivery {
    if (targetPeerId !== undefined && !this.#met.has(targetPeerId)) throw new UnknownPeerError(targetPeerId);
    const parsed = this.#placers.complete(parseMessage(message), this.#self, this.#partyOf(targetPeerId));
    const recipients = this.#recipientsOf(parsed, targetPeerId);
    const entry = this.#deps.outbox.add(parsed, recipients);
    if (targetPeerId !== undefined) this.#mesh.reach(targetPeerId);
    for (const peerId of recipients) this.#transmit(this.#mesh.peer(peerId), entry);
    return entry.delivery;
  }

  async topology(peerId: string): Promise<NetworkTopology | null> {
    const peer = this.#mesh.peer(peerId);
    return peer ? this.#measure(peer) : null;
  }

  #transmit(peer: Peer | undefined, { lane, seq, body }: OutboundEntry): void {
    if (peer?.link?.isOpen) peer.link.sendEntry(lane, seq, body);
  }

  get #self(): Party {
    const { peerId, role, table } = this.#trust;
    return { peerId, role, table };
  }

  #partyOf(peerId: string | undefined): Party | null {
    return this.#mesh.peer(peerId ?? '')?.party ?? null;
  }

  /** Throws `NotEntitledError` where nobody it is for may have it. */
  #recipientsOf(message: ReceivedMessage, targetPeerId: string | undefined): string[] {
    const { role } = this.#trust;
    if (!this.#trust.entitlements.mayWrite(message.type, role)) {
      throw new NotEntitledError(`A device of role "${role}" may not send "${message.type}" messages.`);
    }
    if (targetPeerId === undefined) {
      const readers = this.#mesh.peers().filter(({ party }) => this.#mayReach(message, party));
      return readers.map(({ peerId }) => peerId);
    }
    const target = this.#partyOf(targetPeerId);
    if (target && !this.#mayReach(message, target)) {
      const problem = `This "${message.type}" message may not go from a device of role "${role}" to one of role "${target.role}".`;
      throw new NotEntitledError(problem);
    }
    return [targetPeerId];
  }

  #mayReach(message: ReceivedMessage, reader: Party): boolean {
    return this.#trust.entitlements.allows(message, this.#self, reader);
  }

  #mayTake(message: ReceivedMessage, writer: Party): boolean {
    return this.#trust.entitlements.allows(message, writer, this.#self);
  }

  /** What the peer's cursors do not cover yet is sent, oldest first. */
  #replicate(peer: Peer, { knownJournal, cursors, journal }: Hello): void {
    const { outbox, inbox } = this.#deps;
    inbox.follow(peer.peerId, journal);
    if (isSame(knownJournal, outbox.journal)) {
      for (const [lane, seq] of cursors.entries()) outbox.acknowledge(peer.peerId, lane as Lane, seq);
    }
    const mayRead = (message: ReceivedMessage) => this.#mayReach(message, peer.party);
    for (const entry of outbox.claimFor(peer.peerId, peer.party.role, mayRead)) this.#transmit(peer, entry);
  }

  #lookAround(): void {
    this.#deps.outbox.expire();
    this.#mesh.checkPeers();
    this.#mesh.prepareNext();
    this.#trust.renewWhenDue();
    // Not as soon as a link opens: its first messages would wait while the browser gathers statistics.
    for (const peer of this.#mesh.peers()) if (!peer.reportedPath) this.#reportPath(peer);
  }

  /** From the server or a peer; the next ones are told of what is news here. */
  async #takeDenyList(list: string, from: Peer | null): Promise<void> {
    try {
      if (!(await this.#trust.takeDenyList(list))) return;
    } catch (error) {
      this.#events.failed(error as Error);
      return;
    }
    this.#mesh.checkPeers();
    for (const peer of this.#mesh.peers()) if (peer !== from) peer.link?.deny(list);
  }

  #renewed(credential: string): void {
    this.#signaling.renew(credential);
    for (const { link } of this.#mesh.peers()) link?.renew(credential);
  }

  #take(peer: Peer, lane: Lane, seq: number, body: Uint8Array<ArrayBuffer>): void {
    const isNew = this.#deps.inbox.take(peer.peerId, lane, seq);
    // Before the hand-over, which may disconnect; the frame that says so leaves after it all the same.
    peer.link?.acknowledge(lane, seq, body.length);
    if (isNew) this.#mesh.talked(peer);
    if (isNew) this.#deliver(peer.peerId, body);
  }

  #deliver(peerId: string, body: Uint8Array<ArrayBuffer>): void {
    const parsed = this.#parse(peerId, body);
    const writer = this.#partyOf(peerId);
    if (!parsed || !writer) return;
    const message = this.#placers.named(parsed, writer);
    if (this.#placers.isAnothers(message, writer) || !this.#mayTake(message, writer)) {
      const problem = `A device of role "${writer.role}" may not send this "${message.type}" message here.`;
      this.#events.failed(new PeerMessageError(peerId, new NotEntitledError(problem)));
      return;
    }
    this.#placers.remember(message);
    if (message.type === 'ping') this.#answerPing(peerId, message);
    this.#events.message(message, peerId);
  }

  #parse(peerId: string, body: Uint8Array<ArrayBuffer>): ReceivedMessage | null {
    try {
      return parseMessage(decodeMessage(body));
    } catch (error) {
      if (!(error instanceof InnmeshError)) throw error;
      this.#events.failed(new PeerMessageError(peerId, error));
      return null;
    }
  }

  /** One answer at a time: a peer that takes none cannot fill this device with them. */
  #answerPing(peerId: string, ping: PingMessage): void {
    if (this.#pongs.get(peerId)?.status === 'pending') return;
    this.#pongs.set(peerId, this.send({ ...ping, type: 'pong' }, peerId));
  }

  async #measure(peer: Peer): Promise<NetworkTopology> {
    const { peerId, link } = peer;
    const absent = { peerId, latency: null, ...unlinked('No link to this device stands yet.') };
    if (!link?.isOpen) return absent;
    // Before the statistics, which keep a browser busy for some milliseconds.
    await link.roundTrip.probe(MEASURE_TIMEOUT_MS);
    if (!link.isOpen) return absent;
    const path = await describePath(await link.stats(), this.#deps.configuration.prices);
    return { peerId, latency: link.roundTrip.smoothedMs, ...path };
  }

  #reportChangedPaths(): void {
    for (const peer of this.#mesh.peers()) this.#reportPath(peer);
  }

  /** Tells of a way that differs from the last one told of. */
  async #reportPath(peer: Peer): Promise<void> {
    const { link } = peer;
    if (!link?.isOpen || !this.#events.wantsTopology()) return;
    const topology = await this.#measure(peer);
    if (!topology.path || peer.link !== link || topology.path === peer.reportedPath) return;
    peer.reportedPath = topology.path;
    this.#events.topology(topology);
  }

  #createTrust(): Trust {
    const { configuration } = this.#deps;
    const entitlements = new Entitlements(configuration.entitlements);
    return new Trust({ ...configuration, ...this.#deps, entitlements }, (token) => this.#renewed(token));
  }

  #createMesh(): Mesh {
    const { configuration, createPeerConnection, inbox, outbox } = this.#deps;
    const deps = {
      ...this.#deps,
      tenantId: configuration.tenantId,
      trust: this.#trust,
      keepaliveMs: configuration.keepaliveInterval,
      // Until others hand on what is sent to all.
      maxLinks: this.#deps.maxLinks ?? Number.POSITIVE_INFINITY,
      isAwaited: (peerId: string) => outbox.isAwaitedBy(peerId),
      createPeerConnection: () => createPeerConnection({ iceServers: configuration.iceServers }),
      helloFor: (id: string): Hello => {
        const { journal: knownJournal, cursors } = inbox.cursorsFor(id);
        return { type: 'hello', journal: outbox.journal, knownJournal, cursors };
      },
      signal: (message: RelayMessage) => this.#signaling.send(message),
    };
    return new Mesh(deps, {
      discovered: (peers) => {
        for (const peer of peers) this.#met.add(peer.peerId);
        this.#events.discovered(peers.map(describePeer));
      },
      peerJoined: (peer) => {
        this.#met.add(peer.peerId);
        this.#events.peerJoined(describePeer(peer));
      },
      peerLeft: (peer) => {
        this.#pongs.delete(peer.peerId);
        this.#events.peerLeft(peer.peerId);
      },
      linked: (peer, hello) => {
        if (this.#trust.denyList) peer.link?.deny(this.#trust.denyList);
        this.#replicate(peer, hello);
        this.#events.linked(describePeer(peer));
      },
      unlinked: (peer) => this.#events.unlinked(peer.peerId),
      entry: (peer, lane, seq, body) => this.#take(peer, lane, seq, body),
      cursor: (peer, lane, seq) => outbox.acknowledge(peer.peerId, lane, seq),
      denied: (list, from) => this.#takeDenyList(list, from),
      failed: (error) => this.#events.failed(error),
    });
  }

  #createSignaling(): SignalingClient {
    const { signalingServers, preferLocal, autoReconnect, reconnectInterval } = this.#deps.configuration;
    const trust = this.#trust;
    return new SignalingClient(
      {
        urls: orderServers(signalingServers, preferLocal),
        autoReconnect,
        reconnectIntervalMs: reconnectInterval,
      },
      {
        ...this.#deps,
        prepare: () => trust.prepare(),
        // Behind whatever else this turn asks of the browser: making a connection keeps the page busy for milliseconds.
        reaching: () => queueMicrotask(() => this.#mesh.prepare()),
        join: async (challenge, host) => {
          const proof = await trust.join(challenge, host);
          return { ...proof, offers: this.#mesh.firstOffers() };
        },
        accept: ({ credential, issuerKeys }) => trust.takeDevelopment(credential, issuerKeys),
        refuse: (problem) => trust.refuse(problem),
      },
      {
        joined: (welcome) => this.#mesh.enterRoom(welcome),
        received: (message) =>
          message.type === 'deny' ? this.#takeDenyList(message.list, null) : this.#mesh.handle(message),
        reconnecting: () => this.#events.reconnecting(),
        failed: (error) => this.#events.failed(error),
      },
    );
  }
}

const isSame = (one: Uint8Array, other: Uint8Array) => one.every((byte, index) => byte === other[index]);
