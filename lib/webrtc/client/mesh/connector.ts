import { backoffDelayMs } from '@innmesh/kit';
import { isRelayedDescription, type RelayMessage, type ReplicationMessage } from '@innmesh/protocol';
import { LinkError } from '../errors.ts';
import type { Hello } from '../link/handshake.ts';
import type { Link, LinkEnd } from '../link/link.ts';
import type { Beginnings } from './beginnings.ts';
import { createLink, type LinkCreationDeps } from './create-link.ts';
import type { Beginning } from './first-offer.ts';
import { ownOfferWins } from './glare.ts';
import type { LinkKeeper } from './link-keeper.ts';
import { LinkRepair } from './link-repair.ts';
import type { OfferLimits } from './offer-limits.ts';
import type { Peer } from './peer.ts';
import { RelayedWay, type RelayedWayDeps } from './relayed-way.ts';
import { durationsMs, type RepairAction } from './repair.ts';
import { RetryTimer } from './retry-timer.ts';
import type { SignalPaths } from './signal-paths.ts';

export interface ConnectorDeps extends LinkCreationDeps, RelayedWayDeps {
  beginnings: Beginnings;
  offerLimits: OfferLimits;
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
  /** A link has fallen silent, and no other tells that this device is still on the network. */
  isolated(): void;
  failed(error: Error): void;
}

type Relayed<Type> = Extract<RelayMessage, { type: Type }>;

/** An attempt that failed is made again after about 0.5, 1, 2 … 30 s. */
const RETRY = { baseMs: 500, maxMs: 30_000 };
/** Whoever has heard from a peer within this time is on the network. */
const NEWS_MS = 1_000;
/** The other side of a link that was replaced may learn of it later than this one. */
const RETIREMENT_MS = 1_000;
/** How long a peer that left the room, or came in anew, has to show that its link still stands. */
const PROBE_TIMEOUT_MS = 3_000;
/** How long the offer of a peer that has just come back takes. */
const YIELD_MS = 300;
/** What was offered so recently was offered for the same reason. */
const RECENT_MS = 500;
/** How long an attempt goes on that may have no relays, or nobody at its other end. */
const TRUST_MS = 2_000;

/** Connects to one peer: offers a link or takes one up, tries again, and repairs what stands. */
export class Connector {
  readonly peer: Peer;
  readonly #deps: ConnectorDeps;
  readonly #events: ConnectorEvents;
  readonly #retry: RetryTimer;
  /** Of giving way to the other side's offer, where both would make one. */
  readonly #yielding: RetryTimer;
  readonly #relayedWay: RelayedWay;
  /** Of the peer's last offer that crossed one of this device's and gave way; it may come once more, by another way. */
  #outbidAttempt: number | null = null;
  /** The application has been told that it is linked. */
  #isLinked = false;

  constructor(peer: Peer, deps: ConnectorDeps, events: ConnectorEvents) {
    this.peer = peer;
    this.#deps = deps;
    this.#events = events;
    this.#retry = new RetryTimer(deps.clock);
    this.#yielding = new RetryTimer(deps.clock);
    this.#relayedWay = new RelayedWay(deps, peer, (transport, attempt) =>
      this.#createLink(deps.beginnings.with(transport, attempt)),
    );
  }

  /** In place of the attempt before, or beside the link that stands. */
  offer(): void {
    if (this.#deps.isStopped()) return;
    const link = this.#begin(() => this.#deps.beginnings.next());
    link?.offer();
    this.#expectDirect(link);
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
    this.#expectDirect(link);
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
    links.withdraw('it has come in anew.');
    if (!link?.isOpen) link?.discard('it has come in anew.');
    else if (mayHaveLost) this.#probe(link, 'it came in anew and does not answer.');
    this.#yielding.cancel();
    this.#yield('change');
  }

  /** This device has come into the room again: what was signaled before is lost. */
  reentered(): void {
    this.#yielding.cancel();
    this.peer.repair?.tell('change');
  }

  /**
   * The way to the peer may be there again, or what was signaled is lost. Most often it is the peer that was away, and it
   * offers by itself. That is waited for: of two offers one is given up.
   */
  #yield(event: 'change' | 'path-found'): void {
    if (!this.peer.repair || this.#yielding.isPending) return;
    this.#yielding.start(() => {
      const { links, repair } = this.peer;
      const hasOffer = links.next?.isOpening && !links.next.hasOffered && links.next.ageMs <= YIELD_MS;
      if (!hasOffer && !links.isAboutToOpen) repair?.tell(event);
    }, YIELD_MS);
  }

  /** A link that is closing still has the last acknowledgements to carry. */
  leftRoom(): void {
    this.#endTries();
    const { link } = this.peer;
    if (link?.isOpen) this.#probe(link, 'it left the room and does not answer.');
    else if (link?.isOpening) link.discard('it left the room.');
  }

  /** What did not work may work now. */
  networkChanged(): void {
    this.peer.repair?.tell('change');
    // An attempt that is under way is waited for as long as before.
    if (!this.#retry.isPending || this.peer.link?.isOpening) return;
    this.#retry.cancel();
    if (this.peer.link?.isRelayed) this.offer();
    else this.#offerIfWanted();
  }

  /** Says bye. */
  close(reason: string): void {
    this.peer.repair?.stop();
    this.peer.links.next?.discard(reason);
    // It would be tried again.
    this.#endTries();
    this.peer.link?.close();
  }

  #endTries(): void {
    this.#relayedWay.endWaiting();
    this.#yielding.cancel();
    this.#retry.cancel();
  }

  #offerIfWanted(): void {
    if (this.#isFree && this.#deps.keeper.wants(this.peer)) this.offer();
  }

  async #probe(link: Link, reason: string): Promise<void> {
    if (!(await link.roundTrip.probe(PROBE_TIMEOUT_MS))) link.drop(reason);
  }

  #expectDirect(link: Link | null): void {
    if (this.peer.link === link) this.#relayedWay.waitForDirect(() => this.#offerRelayed());
  }

  async #offerRelayed(): Promise<void> {
    if (!this.#relayedWay.isNeeded) return;
    const relayed = await this.#relayedWay.begin(this.#deps.beginnings.newAttempt());
    const { link, repair } = this.peer;
    // It may have opened while the code for the other was loaded.
    if (link?.isOpen && !link.isRelayed && repair?.state === 'steady') relayed?.discard('a direct link stands.');
    else relayed?.offer();
  }

  async #takeRelayedOffer(offer: Relayed<'offer'>): Promise<void> {
    (await this.#relayedWay.begin(offer.attempt))?.answer(offer);
  }

  #offerAnewUnlessOpen(link: Link): void {
    this.#retry.start(() => {
      if (this.peer.link === link && link.isOpening) this.offer();
    }, TRUST_MS);
  }

  #takeOffer(offer: Relayed<'offer'>): void {
    const { peerId, link, links } = this.peer;
    const isOwnTurn = ownOfferWins(this.#deps.trust.peerId, peerId);
    if (link?.isOpen && link.attempt === offer.attempt) {
      if (!link.isRestarting || !isOwnTurn) link.answerRestart(offer);
      return;
    }
    // It may come by two ways.
    if (links.of(offer.attempt)) return;
    const isRelayed = isRelayedDescription(offer.sdp);
    const isRivalled = links.all.some((each) => each.isOffering && each.isRelayed === isRelayed);
    if (isRivalled && isOwnTurn) this.#outbidAttempt = offer.attempt;
    if (this.#outbidAttempt === offer.attempt) return;
    if (!this.#deps.offerLimits.take(this.peer)) {
      this.#deps.log(`an offer of ${peerId} was dropped: it makes too many.`);
      return;
    }
    if (isRelayed) {
      this.#takeRelayedOffer(offer);
      return;
    }
    // Whoever offers anew has lost what it had, or is about to: this side keeps it until the new one works.
    this.#begin(() => this.#deps.beginnings.for(offer.attempt))?.answer(offer);
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
      peer.repair?.stop();
      peer.repair = null;
      this.#unlinked();
    }
    if (!link && !peer.link) this.#scheduleRetry();
    return link;
  }

  #createLink(beginning: Beginning): Link {
    const { peer } = this;
    const link = createLink(this.#deps, peer, beginning, {
      signal: (part) => this.#deps.signals.send(peer, part, beginning.attempt),
      signaled: (signal) => this.#deps.signals.handle(signal, peer),
      opened: (hello) => this.#opened(link, hello),
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
      pathFound: () => {
        if (peer.link === link) this.#yield('path-found');
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
    peer.usedAtMs = this.#deps.clock.monotonicMs();
    peer.reportedPath = null;
    peer.repair?.stop();
    peer.repair = this.#createRepair();
    this.#retire(peer.links.opened(link));
    const wasLinked = this.#isLinked;
    this.#isLinked = true;
    if (wasLinked) this.#events.relinked(peer, hello);
    else this.#events.linked(peer, hello);
    if (link.isRelayed) {
      this.#tryDirectlyLater();
      return;
    }
    this.#relayedWay.directStands();
    if (peer.links.next?.isRelayed) peer.links.next.discard('a direct link stands.');
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
      if (this.peer.link?.isRelayed && !this.peer.links.next) this.offer();
    }, this.#relayedWay.nextDirectDelayMs());
  }

  #createRepair(): LinkRepair {
    return new LinkRepair({
      ...this.#deps,
      condition: () => this.peer.link?.condition ?? { isBroken: true, silentMs: 0, canRestart: false },
      act: (action) => this.#repair(action),
    });
  }

  #repair(action: RepairAction): void {
    this.#deps.log(`link to ${this.peer.peerId}: ${action}`);
    // Whatever has a connection made anew is news of the network by itself.
    if (action === 'restart-ice' || action === 'replace') this.#tellWhereIsolated();
    const { link, links } = this.peer;
    switch (action) {
      case 'ping':
        link?.ping();
        return;
      case 'restart-ice':
        link?.restart();
        return;
      case 'replace':
        if (!this.#isReplacing) this.#replace();
        return;
      case 'replace-anew':
        this.#replace();
        return;
      case 'keep-old':
        // The other side may not hear this one; and what this one has greeted on may be its link by now.
        if (links.next?.hasOffered && !links.next.hasGreeted) links.next.discard('the link works again.');
        return;
      case 'drop':
        link?.drop('nothing came from it any more.');
    }
  }

  #replace(): void {
    if ((this.peer.repair?.failures ?? 0) > 0 && this.#relayedWay.isNeeded) this.#offerRelayed();
    else this.offer();
  }

  /** A connection is being made beside the link, by the other side, or by this one since a moment ago. */
  get #isReplacing(): boolean {
    const { next } = this.peer.links;
    if (!next?.isOpening) return false;
    return next.ageMs < (next.hasOffered ? RECENT_MS : durationsMs.replacing);
  }

  #tellWhereIsolated(): void {
    const others = this.#deps.peers().filter((each) => each !== this.peer && each.link?.isOpen);
    if (others.every(({ link }) => (link?.condition.silentMs ?? 0) > NEWS_MS)) this.#events.isolated();
  }

  #closed(link: Link, { reason, cause, onPurpose, wasOpen }: LinkEnd): void {
    const { peer } = this;
    const { peerId, links } = peer;
    this.#deps.log(`link to ${peerId} closed: ${reason}`);
    const atMs = this.#deps.clock.monotonicMs();
    if (!onPurpose) peer.lastFailure = { reason, isRefusal: cause !== undefined, wasOpen, atMs };
    if (links.next === link) {
      links.remove(link);
      peer.repair?.tell('attempt-failed');
      if (peer.link?.isRelayed && peer.link.isOpen) this.#tryDirectlyLater();
      return;
    }
    if (peer.link !== link) return;
    peer.repair?.stop();
    peer.repair = null;
    if (onPurpose || peer.slot === null) {
      this.#relayedWay.endWaiting();
      links.next?.discard('the link it was to replace is gone.');
    }
    links.remove(link);
    if (!peer.link?.isAboutToOpen) this.#unlinked();
    if (onPurpose) this.#relayedWay.lacksNothing();
    else this.#relayedWay.lacks();
    if (peer.link) {
      if (peer.link.isOpening && !peer.link.isRelayed) this.#expectDirect(peer.link);
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
