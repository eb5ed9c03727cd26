import type { CancelTimer, Clock, Random } from '@innmesh/kit';
import { house, type Role } from '@innmesh/protocol';
import type { Trust } from '../trust/trust.ts';
import { chooseNeighbours, leavesOf, linkLimit, type Member } from './choose-neighbours.ts';
import { ownOfferWins } from './glare.ts';
import { linksToClose } from './links-to-close.ts';
import type { Peer } from './peer.ts';
import { RetryTimer } from './retry-timer.ts';

export interface LinkKeeperDeps {
  trust: Trust;
  clock: Clock;
  random: Random;
  /** `Infinity`: everyone links to everyone. */
  maxLinks: number;
  /** Whether messages that were sent to this one device have not arrived. */
  isAwaited(peerId: string, forMs?: number): boolean;
}

/** What the mesh does for it. */
export interface Links {
  peers(): Peer[];
  /** A link, where none stands and no attempt is under way or waits for its time. */
  offer(peer: Peer): void;
  forget(peer: Peer): void;
}

/** How often it is looked whether the links that should stand do, on average. */
const CHECK_INTERVAL_MS = 5_000;
/** The same for a device that relays nothing and has a link: hundreds may have lost their second one at once. */
const UNHURRIED_INTERVAL_MS = 30_000;
/** A newcomer offers by itself; whoever waited this long for it offers instead. */
const NEWCOMER_MS = 3_000;
/** A newcomer's offer is there by then. */
const GREETING_MS = 300;
/** How long others have to come back to a server that has lost everyone. */
const ABSENCE_MS = 15_000;
/** After so many attempts that failed in a row, a guest, printer or gateway chooses somebody else for a while. */
const POOR_AFTER_FAILURES = 3;
const POOR_MS = 120_000;

const isHouse = ({ announced }: Peer) => house.includes(announced.type);

/** Sees to it that the links stand which this device wants, and no more than it wants. */
export class LinkKeeper {
  /** Not everyone links to everyone. */
  readonly isChoosy: boolean;
  readonly #deps: LinkKeeperDeps;
  readonly #links: Links;
  #cancelCheck: CancelTimer = () => {};
  readonly #greeting: RetryTimer;

  constructor(deps: LinkKeeperDeps, links: Links) {
    this.#deps = deps;
    this.#links = links;
    this.#greeting = new RetryTimer(deps.clock);
    const { maxLinks, trust } = deps;
    // Rules that part the house would leave rings of which each device sees another part.
    this.isChoosy =
      maxLinks !== Number.POSITIVE_INFINITY &&
      house.every((one) => house.every((other) => trust.entitlements.mayLink(one, other)));
  }

  /** Whom this device, new in the room, offers a link to: whom it chooses, and who chooses it. */
  wantedByEither(): (peer: Peer) => boolean {
    if (!this.isChoosy) return () => true;
    const chosen = this.#chosen();
    const { maxLinks, trust } = this.#deps;
    const mayLink = (one: Role, other: Role) => trust.entitlements.mayLink(one, other);
    const leaves = leavesOf(this.#self, this.#members(), maxLinks, mayLink);
    return ({ peerId }) => chosen.has(peerId) || leaves.has(peerId) || this.#deps.isAwaited(peerId);
  }

  /** Whether this device goes on trying. */
  wants({ peerId }: Peer): boolean {
    return !this.isChoosy || this.#chosen().has(peerId) || this.#deps.isAwaited(peerId);
  }

  /** Messages wait for a link that nobody chooses, and so nobody but this device may offer. */
  owes({ peerId }: Peer): boolean {
    return this.isChoosy && this.#deps.isAwaited(peerId) && !this.#chosen().has(peerId);
  }

  /** What was sent to one device is on its way to it, or has come from it. */
  talked(peer: Peer): void {
    const nowMs = this.#deps.clock.monotonicMs();
    peer.talk.count(nowMs);
    peer.usedAtMs = nowMs;
  }

  start(): void {
    this.#cancelCheck();
    if (!this.isChoosy) return;
    const { clock, random } = this.#deps;
    const intervalMs = this.#isHurried ? CHECK_INTERVAL_MS : UNHURRIED_INTERVAL_MS;
    this.#cancelCheck = clock.setTimer(() => this.#check(), intervalMs * (0.5 + random.unit()));
  }

  stop(): void {
    this.#cancelCheck();
    this.#greeting.cancel();
  }

  /** Somebody has come, who knows of others perhaps and chooses those: whoever reaches nobody does not wait to be chosen. */
  greet(newcomer: Peer): void {
    if (!this.isChoosy || !isHouse(newcomer) || this.#greeting.isPending) return;
    this.#greeting.start(() => {
      const isReached = this.#links.peers().some(({ link }) => link);
      if (!isReached && newcomer.slot !== null) this.#links.offer(newcomer);
    }, GREETING_MS);
  }

  /** Somebody is gone. Of two that are neighbours now, one offers at once; the other when it looks. */
  heal(): void {
    if (!this.isChoosy) return;
    const chosen = this.#chosen();
    const isOwnTurn = (peer: Peer) =>
      this.#isLeaf ? this.#isHurried : ownOfferWins(this.#deps.trust.peerId, peer.peerId);
    for (const peer of this.#links.peers()) {
      if (chosen.has(peer.peerId) && isOwnTurn(peer)) this.#links.offer(peer);
    }
  }

  #check(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    this.#forgetAbsent(nowMs);
    const chosen = this.#chosen();
    for (const peer of this.#links.peers()) {
      if (chosen.has(peer.peerId)) peer.usedAtMs = nowMs;
      else if (!this.#deps.isAwaited(peer.peerId)) continue;
      if (nowMs - peer.placedAtMs >= NEWCOMER_MS) this.#links.offer(peer);
    }
    this.#endOthers(chosen, nowMs);
    this.start();
  }

  #forgetAbsent(nowMs: number): void {
    for (const peer of this.#links.peers()) {
      if (peer.slot === null && nowMs - peer.placedAtMs >= ABSENCE_MS) this.#links.forget(peer);
    }
  }

  #endOthers(chosen: ReadonlySet<string>, nowMs: number): void {
    // Those who relay nothing end their links by themselves.
    const open = this.#links.peers().filter((peer) => peer.link?.isOpen && (this.#isLeaf || isHouse(peer)));
    const others = open.filter(({ peerId }) => !chosen.has(peerId));
    const standing = open.length - others.length;
    const { trust, maxLinks } = this.#deps;
    const closed = linksToClose(
      others.map(({ peerId, usedAtMs, talk }) => {
        const isAwaited = this.#deps.isAwaited(peerId);
        return { peerId, idleMs: nowMs - usedAtMs, talk: talk.amountAt(nowMs), isAwaited };
      }),
      { count: chosen.size, standing },
      linkLimit(trust.role, maxLinks),
    );
    for (const { peerId, link } of others) if (closed.includes(peerId)) link?.close();
  }

  get #self(): Member {
    const { peerId, role } = this.#deps.trust;
    return { peerId, role };
  }

  get #isLeaf(): boolean {
    return !house.includes(this.#deps.trust.role);
  }

  get #isHurried(): boolean {
    return !this.#isLeaf || !this.#links.peers().some(({ link }) => link?.isOpen);
  }

  #chosen(): Set<string> {
    return chooseNeighbours(this.#self, this.#members(), this.#deps.maxLinks);
  }

  #members(): Member[] {
    const sinceMs = this.#deps.clock.monotonicMs() - POOR_MS;
    return this.#links.peers().map(({ peerId, announced, failures, failedAtMs }) => {
      return { peerId, role: announced.type, isPoor: failures >= POOR_AFTER_FAILURES && failedAtMs > sinceMs };
    });
  }
}
