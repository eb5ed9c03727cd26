import { type CancelTimer, type Clock, type Random, setRepeating } from '@innmesh/kit';
import {
  decodeMessage,
  InnmeshError,
  type PingMessage,
  parseMessage,
  type ReceivedMessage,
  type RelayMessage,
} from '@innmesh/protocol';
import type { Configuration } from './configuration.ts';
import { PeerMessageError, UnknownPeerError } from './errors.ts';
import type { Inbox } from './journal/inbox.ts';
import type { OutboundEntry, Outbox } from './journal/outbox.ts';
import { readPath, unlinked } from './link/topology.ts';
import type { Lane } from './link/transport.ts';
import { Mesh } from './mesh/mesh.ts';
import { describePeer, type Peer } from './mesh/peer.ts';
import type { MessagingSession } from './messaging-session.ts';
import type { Delivery, NetworkTopology, PeerInfo } from './public-types.ts';
import { orderServers } from './signaling/server-order.ts';
import { SignalingClient } from './signaling/signaling-client.ts';
import type { TabSharing } from './tabs/tab-sharing.ts';

/** What differs per platform, and what a test decides. */
export interface PlatformDeps {
  clock: Clock;
  random: Random;
  openWebSocket(url: string, subprotocol: string): WebSocket;
  createPeerConnection(configuration: RTCConfiguration): RTCPeerConnection;
  /** Calls back when the page is about to go for good; returns how to stop that. */
  onPageGone(callback: () => void): () => void;
  /** `null` where there are no tabs, or none shall share. */
  tabs: TabSharing | null;
}

export interface SessionDeps extends PlatformDeps {
  peerId: string;
  configuration: Configuration;
  outbox: Outbox;
  inbox: Inbox;
  /** Whom this device has met before; a message to one of them waits for it. */
  met?: Iterable<string>;
  log(text: string): void;
}

/** How long `getNetworkTopology()` waits for the answer to its ping. */
const MEASURE_TIMEOUT_MS = 2_000;
const EXPIRY_INTERVAL_MS = 1_000;

export interface SessionEvents {
  discovered(peers: PeerInfo[]): void;
  peerJoined(peer: PeerInfo): void;
  peerLeft(peerId: string): void;
  linked(peer: PeerInfo): void;
  unlinked(peerId: string): void;
  message(message: ReceivedMessage, fromPeerId: string): void;
  topology(topology: NetworkTopology): void;
  reconnecting(): void;
  failed(error: Error): void;
}

/** From `connect()` to `disconnect()`: a message on its way from the application to its peers, and back. */
export class Session implements MessagingSession {
  readonly #deps: SessionDeps;
  readonly #events: SessionEvents;
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
    this.#mesh = this.#createMesh();
    this.#signaling = this.#createSignaling();
    this.#cancelTimers = [
      setRepeating(deps.clock, () => deps.outbox.expire(), EXPIRY_INTERVAL_MS),
      setRepeating(deps.clock, () => this.#reportChangedPaths(), deps.configuration.keepaliveInterval),
    ];
  }

  get peerId(): string {
    return this.#deps.peerId;
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
    const parsed = parseMessage(message);
    if (targetPeerId !== undefined && !this.#met.has(targetPeerId)) throw new UnknownPeerError(targetPeerId);
    const recipients = targetPeerId === undefined ? this.#mesh.peers().map(({ peerId }) => peerId) : [targetPeerId];
    const entry = this.#deps.outbox.add(parsed, recipients);
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

  /** What the peer's cursors do not cover yet is sent, oldest first. */
  #replicate(peer: Peer, peerCursors: number[]): void {
    const { outbox } = this.#deps;
    for (const [lane, seq] of peerCursors.entries()) outbox.acknowledge(peer.peerId, lane as Lane, seq);
    for (const entry of outbox.claimFor(peer.peerId, peer.deviceInfo.type)) this.#transmit(peer, entry);
  }

  #take(peer: Peer, lane: Lane, seq: number, body: Uint8Array<ArrayBuffer>): void {
    const isNew = this.#deps.inbox.take(peer.peerId, lane, seq);
    // Before the hand-over, which may disconnect; the frame that says so leaves after it all the same.
    peer.link?.acknowledge(lane, seq, body.length);
    if (isNew) this.#deliver(peer.peerId, body);
  }

  #deliver(peerId: string, body: Uint8Array<ArrayBuffer>): void {
    const message = this.#parse(peerId, body);
    if (!message) return;
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
    if (!link?.isOpen) return { peerId, latency: null, ...unlinked('No link to this device stands yet.') };
    const [report] = await Promise.all([link.stats(), link.roundTrip.probe(MEASURE_TIMEOUT_MS)]);
    const path = readPath(report.values() as Iterable<RTCStats>, this.#deps.configuration.prices);
    return { peerId, latency: link.roundTrip.smoothedMs, ...path };
  }

  #reportChangedPaths(): void {
    for (const peer of this.#mesh.peers()) if (peer.link?.isOpen) this.#reportPath(peer);
  }

  /** Tells of a way that differs from the last one told of. */
  async #reportPath(peer: Peer): Promise<void> {
    const { link } = peer;
    const topology = await this.#measure(peer);
    if (!topology.path || peer.link !== link || topology.path === peer.reportedPath) return;
    peer.reportedPath = topology.path;
    this.#events.topology(topology);
  }

  #createMesh(): Mesh {
    const { peerId, clock, random, configuration, createPeerConnection, inbox, outbox, log } = this.#deps;
    const deps = {
      ownPeerId: peerId,
      clock,
      random,
      log,
      keepaliveMs: configuration.keepaliveInterval,
      createPeerConnection: () => createPeerConnection({ iceServers: configuration.iceServers }),
      cursorsFor: (id: string) => inbox.cursorsFor(id),
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
      linked: (peer, peerCursors) => {
        this.#replicate(peer, peerCursors);
        this.#events.linked(describePeer(peer));
        this.#reportPath(peer);
      },
      unlinked: (peer) => this.#events.unlinked(peer.peerId),
      entry: (peer, lane, seq, body) => this.#take(peer, lane, seq, body),
      cursor: (peer, lane, seq) => outbox.acknowledge(peer.peerId, lane, seq),
      failed: (error) => this.#events.failed(error),
    });
  }

  #createSignaling(): SignalingClient {
    const { peerId, configuration, clock, random, openWebSocket, log } = this.#deps;
    const { signalingServers, preferLocal, tenantId, deviceInfo, autoReconnect, reconnectInterval } = configuration;
    return new SignalingClient(
      {
        urls: orderServers(signalingServers, preferLocal),
        identity: { tenantId, peerId, device: deviceInfo },
        autoReconnect,
        reconnectIntervalMs: reconnectInterval,
      },
      { clock, random, openWebSocket, log },
      {
        joined: (welcome) => this.#mesh.enterRoom(welcome),
        received: (message) => this.#mesh.handle(message),
        reconnecting: () => this.#events.reconnecting(),
        failed: (error) => this.#events.failed(error),
      },
    );
  }
}
