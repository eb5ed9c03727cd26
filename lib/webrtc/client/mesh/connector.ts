import { backoffDelayMs, dropOldest } from '@innmesh/kit';
import { isRelayedDescription, type RelayMessage, type ReplicationMessage } from '@innmesh/protocol';
import { LinkError } from '../errors.ts';
import type { Hello } from '../link/handshake.ts';
import type { Link, LinkEnd } from '../link/link.ts';
import type { Beginnings } from './beginnings.ts';
import { createLink, type LinkCreationDeps } from './create-link.ts';
import type { Beginning } from './first-offer.ts';
import { ownOfferWins } from './glare.ts';
import type { LinkKeeper } from './link-keeper.ts';
import type { OfferLimits } from './offer-limits.ts';
import type { Peer } from './peer.ts';
import { PeerRepair, type PeerRepairDeps } from './peer-repair.ts';
import { RelayedWay, type RelayedWayDeps } from './relayed-way.ts';
import { RetryTimer } from './retry-timer.ts';
import type { SignalPaths } from './signal-paths.ts';

export interface ConnectorDeps extends LinkCreationDeps, RelayedWayDeps, PeerRepairDeps {
  beginnings: Beginnings;
  offerLimits: { direct: OfferLimits; relayed: OfferLimits };
  keeper: Pick<LinkKeeper, 'wants' | 'owes'>;
  signals: Pick<SignalPaths, 'send' | 'handle'>;
  /** There is neither a link to it nor an attempt at one any more. */
  ended(peer: Peer): void;
}

/** What comes of links. */
export interface ConnectorEvents {
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
  /** A link has fallen silent, and no other peer answers that this device is still on the network. */
  isolated(): void;
  /** Something has come by a link. */
  heard(): void;
  failed(error: Error): void;
}

type Relayed<Type> = Extract<RelayMessage, { type: Type }>;

/** An attempt that failed is made again after about 0.5, 1, 2 … 30 s. */
const RETRY = { baseMs: 500, maxMs: 30_000 };
/** The other side of a link that was replaced may learn of it later than this one. */
const RETIREMENT_MS = 1_000;
/** How long a peer that left the room, or came in anew, has to show that its link still stands. */
const PROBE_TIMEOUT_MS = 3_000;
const MAX_HEARD_ATTEMPTS = 16;
/** How long an attempt goes on that may have no relays, or nobody at its other end. */
const TRUST_MS = 2_000;

/** Connects to one peer: offers a link or takes one up, and tries again. */
export class Connector {
  readonly peer: Peer;
  readonly #deps: ConnectorDeps;
  readonly #events: ConnectorEvents;
  readonly #retry: RetryTimer;
  readonly #relayedWay: RelayedWay;
  readonly #repair: PeerRepair;
  /** Of the peer's last offers: each may come once more, by another way and late. */
  readonly #heardAttempts = new Map<number, true>();
  /** The application has been told that it is linked. */
  #isLinked = false;

  constructor(peer: Peer, deps: ConnectorDeps, events: ConnectorEvents) {
    this.peer = peer;
    this.#deps = deps;
    this.#events = events;
    this.#retry = new RetryTimer(deps.clock);
    this.#relayedWay = new RelayedWay(deps, peer, (transport, attempt) =>
      this.#createLink(deps.beginnings.with(transport, attempt)),
    );
    this.#repair = new PeerRepair(deps, peer, {
      restarting: () => this.#relayedWay.waitForDirect(),
      replace: () => this.offer(),
      isolated: () => events.isolated(),
    });
  }

  /** In place of the attempt before, or beside the link that stands. */
  offer(): void {
    if (this.#deps.isStopped()) return;
    const link = this.#begin(() => this.#deps.beginnings.next());
    link?.offer();
    this.#relayedWay.waitForDirect();
  }

  /** Something waits for the peer, or the peer makes a link: where none stands in good time, the server may carry one. */
  expectLink(): void {
    if (this.peer.slot !== null && !this.peer.link?.isOpen) this.#relayedWay.waitForDirect();
  }

  /** Where no link stands and no attempt is under way or waits for its time. */
  offerIfFree(): void {
    if (this.#isFree) this.offer();
  }

  get #isFree(): boolean {
    return this.peer.slot !== null && !this.peer.link && !this.#retry.isPending;
  }

  /** Goes on with the offer that the server has handed to this peer. */
  firstOffered(): void {
    const firstOffer = this.#deps.beginnings.takeFirstOffer();
    if (!firstOffer) return;
    const link = this.#begin(() => firstOffer.beginning);
    link?.offered(firstOffer.sdp);
    this.#relayedWay.waitForDirect();
    if (link && firstOffer.iceServers !== this.#deps.iceServers()) this.#offerAnewUnlessOpen(link);
  }

  /** This device has come into the room anew, and its attempt is about to open, unless the other end has given it up. */
  trustAttempt(): void {
    const { link } = this.peer;
    if (link?.isOpening) this.#offerAnewUnlessOpen(link);
  }

  /** What the peer says for a link. Throws `MalformedFrameError` for what does not fit. */
  signaled(message: RelayMessage): void {
    switch (message.type) {
      case 'offer':
        this.#takeOffer(message);
        return;
      case 'answer':
        this.peer.links.of(message.attempt)?.acceptAnswer(message);
        return;
      case 'candidate':
        this.peer.links.of(message.attempt)?.addCandidate({ candidate: message.candidate, sdpMid: message.mid });
    }
  }

  /** The peer has come into the room, again perhaps. `mayHaveLost`: without its link, it may not know of it any more. */
  joined(mayHaveLost: boolean): void {
    const { link, links } = this.peer;
    if (links.isAboutToOpen) return;
    // What was signaled to the socket it had before is lost; it offers anew by itself.
    this.#withdraw('it has come in anew.');
    if (link?.isOpen) {
      if (mayHaveLost) this.#probe(link, 'it came in anew and does not answer.');
    } else if (link && !link.hasOffered && link.ageMs < TRUST_MS) {
      // Its offer has come by way of others already.
      this.#offerAnewUnlessOpen(link);
    } else link?.discard('it has come in anew.');
    this.#repair.stopYielding();
    this.#repair.yield('change');
  }

  /** This device has come into the room again: what was signaled before is lost. */
  reentered(): void {
    this.#withdraw('this device has come in anew.');
    this.#repair.hurry();
  }

  #withdraw(reason: string): void {
    const { link, links } = this.peer;
    links.withdraw(reason);
    if (link?.isOpen && link.isRelayed) this.#tryDirectlyLater();
  }

  /** A link that is closing still has the last acknowledgements to carry. */
  leftRoom(): void {
    this.#endTries();
    const { link } = this.peer;
    if (link?.isOpen) this.#probe(link, 'it left the room and does not answer.');
    else if (link?.isOpening || link?.isRelayed) link.discard('it left the room.');
  }

  /** What did not work may work now. */
  networkChanged(): void {
    const { link, links } = this.peer;
    this.#relayedWay.networkChanged();
    // The change may be the one that has let it find its path.
    if (links.isAboutToOpen) {
      this.#repair.yield('change');
      return;
    }
    this.#repair.hurry();
    // An attempt that is under way is waited for as long as before.
    if (link?.isOpening) return;
    if (link?.isRelayed) {
      if (!links.next || links.next.ageMs >= TRUST_MS) this.offer();
    } else if (this.#retry.isPending) {
      this.#retry.cancel();
      this.#offerIfWanted();
    }
  }

  /** Says bye. */
  close(reason: string): void {
    this.#repair.end();
    for (const link of this.peer.links.beside) link.discard(reason);
    // It would be tried again.
    this.#endTries();
    this.peer.link?.close();
  }

  #endTries(): void {
    this.#relayedWay.endWaiting();
    this.#repair.stopYielding();
    this.#retry.cancel();
  }

  #offerIfWanted(): void {
    if (!this.#isFree) return;
    if (this.#deps.keeper.wants(this.peer)) this.offer();
    else this.peer.lastFailure = null;
  }

  async #probe(link: Link, reason: string): Promise<void> {
    if (!(await link.roundTrip.probe(PROBE_TIMEOUT_MS))) link.drop(reason);
  }

  #offerAnewUnlessOpen(link: Link): void {
    this.#retry.start(() => {
      if (this.peer.link === link && link.isOpening) this.offer();
    }, TRUST_MS);
  }

  #takeOffer(offer: Relayed<'offer'>): void {
    if (this.#deps.isStopped()) return;
    const { peerId, link, links } = this.peer;
    const isOwnTurn = ownOfferWins(this.#deps.trust.peerId, peerId);
    if (link?.isOpen && link.attempt === offer.attempt) {
      if (!link.isRestarting || !isOwnTurn) link.answerRestart(offer);
      return;
    }
    // It may come by two ways, and by one of them when another has taken its place.
    if (this.#heardAttempts.has(offer.attempt)) return;
    this.#heardAttempts.set(offer.attempt, true);
    dropOldest(this.#heardAttempts, MAX_HEARD_ATTEMPTS);
    const isRelayed = isRelayedDescription(offer.sdp);
    const isRivalled = links.all.some((each) => each.isOffering && each.isRelayed === isRelayed);
    if (isRivalled && isOwnTurn) return;
    const limits = this.#deps.offerLimits;
    if (!(isRelayed ? limits.relayed : limits.direct).take(this.peer)) {
      this.#deps.log(`an offer of ${peerId} was dropped: it makes too many.`);
      return;
    }
    if (isRelayed) {
      this.#relayedWay.answer(offer);
      return;
    }
    // Whoever offers anew has lost what it had, or is about to: this side keeps it until the new one works.
    this.#begin(() => this.#deps.beginnings.for(offer.attempt))?.answer(offer);
    this.expectLink();
  }

  /** A direct one; `null` where the platform makes no connection. */
  #begin(begin: () => Beginning): Link | null {
    this.#retry.cancel();
    const { peer } = this;
    let link: Link | null = null;
    try {
      link = this.#createLink(begin());
    } catch (error) {
      this.#events.failed(new LinkError(peer.peerId, `no connection could be made: ${error}`));
    }
    peer.links.begin(link);
    // The one before was about to close.
    if (!peer.link?.isOpen) {
      this.#repair.end();
      this.#unlinked();
    }
    if (!link && !peer.link) this.#scheduleRetry();
    else if (!link && peer.link?.isRelayed) this.#tryDirectlyLater();
    return link;
  }

  #createLink(beginning: Beginning): Link {
    const { peer } = this;
    const link = createLink(this.#deps, peer, beginning, {
      signal: (part) => this.#deps.signals.send(peer, part, beginning.attempt),
      signaled: (signal) => {
        // What it says of a link for itself is older than the link that has taken the place of this one.
        if (peer.link === link || signal.from !== peer.peerId) this.#deps.signals.handle(signal, peer);
      },
      opened: (hello) => this.#opened(link, hello),
      replicated: (message) => {
        if (peer.link === link) this.#events.replicated(peer, message);
      },
      closing: () => this.#events.closing(peer),
      settled: () => this.#events.settled(),
      denied: (list) => this.#events.denied(list, peer),
      heard: () => {
        this.#events.heard();
        if (peer.link === link && peer.repair?.state !== 'steady') peer.repair?.tell('heard');
      },
      doubted: (isGivenUp) => {
        if (peer.link === link) peer.repair?.tell(isGivenUp ? 'failed' : 'silence');
      },
      pathFound: () => {
        if (peer.link === link) this.#repair.yield('path-found');
      },
      closed: (end) => this.#closed(link, end),
    });
    return link;
  }

  #opened(link: Link, hello: Hello): void {
    const { peer } = this;
    this.#endTries();
    this.#relayedWay.lacksNothing();
    peer.failures = 0;
    peer.lastFailure = null;
    peer.usedAtMs = this.#deps.clock.monotonicMs();
    peer.reportedPath = null;
    this.#repair.begin();
    const before = peer.links.opened(link);
    this.#retire(before);
    const wasLinked = this.#isLinked;
    this.#isLinked = true;
    if (wasLinked) this.#events.relinked(peer, hello);
    else this.#events.linked(peer, hello);
    if (link.isRelayed) {
      // The place of one whose path was looked for: what it might have found goes with it.
      if (before && !peer.links.next && link.hasOffered) this.offer();
      else this.#tryDirectlyLater();
      return;
    }
    this.#relayedWay.directStands();
    peer.links.relayed?.discard('a direct link stands.');
  }

  #retire(before: Link | null): void {
    if (!before) return;
    this.#deps.clock.setTimer(() => before.discard('another connection has taken its place.'), RETIREMENT_MS);
  }

  /** The application is told, where it has been told of the link. */
  #unlinked(): void {
    if (!this.#isLinked) return;
    this.#isLinked = false;
    this.peer.reportedPath = null;
    this.#events.unlinked(this.peer);
  }

  #tryDirectlyLater(): void {
    this.#retry.start(() => {
      if (!this.peer.link?.isRelayed || this.peer.links.next) return;
      this.#relayedWay.directTried();
      this.offer();
    }, this.#relayedWay.nextDirectDelayMs());
  }

  #closed(link: Link, { reason, cause, onPurpose, wasOpen }: LinkEnd): void {
    const { peer } = this;
    const { peerId, links } = peer;
    this.#deps.log(`link to ${peerId} closed: ${reason}`);
    if (links.beside.includes(link)) {
      const isDirect = links.next === link;
      links.remove(link);
      if (isDirect) peer.repair?.tell('attempt-failed');
      if (isDirect && peer.link?.isRelayed && peer.link.isOpen) this.#tryDirectlyLater();
      return;
    }
    if (peer.link !== link) return;
    const atMs = this.#deps.clock.monotonicMs();
    if (!onPurpose) peer.lastFailure = { reason, isRefusal: cause !== undefined, wasOpen, atMs };
    this.#repair.end();
    if (onPurpose || peer.slot === null) {
      this.#relayedWay.endWaiting();
      for (const each of links.beside) each.discard('the link it was to replace is gone.');
    }
    links.remove(link);
    // The direct attempt for which a link through the server stood in goes on.
    const isStoodInFor = link.isRelayed && !onPurpose && peer.link?.isOpening;
    if (!peer.link?.isAboutToOpen && !isStoodInFor) this.#unlinked();
    if (onPurpose) this.#relayedWay.lacksNothing();
    else this.#relayedWay.lacks(link.condition.silentMs);
    if (peer.link) {
      if (!peer.link.isRelayed) this.#relayedWay.waitForDirect();
      return;
    }
    // Of a direct attempt beside the link that is gone; whoever is wanted again is offered a link at once.
    this.#retry.cancel();
    if (!wasOpen && !onPurpose) this.#events.failed(new LinkError(peerId, reason, { cause }));
    if (!onPurpose || this.#deps.keeper.owes(peer)) this.#scheduleRetry();
    this.#deps.ended(peer);
  }

  /** Both sides try again; glare is resolved by rule. */
  #scheduleRetry(): void {
    const { peer } = this;
    if (this.#deps.isStopped() || peer.slot === null) return;
    const { clock, random } = this.#deps;
    const delayMs = backoffDelayMs(peer.failures, RETRY, random);
    peer.failures += 1;
    peer.failedAtMs = clock.monotonicMs();
    this.#retry.start(() => this.#offerIfWanted(), delayMs);
  }
}
