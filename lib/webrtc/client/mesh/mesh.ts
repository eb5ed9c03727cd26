import { backoffDelayMs, type Clock, type Random, randomUint32 } from '@innmesh/kit';
import {
  type FirstOffer as JoinOffer,
  NONCE_BYTES,
  type RelayMessage,
  type ReplicationMessage,
  type RosterEntry,
} from '@innmesh/protocol';
import { LinkError } from '../errors.ts';
import { type Hello, Link, type LinkEnd } from '../link/link.ts';
import { LinkAuthentication } from '../link/link-authentication.ts';
import { Transport } from '../link/transport.ts';
import type { RoomMessage, Welcome } from '../signaling/signaling-socket.ts';
import type { Trust } from '../trust/trust.ts';
import { type Beginning, FirstOffer } from './first-offer.ts';
import { ownOfferWins } from './glare.ts';
import { OfferLimits } from './offer-limits.ts';
import { Peer } from './peer.ts';
import { SpareConnection } from './spare-connection.ts';

export interface MeshDeps {
  tenantId: string;
  trust: Trust;
  clock: Clock;
  random: Random;
  keepaliveMs: number;
  createPeerConnection(): RTCPeerConnection;
  /** What a link begins with, once both ends are known to each other. */
  hello(): Hello;
  signal(message: RelayMessage): void;
  log(text: string): void;
}

export interface MeshEvents {
  discovered(peers: Peer[]): void;
  peerJoined(peer: Peer): void;
  peerLeft(peer: Peer): void;
  linked(peer: Peer, hello: Hello): void;
  unlinked(peer: Peer): void;
  /** What the peer says of journals. Throws `MalformedFrameError` for what no device says. */
  replicated(peer: Peer, message: ReplicationMessage): void;
  /** Its link is about to say bye. */
  closing(peer: Peer): void;
  /** Resolves when what has come is kept. */
  settled(): Promise<void>;
  /** A peer hands on whom the issuer has put out. */
  denied(list: string, from: Peer): void;
  failed(error: Error): void;
}

type Relayed<Type> = Extract<RelayMessage, { type: Type }>;

/** An attempt that failed is made again after about 0.5, 1, 2 … 30 s. */
const RETRY = { baseMs: 500, maxMs: 30_000 };
/** How long a peer that left the room has to show that its link still stands. */
const PROBE_TIMEOUT_MS = 3_000;

/** The other devices of the room, and a link to each. The newcomer offers; links outlive the signaling server. */
export class Mesh {
  readonly #deps: MeshDeps;
  readonly #events: MeshEvents;
  readonly #peers = new Map<string, Peer>();
  readonly #connections: SpareConnection;
  readonly #offerLimits: OfferLimits;
  #firstOffer: FirstOffer | null = null;
  #stopped: (() => void) | null = null;

  constructor(deps: MeshDeps, events: MeshEvents) {
    this.#deps = deps;
    this.#events = events;
    this.#connections = new SpareConnection(deps.createPeerConnection);
    this.#offerLimits = new OfferLimits(deps.clock);
  }

  peers(): Peer[] {
    return [...this.#peers.values()];
  }

  peer(peerId: string): Peer | undefined {
    return this.#peers.get(peerId);
  }

  /** A server is being reached: meanwhile, the first link's offer can be made, which takes about as long. */
  prepare(): void {
    this.#dropFirstOffer();
    if (this.#stopped || this.#hasLinks) return;
    try {
      this.#firstOffer = new FirstOffer(this.#begin(randomUint32(this.#deps.random)));
    } catch (error) {
      this.#deps.log(`no connection could be made: ${error}`);
    }
  }

  /** To be called when there is time. */
  prepareNext(): void {
    if (this.#stopped) return;
    try {
      this.#connections.prepare();
    } catch {
      // Whoever needs one is told.
    }
  }

  /** For the join to carry: none where links stand, as the server might hand it to one of those. */
  firstOffers(): JoinOffer[] {
    return this.#hasLinks ? [] : (this.#firstOffer?.toSend() ?? []);
  }

  get #hasLinks(): boolean {
    return this.peers().some(({ link }) => link);
  }

  #dropFirstOffer(): void {
    this.#takeFirstOffer()?.beginning.transport.close('closed.');
  }

  /** This device is in the room, for the first time or again: links to whoever is there and not linked. */
  enterRoom(welcome: Welcome): void {
    const roster = welcome.roster.filter(({ device }) => this.#deps.trust.mayLink(device.type));
    const present = new Set(roster.map(({ peerId }) => peerId));
    for (const peer of this.peers()) if (!present.has(peer.peerId)) this.#leaveRoom(peer);
    const peers = roster.map((entry) => this.#place(entry));
    this.#events.discovered(peers);
    const unlinked = peers.filter(({ link }) => !link?.isOpen);
    const offered = unlinked.find(({ slot }) => slot === welcome.offeredTo[0]);
    if (offered) this.#goOnWithFirstOffer(offered);
    for (const peer of unlinked) if (peer !== offered) this.#offer(peer);
    if (peers.length === 0) this.prepareNext();
    this.#dropFirstOffer();
  }

  handle(message: RoomMessage): void {
    if (message.type === 'joined') {
      this.#joined(message.peer);
      return;
    }
    const slot = message.type === 'left' || message.type === 'unreachable' ? message.slot : message.peer;
    const peer = this.peers().find((candidate) => candidate.slot === slot);
    if (!peer) return;
    switch (message.type) {
      case 'left':
      case 'unreachable':
        this.#leaveRoom(peer);
        return;
      case 'offer':
        this.#takeOffer(peer, message);
        return;
      case 'answer':
        this.#currentAttempt(peer, message)?.acceptAnswer(message);
        return;
      case 'candidate':
        this.#currentAttempt(peer, message)?.addCandidate({ candidate: message.candidate, sdpMid: message.mid });
    }
  }

  /** Closes the links to those whose credential is over, or who were put out. */
  checkPeers(): void {
    for (const { link } of this.peers()) link?.checkPeer();
  }

  /** Says bye to all. Resolves when the last link is closed. */
  stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stopped = resolve;
    this.#dropFirstOffer();
    this.#connections.close();
    if (this.#peers.size === 0) resolve();
    for (const peer of this.peers()) {
      peer.slot = null;
      peer.cancelRetry?.();
      if (peer.link) peer.link.close();
      else this.#forgetIfGone(peer);
    }
    return promise;
  }

  #joined(entry: RosterEntry): void {
    if (!this.#deps.trust.mayLink(entry.device.type)) return;
    const known = this.#peers.has(entry.peerId);
    const peer = this.#place(entry);
    // What was signaled to the socket it had before is lost; it offers anew by itself.
    if (!peer.link?.isOpen) peer.link?.discard('it has come in anew.');
    if (!known) this.#events.peerJoined(peer);
  }

  #place({ slot, peerId, device }: RosterEntry): Peer {
    let peer = this.#peers.get(peerId);
    if (!peer) {
      peer = new Peer(peerId, device);
      this.#peers.set(peerId, peer);
    }
    peer.announced = device;
    peer.slot = slot;
    return peer;
  }

  #leaveRoom(peer: Peer): void {
    peer.slot = null;
    peer.cancelRetry?.();
    const { link } = peer;
    if (link?.isOpen) {
      link.roundTrip.probe(PROBE_TIMEOUT_MS).then((answered) => {
        if (!answered) link.drop('it left the room and does not answer.');
      });
    } else if (link?.isOpening) {
      link.discard('it left the room.');
    }
    // A link that is closing still has the last acknowledgements to carry.
    this.#forgetIfGone(peer);
  }

  #offer(peer: Peer): void {
    if (this.#stopped) return;
    const beginning = this.#takeFirstOffer()?.beginning;
    this.#newLink(peer, () => beginning ?? this.#begin(randomUint32(this.#deps.random)))?.offer();
  }

  /** The server has handed it to this peer. */
  #goOnWithFirstOffer(peer: Peer): void {
    const firstOffer = this.#takeFirstOffer();
    if (firstOffer) this.#newLink(peer, () => firstOffer.beginning)?.offered(firstOffer.sdp);
  }

  #takeFirstOffer(): FirstOffer | null {
    const firstOffer = this.#firstOffer;
    this.#firstOffer = null;
    return firstOffer;
  }

  #takeOffer(peer: Peer, offer: Relayed<'offer'>): void {
    if (peer.link?.isOffering && ownOfferWins(this.#deps.trust.peerId, peer.peerId)) return;
    if (!this.#offerLimits.take(peer)) {
      this.#deps.log(`an offer of ${peer.peerId} was dropped: it makes too many.`);
      return;
    }
    // Whoever offers anew has lost what it had, even where this side has not noticed yet.
    this.#newLink(peer, () => this.#begin(offer.attempt))?.answer(offer);
  }

  /** Frames of earlier attempts may still be on their way. */
  #currentAttempt(peer: Peer, { attempt }: { attempt: number }): Link | null {
    return peer.link?.attempt === attempt ? peer.link : null;
  }

  /** In place of the one before; `null` where the platform makes no connection. */
  #newLink(peer: Peer, begin: () => Beginning): Link | null {
    peer.cancelRetry?.();
    const predecessor = peer.link;
    peer.link = null;
    try {
      peer.link = this.#createLink(peer, begin());
    } catch (error) {
      this.#events.failed(new LinkError(peer.peerId, `no connection could be made: ${error}`));
      this.#scheduleRetry(peer);
    }
    predecessor?.discard('another attempt takes its place.');
    return peer.link;
  }

  #createLink(peer: Peer, { attempt, nonce, transport }: Beginning): Link {
    const { signal } = this.#deps;
    const { peerId, announced } = peer;
    const authentication = new LinkAuthentication({ ...this.#deps, peerId, role: announced.type, nonce });
    const link = new Link(
      attempt,
      { ...this.#deps, transport, authentication },
      {
        signal: (part) => {
          if (peer.slot !== null) signal({ ...part, peer: peer.slot, attempt });
        },
        opened: (hello) => {
          peer.failures = 0;
          this.#events.linked(peer, hello);
        },
        replicated: (message) => this.#events.replicated(peer, message),
        closing: () => this.#events.closing(peer),
        settled: () => this.#events.settled(),
        denied: (list) => this.#events.denied(list, peer),
        closed: (end) => this.#linkClosed(peer, link, end),
      },
    );
    return link;
  }

  /** Throws where the platform makes no connection. */
  #begin(attempt: number): Beginning {
    const nonce = new Uint8Array(this.#deps.random.bytes(NONCE_BYTES));
    return { attempt, nonce, transport: new Transport(this.#connections.take()) };
  }

  #linkClosed(peer: Peer, link: Link, { reason, cause, onPurpose, wasOpen }: LinkEnd): void {
    this.#deps.log(`link to ${peer.peerId} closed: ${reason}`);
    const isCurrent = peer.link === link;
    if (isCurrent) peer.link = null;
    if (wasOpen) {
      peer.reportedPath = null;
      this.#events.unlinked(peer);
    }
    if (!isCurrent) return;
    if (!wasOpen && !onPurpose) this.#events.failed(new LinkError(peer.peerId, reason, { cause }));
    if (!onPurpose) this.#scheduleRetry(peer);
    this.#forgetIfGone(peer);
  }

  /** Both sides try again; glare is resolved by rule. */
  #scheduleRetry(peer: Peer): void {
    if (this.#stopped || peer.slot === null) return;
    const delayMs = backoffDelayMs(peer.failures, RETRY, this.#deps.random);
    peer.failures += 1;
    peer.cancelRetry = this.#deps.clock.setTimer(() => {
      if (peer.slot !== null && !peer.link) this.#offer(peer);
    }, delayMs);
  }

  /** A peer is there while any way to it is. */
  #forgetIfGone(peer: Peer): void {
    if (peer.slot !== null || peer.link || !this.#peers.delete(peer.peerId)) return;
    this.#events.peerLeft(peer);
    if (this.#peers.size === 0) this.#stopped?.();
  }
}
