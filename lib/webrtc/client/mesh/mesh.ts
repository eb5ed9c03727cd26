import { backoffDelayMs } from '@innmesh/kit';
import {
  decodeForDevice,
  encodeSignaling,
  isRelayedDescription,
  isRelayFrame,
  type FirstOffer as JoinOffer,
  MalformedFrameError,
  type Party,
  type RelayMessage,
  type ReplicationMessage,
  type RosterEntry,
} from '@innmesh/protocol';
import { LinkError } from '../errors.ts';
import { type Hello, Link, type LinkEnd, type LinkSignal } from '../link/link.ts';
import { LinkAuthentication } from '../link/link-authentication.ts';
import type { RelayMeters } from '../link/relay-meter.ts';
import type { Relay } from '../relay/relay.ts';
import type { RoomMessage, Welcome } from '../signaling/signaling-socket.ts';
import { Beginnings, type BeginningsDeps } from './beginnings.ts';
import type { Beginning } from './first-offer.ts';
import { ownOfferWins } from './glare.ts';
import { LinkKeeper, type LinkKeeperDeps } from './link-keeper.ts';
import { LinkRepair } from './link-repair.ts';
import { OfferLimits } from './offer-limits.ts';
import { Peer } from './peer.ts';
import type { RepairAction } from './repair.ts';
import { type Neighbour, SignalRelay } from './signal-relay.ts';

export interface MeshDeps extends BeginningsDeps, LinkKeeperDeps {
  tenantId: string;
  keepaliveMs: number;
  /** What a link to that device begins with, once both ends are known to each other. */
  hello(to: Pick<Party, 'peerId' | 'role'>): Hello;
  /** By way of the server; `false` where there is none. */
  signal(message: RelayMessage): boolean;
  /** Whoever leaves the room may have found a better server, to which all go one after the other. */
  isPassing(): boolean;
  relay: Pick<Relay, 'isOffered' | 'begin' | 'handle' | 'pause'>;
  /** Count what crosses relays. */
  relayed: RelayMeters;
}

export interface MeshEvents {
  discovered(peers: Peer[]): void;
  peerJoined(peer: Peer): void;
  peerLeft(peer: Peer): void;
  linked(peer: Peer, hello: Hello): void;
  unlinked(peer: Peer): void;
  /** Another connection has taken the place of the link, which stands as before. */
  relinked(peer: Peer, hello: Hello): void;
  /** What the peer says of journals. Throws `MalformedFrameError` for what no device says. */
  replicated(peer: Peer, message: ReplicationMessage): void;
  /** Its link is about to say bye. */
  closing(peer: Peer): void;
  /** Resolves when what has come is kept. */
  settled(): Promise<void>;
  /** A peer hands on whom the issuer has put out. */
  denied(list: string, from: Peer): void;
  /** A link has fallen silent or ended, and no other tells that this device is still on the network. */
  isolated(): void;
  failed(error: Error): void;
}

type Relayed<Type> = Extract<RelayMessage, { type: Type }>;

/** An attempt that failed is made again after about 0.5, 1, 2 … 30 s. */
const RETRY = { baseMs: 500, maxMs: 30_000 };
/** A direct link stands within a tenth of this; whoever cannot reach a peer goes by way of the server. */
const DIRECT_PATIENCE_MS = 3_000;
/** After that, of each other attempt: a browser whose network has come back finds no direct way for another 1.5 s. */
const NEXT_PATIENCE_MS = 500;
/** Beside a link that goes through the server, a direct one is tried after about 15, 30 … 300 s. */
const DIRECT_RETRY = { baseMs: 15_000, maxMs: 300_000 };
/** What others hand on is there by then. */
const LONG_AWAITED_MS = 2_000;
/** As many as keep a device that reaches nobody in touch with all. */
const MAX_RELAYED = 2;
/** A link that is silent for so long may be dead. */
const LONG_SILENCE_MS = 60_000;
/** Whoever has heard from a peer within this time is on the network. */
const NEWS_MS = 1_000;
/** The other side of a link that was replaced may learn of it later than this one. */
const RETIREMENT_MS = 1_000;
/** How long a peer that left the room, or came in anew, has to show that its link still stands. */
const PROBE_TIMEOUT_MS = 3_000;
/** How long an offer that was made before the relays were known may look for a way without them. */
const WITHOUT_RELAYS_MS = 2_000;

/** The other devices of the room, and links to those that are wanted. The newcomer offers; links outlive the signaling server. */
export class Mesh {
  readonly #deps: MeshDeps;
  readonly #events: MeshEvents;
  readonly #peers = new Map<string, Peer>();
  readonly #beginnings: Beginnings;
  readonly #offerLimits: OfferLimits;
  readonly #keeper: LinkKeeper;
  readonly #signalRelay: SignalRelay;
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
    this.#signalRelay = new SignalRelay({
      ...deps,
      self: () => deps.trust,
      neighbours: () => this.#neighbours(),
      received: (from, frame) => this.#signaledByPeers(from, frame),
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
    for (const { repair } of peers) repair?.tell('change');
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
    if (message.type === 'pause') {
      this.#deps.relay.pause(message.pauseMs);
      return;
    }
    const slot = message.type === 'left' || message.type === 'unreachable' ? message.slot : message.peer;
    const peer = this.peers().find((candidate) => candidate.slot === slot);
    if (!peer) return;
    if (message.type === 'frame' || message.type === 'undelivered') this.#deps.relay.handle(peer, message);
    else if (message.type === 'left' && this.#deps.isPassing()) this.#miss(peer);
    else if (message.type === 'left' || message.type === 'unreachable') this.#leaveRoom(peer);
    else this.#signaled(peer, message);
  }

  #signaled(peer: Peer, message: RelayMessage): void {
    switch (message.type) {
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

  /** Whoever is linked hands signals on where no server does. */
  #neighbours(): Neighbour[] {
    return this.peers().flatMap(({ peerId, party: { role }, link }) => {
      return link?.isOpen ? [{ peerId, role, send: (signal) => link.passSignal(signal) }] : [];
    });
  }

  #signaledByPeers(from: string, frame: Uint8Array<ArrayBuffer>): void {
    const peer = this.#peers.get(from);
    if (!peer || !isRelayFrame(frame)) return;
    try {
      this.#signaled(peer, decodeForDevice(frame) as RelayMessage);
    } catch (error) {
      if (!(error instanceof MalformedFrameError)) throw error;
      this.#deps.log(`a signal of ${from} was dropped: ${error.message}`);
    }
  }

  /** By way of the server; and of the peers where there is none, or where it has not helped. */
  #signal(peer: Peer, part: LinkSignal, attempt: number): void {
    const { slot, peerId } = peer;
    const isSent = slot !== null && this.#deps.signal({ ...part, peer: slot, attempt });
    const isInTrouble = peer.failures > 0 || (peer.repair?.failures ?? 0) > 0;
    if (!isSent || isInTrouble) this.#signalRelay.send(peerId, encodeSignaling({ ...part, peer: 0, attempt }));
  }

  /** This device's network is another one, or is there again: what did not work may work now. */
  networkChanged(): void {
    for (const peer of this.peers()) {
      peer.repair?.tell('change');
      if (!peer.cancelRetry) continue;
      peer.endRetry();
      if (peer.link?.isRelayed || (peer.isFree && this.#keeper.wants(peer))) this.#offer(peer);
    }
  }

  /** Closes the links to those whose credential is over, or who were put out. */
  checkPeers(): void {
    for (const { link, next } of this.peers()) for (const each of [link, next]) each?.checkPeer();
  }

  /** Says bye to all, who may be linked again when this device comes into the room anew. */
  closeLinks(): void {
    for (const peer of this.peers()) {
      peer.endRetry();
      peer.endPatience();
      peer.next?.discard('this device goes to sleep.');
      peer.link?.close();
    }
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
      peer.endPatience();
      peer.repair?.stop();
      peer.next?.discard('this device leaves.');
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
    peer.repair?.tell('change');
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

  /** It is not in the room: of a server that has just started, perhaps, or that others move to, and all come there. */
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
    peer.endPatience();
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
    if (this.#stopped) return;
    const link = this.#newLink(peer, () => this.#beginnings.next());
    link?.offer();
    this.#expectDirectLink(peer, link);
  }

  /** Offers that follow do not begin it anew: some platforms give an attempt up at once, or make none. */
  #expectDirectLink(peer: Peer, link: Link | null): void {
    if (peer.link !== link) return;
    const { clock } = this.#deps;
    const nowMs = clock.nowMs();
    peer.lackingSinceMs ??= nowMs;
    const patienceMs = Math.max(NEXT_PATIENCE_MS, peer.lackingSinceMs + DIRECT_PATIENCE_MS - nowMs);
    peer.cancelPatience ??= clock.setTimer(() => {
      peer.cancelPatience = null;
      this.#offerByServer(peer);
    }, patienceMs);
  }

  /** Whether the peer is to be linked through the server: nobody else hands on what is for it, or everything. */
  #needsServer(peer: Peer): boolean {
    const { relay, isAwaited } = this.#deps;
    if (this.#stopped || peer.slot === null || !relay.isOffered) return false;
    const others = this.peers().filter(({ link }) => link?.isOpen && link.condition.silentMs < LONG_SILENCE_MS);
    const relayed = others.filter(({ link }) => link?.isRelayed);
    return (
      isAwaited(peer.peerId, LONG_AWAITED_MS) || (relayed.length === others.length && relayed.length < MAX_RELAYED)
    );
  }

  /** Beside the direct attempts, which go on. */
  async #offerByServer(peer: Peer): Promise<void> {
    if (this.#needsServer(peer)) (await this.#relayedLink(peer, this.#beginnings.newAttempt()))?.offer();
  }

  async #takeRelayedOffer(peer: Peer, offer: Relayed<'offer'>): Promise<void> {
    (await this.#relayedLink(peer, offer.attempt))?.answer(offer);
  }

  async #relayedLink(peer: Peer, attempt: number): Promise<Link | null> {
    // An offer may come by two ways.
    if (peer.relayedAttempt === attempt) return null;
    peer.relayedAttempt = attempt;
    let link: Link;
    try {
      link = this.#createLink(peer, this.#beginnings.with(await this.#deps.relay.begin(peer, attempt), attempt));
    } catch (error) {
      this.#deps.log(`no link to ${peer.peerId} through the server: ${error}`);
      return null;
    }
    const before = [peer.next, peer.link].find((each) => each?.isRelayed && each.isOpening);
    if (this.#stopped || (!peer.link && peer.slot === null)) link.discard('it is not wanted any more.');
    else if (!peer.link || peer.link === before) peer.link = link;
    else {
      peer.next?.discard('another attempt takes its place.');
      peer.next = link;
    }
    if (peer.link === link) before?.discard('another attempt takes its place.');
    return link;
  }

  /** The server has handed it to this peer. */
  #goOnWithFirstOffer(peer: Peer): void {
    const firstOffer = this.#beginnings.takeFirstOffer();
    if (!firstOffer) return;
    const link = this.#newLink(peer, () => firstOffer.beginning);
    link?.offered(firstOffer.sdp);
    this.#expectDirectLink(peer, link);
    if (link && firstOffer.iceServers !== this.#deps.iceServers()) this.#offerAnewUnlessOpen(peer, link);
  }

  #offerAnewUnlessOpen(peer: Peer, link: Link): void {
    peer.cancelRetry = this.#deps.clock.setTimer(() => {
      peer.cancelRetry = null;
      if (peer.link === link && link.isOpening) this.#offer(peer);
    }, WITHOUT_RELAYS_MS);
  }

  #takeOffer(peer: Peer, offer: Relayed<'offer'>): void {
    const isOwnTurn = ownOfferWins(this.#deps.trust.peerId, peer.peerId);
    if (peer.link?.isOpen && peer.link.attempt === offer.attempt) {
      if (!peer.link.isRestarting || !isOwnTurn) peer.link.answerRestart(offer);
      return;
    }
    // It may come by two ways.
    if (this.#currentAttempt(peer, offer)) return;
    const isRelayed = isRelayedDescription(offer.sdp);
    const rivals = [peer.next, peer.link].filter((each) => each?.isOffering && each.isRelayed === isRelayed);
    if (rivals.length > 0 && isOwnTurn) peer.outbidAttempt = offer.attempt;
    if (peer.outbidAttempt === offer.attempt) return;
    if (!this.#offerLimits.take(peer)) {
      this.#deps.log(`an offer of ${peer.peerId} was dropped: it makes too many.`);
      return;
    }
    if (isRelayed) {
      this.#takeRelayedOffer(peer, offer);
      return;
    }
    // Whoever offers anew has lost what it had, or is about to: this side keeps it until the new one works.
    this.#newLink(peer, () => this.#beginnings.for(offer.attempt))?.answer(offer);
  }

  /** Frames of earlier attempts may still be on their way. */
  #currentAttempt({ link, next }: Peer, { attempt }: { attempt: number }): Link | null {
    return [next, link].find((each) => each?.attempt === attempt) ?? null;
  }

  /** In place of the attempt before, or beside the link that stands; `null` where the platform makes no connection. */
  #newLink(peer: Peer, begin: () => Beginning): Link | null {
    peer.endRetry();
    const predecessor = peer.link?.isOpen ? peer.next : peer.link;
    let link: Link | null = null;
    try {
      link = this.#createLink(peer, begin());
    } catch (error) {
      this.#events.failed(new LinkError(peer.peerId, `no connection could be made: ${error}`));
    }
    if (peer.link?.isOpen) peer.next = link;
    else {
      peer.link = link;
      // The one before was about to close.
      this.#unlinked(peer);
    }
    predecessor?.discard('another attempt takes its place.');
    if (!link && !peer.link) this.#scheduleRetry(peer);
    return link;
  }

  #createLink(peer: Peer, { attempt, nonce, transport }: Beginning): Link {
    const { peerId, announced } = peer;
    const role = announced.type;
    transport.useRelays({ meter: this.#deps.relayed.of(peerId), iceServers: this.#deps.iceServers });
    const authentication = new LinkAuthentication({ ...this.#deps, peerId, role, nonce });
    const link = new Link(
      attempt,
      { ...this.#deps, transport, authentication, hello: () => this.#deps.hello({ peerId, role }) },
      {
        signal: (part) => this.#signal(peer, part, attempt),
        signaled: (signal) => {
          const by = this.#neighbours().find(({ peerId }) => peerId === peer.peerId);
          if (by) this.#signalRelay.handle(signal, by);
        },
        opened: (hello) => this.#opened(peer, link, hello),
        replicated: (message) => {
          if (peer.link === link) this.#events.replicated(peer, message);
        },
        closing: () => this.#events.closing(peer),
        settled: () => this.#events.settled(),
        denied: (list) => this.#events.denied(list, peer),
        heard: () => {
          if (peer.link === link && peer.repair?.state !== 'steady') peer.repair?.tell('heard');
        },
        doubted: (isGivenUp) => {
          if (peer.link === link) peer.repair?.tell(isGivenUp ? 'failed' : 'silence');
        },
        closed: (end) => this.#linkClosed(peer, link, end),
      },
    );
    return link;
  }

  #opened(peer: Peer, link: Link, hello: Hello): void {
    peer.endPatience();
    peer.failures = 0;
    peer.lackingSinceMs = null;
    peer.usedAtMs = this.#deps.clock.nowMs();
    peer.reportedPath = null;
    peer.repair?.stop();
    peer.repair = this.#createRepair(peer);
    if (peer.next === link) this.#putInPlace(peer, link);
    const wasLinked = peer.isLinked;
    peer.isLinked = true;
    if (wasLinked) this.#events.relinked(peer, hello);
    else this.#events.linked(peer, hello);
    if (link.isRelayed) {
      this.#tryDirectlyLater(peer);
      return;
    }
    peer.directFailures = 0;
    if (peer.next?.isRelayed) peer.next.discard('a direct link stands.');
  }

  /** A connection that was made beside another one stands. */
  #putInPlace(peer: Peer, link: Link): void {
    const before = peer.link;
    peer.link = link;
    // The direct attempt may still succeed.
    peer.next = link.isRelayed && before?.isOpening ? before : null;
    if (before?.isOpening && !peer.next) before.discard('another connection stands.');
    if (!before?.isStanding) return;
    this.#deps.clock.setTimer(() => before.discard('another connection has taken its place.'), RETIREMENT_MS);
  }

  /** The application is told, where it has been told of the link. */
  #unlinked(peer: Peer): void {
    if (!peer.isLinked) return;
    peer.isLinked = false;
    peer.reportedPath = null;
    this.#events.unlinked(peer);
  }

  #tryDirectlyLater(peer: Peer): void {
    const delayMs = backoffDelayMs(peer.directFailures, DIRECT_RETRY, this.#deps.random);
    peer.directFailures += 1;
    peer.endRetry();
    peer.cancelRetry = this.#deps.clock.setTimer(() => {
      peer.cancelRetry = null;
      if (peer.link?.isRelayed && !peer.next) this.#offer(peer);
    }, delayMs);
  }

  #createRepair(peer: Peer): LinkRepair {
    return new LinkRepair({
      ...this.#deps,
      condition: () => peer.link?.condition ?? { isBroken: true, silentMs: 0, canRestart: false },
      act: (action) => this.#repair(peer, action),
    });
  }

  #repair(peer: Peer, action: RepairAction): void {
    this.#deps.log(`link to ${peer.peerId}: ${action}`);
    if (action === 'restart-ice' || action === 'replace') this.#tellWhereIsolated();
    switch (action) {
      case 'ping':
        peer.link?.ping();
        return;
      case 'restart-ice':
        peer.link?.restart();
        return;
      case 'replace':
        if ((peer.repair?.failures ?? 0) > 0 && this.#needsServer(peer)) this.#offerByServer(peer);
        else this.#offer(peer);
        return;
      case 'keep-old':
        peer.next?.discard('the link works again.');
        return;
      case 'drop':
        peer.link?.drop('nothing came from it any more.');
    }
  }

  #tellWhereIsolated(): void {
    const isWithoutWord = this.peers().every(({ link }) => !link?.isOpen || link.condition.silentMs > NEWS_MS);
    if (isWithoutWord) this.#events.isolated();
  }

  #linkClosed(peer: Peer, link: Link, { reason, cause, onPurpose, wasOpen }: LinkEnd): void {
    this.#deps.log(`link to ${peer.peerId} closed: ${reason}`);
    const atMs = this.#deps.clock.nowMs();
    if (!onPurpose) peer.lastFailure = { reason, isRefusal: cause !== undefined, wasOpen, atMs };
    if (peer.next === link) {
      peer.next = null;
      peer.repair?.tell('attempt-failed');
      if (peer.link?.isRelayed && peer.link.isOpen) this.#tryDirectlyLater(peer);
      return;
    }
    if (peer.link !== link) return;
    peer.repair?.stop();
    peer.repair = null;
    if (onPurpose || peer.slot === null) {
      peer.endPatience();
      peer.next?.discard('the link it was to replace is gone.');
    }
    peer.link = peer.next;
    peer.next = null;
    if (wasOpen) this.#unlinked(peer);
    if (onPurpose) peer.lackingSinceMs = null;
    else peer.lackingSinceMs ??= atMs;
    // Firefox ends a connection in the moment in which its address is gone, which the server's socket outlives.
    if (wasOpen && !onPurpose) this.#tellWhereIsolated();
    if (peer.link) return;
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
