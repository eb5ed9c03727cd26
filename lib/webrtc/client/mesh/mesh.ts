import { backoffDelayMs } from '@innmesh/kit';
import type { FirstOffer as JoinOffer, Party, RelayMessage, ReplicationMessage, RosterEntry } from '@innmesh/protocol';
import { LinkError } from '../errors.ts';
import { type Hello, Link, type LinkEnd } from '../link/link.ts';
import { LinkAuthentication } from '../link/link-authentication.ts';
import type { RoomMessage, Welcome } from '../signaling/signaling-socket.ts';
import { Beginnings, type BeginningsDeps } from './beginnings.ts';
import type { Beginning } from './first-offer.ts';
import { ownOfferWins } from './glare.ts';
import { LinkKeeper, type LinkKeeperDeps } from './link-keeper.ts';
import { OfferLimits } from './offer-limits.ts';
import { Peer } from './peer.ts';

export interface MeshDeps extends BeginningsDeps, LinkKeeperDeps {
  tenantId: string;
  keepaliveMs: number;
  /** What a link to that device begins with, once both ends are known to each other. */
  hello(to: Pick<Party, 'peerId' | 'role'>): Hello;
  signal(message: RelayMessage): void;
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
/** How long a peer that left the room, or came in anew, has to show that its link still stands. */
const PROBE_TIMEOUT_MS = 3_000;

/** The other devices of the room, and links to those that are wanted. The newcomer offers; links outlive the signaling server. */
export class Mesh {
  readonly #deps: MeshDeps;
  readonly #events: MeshEvents;
  readonly #peers = new Map<string, Peer>();
  readonly #beginnings: Beginnings;
  readonly #offerLimits: OfferLimits;
  readonly #keeper: LinkKeeper;
  #stopped: (() => void) | null = null;

  constructor(deps: MeshDeps, events: MeshEvents) {
    this.#deps = deps;
    this.#events = events;
    this.#beginnings = new Beginnings(deps);
    this.#offerLimits = new OfferLimits(deps.clock);
    this.#keeper = new LinkKeeper(deps, {
      peers: () => this.peers(),
      offer: (peer) => this.#offer(peer),
      forget: (peer) => this.#forgetIfGone(peer),
    });
  }

  peers(): Peer[] {
    return [...this.#peers.values()];
  }

  peer(peerId: string): Peer | undefined {
    return this.#peers.get(peerId);
  }

  /** Something is sent to this one device: a link to it is made where none stands. */
  reach(peerId: string): void {
    const peer = this.#peers.get(peerId);
    if (!peer) return;
    this.talked(peer);
    if (this.#keeper.isChoosy && peer.isFree) this.#offer(peer);
  }

  /** Something that was for this device has come from the peer. */
  talked(peer: Peer): void {
    this.#keeper.talked(peer);
  }

  /** A server is being reached: meanwhile, the first link's offer can be made, which takes about as long. */
  prepare(): void {
    if (this.#stopped || this.#hasLinks) this.#beginnings.dropFirstOffer();
    else this.#beginnings.prepareFirstOffer();
  }

  /** To be called when there is time. */
  prepareNext(): void {
    if (!this.#stopped) this.#beginnings.prepareConnection();
  }

  /** For the join to carry: none where links stand, as the server might hand it to one of those. */
  firstOffers(): JoinOffer[] {
    return this.#hasLinks ? [] : this.#beginnings.firstOffers();
  }

  get #hasLinks(): boolean {
    return this.peers().some(({ link }) => link);
  }

  /** This device is in the room, for the first time or again: links to those who are wanted and not linked. */
  enterRoom(welcome: Welcome): void {
    const roster = welcome.roster.filter(({ device }) => this.#deps.trust.mayLink(device.type));
    const present = new Set(roster.map(({ peerId }) => peerId));
    for (const peer of this.peers()) if (!present.has(peer.peerId)) this.#miss(peer);
    const peers = roster.map((entry) => this.#place(entry));
    this.#events.discovered(peers);
    this.#offerAsNewcomer(
      peers.filter(({ link }) => !link?.isOpen),
      welcome.offeredTo[0],
    );
    if (peers.length === 0) this.prepareNext();
    this.#beginnings.dropFirstOffer();
    if (!this.#stopped) this.#keeper.start();
  }

  #offerAsNewcomer(unlinked: Peer[], offeredTo: number | undefined): void {
    const offered = unlinked.find(({ slot }) => slot === offeredTo);
    if (offered) this.#goOnWithFirstOffer(offered);
    const isWanted = this.#keeper.wantedByEither();
    for (const peer of unlinked) if (peer !== offered && isWanted(peer)) this.#offer(peer);
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
    this.#keeper.stop();
    this.#beginnings.close();
    if (this.#peers.size === 0) resolve();
    for (const peer of this.peers()) {
      peer.slot = null;
      peer.endRetry();
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
    else if (this.#keeper.isChoosy) this.#probe(peer.link, 'it came in anew and does not answer.');
    if (!known) this.#events.peerJoined(peer);
    if (peer.isFree && this.#keeper.owes(peer)) this.#offer(peer);
  }

  #place({ slot, peerId, device }: RosterEntry): Peer {
    let peer = this.#peers.get(peerId);
    if (!peer) {
      peer = new Peer(peerId, device);
      this.#peers.set(peerId, peer);
    }
    peer.announced = device;
    peer.slot = slot;
    peer.placedAtMs = this.#deps.clock.nowMs();
    return peer;
  }

  /** It is not on the roster: of a server that has just started, perhaps, which all who have no link to it come back to. */
  #miss(peer: Peer): void {
    if (peer.link || !this.#keeper.isChoosy) this.#leaveRoom(peer);
    else if (peer.slot !== null) {
      peer.slot = null;
      peer.placedAtMs = this.#deps.clock.nowMs();
    }
  }

  #leaveRoom(peer: Peer): void {
    peer.slot = null;
    peer.endRetry();
    const { link } = peer;
    if (link?.isOpen) {
      this.#probe(link, 'it left the room and does not answer.');
    } else if (link?.isOpening) {
      link.discard('it left the room.');
    }
    // A link that is closing still has the last acknowledgements to carry.
    this.#forgetIfGone(peer);
  }

  async #probe(link: Link, reason: string): Promise<void> {
    if (!(await link.roundTrip.probe(PROBE_TIMEOUT_MS))) link.drop(reason);
  }

  #offer(peer: Peer): void {
    if (!this.#stopped) this.#newLink(peer, () => this.#beginnings.next())?.offer();
  }

  /** The server has handed it to this peer. */
  #goOnWithFirstOffer(peer: Peer): void {
    const firstOffer = this.#beginnings.takeFirstOffer();
    if (firstOffer) this.#newLink(peer, () => firstOffer.beginning)?.offered(firstOffer.sdp);
  }

  #takeOffer(peer: Peer, offer: Relayed<'offer'>): void {
    if (peer.link?.isOffering && ownOfferWins(this.#deps.trust.peerId, peer.peerId)) return;
    if (!this.#offerLimits.take(peer)) {
      this.#deps.log(`an offer of ${peer.peerId} was dropped: it makes too many.`);
      return;
    }
    // Whoever offers anew has lost what it had, even where this side has not noticed yet.
    this.#newLink(peer, () => this.#beginnings.for(offer.attempt))?.answer(offer);
  }

  /** Frames of earlier attempts may still be on their way. */
  #currentAttempt(peer: Peer, { attempt }: { attempt: number }): Link | null {
    return peer.link?.attempt === attempt ? peer.link : null;
  }

  /** In place of the one before; `null` where the platform makes no connection. */
  #newLink(peer: Peer, begin: () => Beginning): Link | null {
    peer.endRetry();
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
    const role = announced.type;
    const authentication = new LinkAuthentication({ ...this.#deps, peerId, role, nonce });
    const link = new Link(
      attempt,
      { ...this.#deps, transport, authentication, hello: () => this.#deps.hello({ peerId, role }) },
      {
        signal: (part) => {
          if (peer.slot !== null) signal({ ...part, peer: peer.slot, attempt });
        },
        opened: (hello) => {
          peer.failures = 0;
          peer.usedAtMs = this.#deps.clock.nowMs();
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
    if (!onPurpose || this.#keeper.owes(peer)) this.#scheduleRetry(peer);
    this.#forgetIfGone(peer);
  }

  /** Both sides try again; glare is resolved by rule. */
  #scheduleRetry(peer: Peer): void {
    if (this.#stopped || peer.slot === null) return;
    const delayMs = backoffDelayMs(peer.failures, RETRY, this.#deps.random);
    peer.failures += 1;
    peer.failedAtMs = this.#deps.clock.nowMs();
    peer.endRetry();
    peer.cancelRetry = this.#deps.clock.setTimer(() => {
      peer.cancelRetry = null;
      if (peer.isFree && this.#keeper.wants(peer)) this.#offer(peer);
    }, delayMs);
  }

  /** A peer is there while any way to it is. */
  #forgetIfGone(peer: Peer): void {
    if (peer.slot !== null || peer.link || !this.#peers.delete(peer.peerId)) return;
    this.#events.peerLeft(peer);
    if (!this.#stopped) this.#keeper.heal();
    else if (this.#peers.size === 0) this.#stopped();
  }
}
