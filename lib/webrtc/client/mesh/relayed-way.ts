import { backoffDelayMs, type Clock, type Random } from '@innmesh/kit';
import { house, type RelayMessage } from '@innmesh/protocol';
import type { Link } from '../link/link.ts';
import type { Transport } from '../link/transport.ts';
import type { Relay } from '../relay/relay.ts';
import type { Beginnings } from './beginnings.ts';
import type { Peer } from './peer.ts';
import { RetryTimer } from './retry-timer.ts';

export interface RelayedWayDeps {
  clock: Clock;
  random: Random;
  relay: Pick<Relay, 'isOffered' | 'load'>;
  beginnings: Pick<Beginnings, 'newAttempt'>;
  /** All of the room. */
  peers(): Peer[];
  isAwaited(peerId: string, forMs?: number): boolean;
  isStopped(): boolean;
  log(text: string): void;
}

type RelayedOffer = Extract<RelayMessage, { type: 'offer' }>;

/** A direct link stands within a tenth of this; whoever cannot reach a peer goes by way of the server. */
const DIRECT_PATIENCE_MS = 3_000;
/** After that, of each other attempt: a browser whose network has come back finds no direct way for another 1.5 s. */
const NEXT_PATIENCE_MS = 300;
/** Beside a link that goes through the server, a direct one is tried after about 15, 30 … 300 s. */
const DIRECT_RETRY = { baseMs: 15_000, maxMs: 300_000 };
/** An attempt that was not answered within this time may have nobody at its other end. */
const ATTEMPT_MS = 2_000;
/** What others hand on is there by then. */
const LONG_AWAITED_MS = 2_000;
/** As many as keep a device that reaches nobody in touch with all. */
const MAX_RELAYED = 2;
/** A link that is silent for so long may be dead. */
const LONG_SILENCE_MS = 60_000;

/** The last way to one peer, through the signaling server: when it is gone, and when a direct one is tried again. */
export class RelayedWay {
  readonly #deps: RelayedWayDeps;
  readonly #peer: Peer;
  readonly #createLink: (transport: Transport, attempt: number) => Link;
  #networkChangedAtMs = Number.NEGATIVE_INFINITY;
  /** Since when the peer is to be linked and is not. */
  #lackingSinceMs: number | null = null;
  /** Direct attempts beside a link through the server. */
  #directAttempts = 0;
  /** Of waiting for a direct link, before the server is asked to carry one. */
  readonly #patience: RetryTimer;

  constructor(deps: RelayedWayDeps, peer: Peer, createLink: (transport: Transport, attempt: number) => Link) {
    this.#deps = deps;
    this.#patience = new RetryTimer(deps.clock);
    this.#peer = peer;
    this.#createLink = createLink;
  }

  /**
   * A direct link is being made, or should be; where it is not there in good time, one through the server is, too. Attempts
   * that follow do not begin the waiting anew: some platforms give an attempt up at once, or make none.
   */
  waitForDirect(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    const { link } = this.#peer;
    const sinceMs = link?.isOpen ? nowMs - link.condition.silentMs : this.lacks();
    const isMoving = nowMs - this.#networkChangedAtMs < DIRECT_PATIENCE_MS;
    const leftMs = isMoving ? 0 : sinceMs + DIRECT_PATIENCE_MS - nowMs;
    if (!this.#patience.isPending) this.#patience.start(() => this.#offer(), Math.max(NEXT_PATIENCE_MS, leftMs));
  }

  /** What does not work within moments may not for a while: a browser is slow to find its new addresses. */
  networkChanged(): void {
    this.#networkChangedAtMs = this.#deps.clock.monotonicMs();
    this.#directAttempts = 0;
  }

  /** The peer is to be linked, and is not, after so long a silence; the time since when. */
  lacks(silentMs = 0): number {
    this.#lackingSinceMs ??= this.#deps.clock.monotonicMs() - silentMs;
    return this.#lackingSinceMs;
  }

  lacksNothing(): void {
    this.#lackingSinceMs = null;
  }

  endWaiting(): void {
    this.#patience.cancel();
  }

  directStands(): void {
    this.#directAttempts = 0;
  }

  /** When to try directly again, beside a link through the server. */
  nextDirectDelayMs(): number {
    return backoffDelayMs(this.#directAttempts, DIRECT_RETRY, this.#deps.random);
  }

  directTried(): void {
    this.#directAttempts += 1;
  }

  get #isPossible(): boolean {
    const { relay, isStopped } = this.#deps;
    const { slot, isReached } = this.#peer;
    return !isStopped() && slot !== null && relay.isOffered && !isReached;
  }

  /** Nobody else hands on what is for the peer, or everything. */
  get #isNeeded(): boolean {
    return this.#isPossible && (this.#isAwaited(LONG_AWAITED_MS) || !this.#others.some(isReachedDirectly));
  }

  /** Nothing that has just been begun needs its time, and as many others have such a link as are of use. */
  get #mayBegin(): boolean {
    const { links } = this.#peer;
    const attempt = links.all.find((each) => each.isRelayed && each.isOpening);
    if (links.isAboutToOpen || (attempt && attempt.ageMs < ATTEMPT_MS)) return false;
    return this.#isAwaited(LONG_AWAITED_MS) || this.#others.filter(takesPlace).length < MAX_RELAYED;
  }

  #isAwaited(forMs?: number): boolean {
    return this.#deps.isAwaited(this.#peer.peerId, forMs);
  }

  /** Those that hand on what others have written. */
  get #others(): Peer[] {
    return this.#deps.peers().filter((each) => each !== this.#peer && house.includes(each.party.role));
  }

  /** Beside the direct attempts, which go on. */
  async #offer(): Promise<void> {
    const begin = this.#isNeeded && this.#mayBegin ? await this.#load() : null;
    // Something else may have come to work while the code for it was loaded.
    if (begin && this.#isNeeded && this.#mayBegin) begin(this.#deps.beginnings.newAttempt()).offer();
    else if (this.#isNeeded || (this.#isPossible && this.#isAwaited())) this.#lookAgain();
  }

  #lookAgain(): void {
    this.#patience.start(() => this.#offer(), ATTEMPT_MS);
  }

  async answer(offer: RelayedOffer): Promise<void> {
    const begin = await this.#load();
    const { links, slot } = this.#peer;
    if (!this.#deps.isStopped() && (links.current || slot !== null)) begin?.(offer.attempt).answer(offer);
  }

  /** `null` where it cannot be had. */
  async #load(): Promise<((attempt: number) => Link) | null> {
    const { relay, log } = this.#deps;
    const peer = this.#peer;
    try {
      const begin = await relay.load();
      return (attempt) => {
        const link = this.#createLink(begin(peer, attempt), attempt);
        peer.links.beginRelayed(link);
        return link;
      };
    } catch (error) {
      log(`no link to ${peer.peerId} through the server: ${error}`);
      return null;
    }
  }
}

const isReachedDirectly = ({ isReached, link }: Peer) =>
  isReached && link?.isRelayed === false && link.condition.silentMs < LONG_SILENCE_MS;

/** Of the links through the server: one that stands, or that this device has begun and may still hear of. */
const takesPlace = ({ isReached, links }: Peer) =>
  links.all.some((each) => each.isRelayed && (each.isOpening ? each.hasOffered && each.ageMs < ATTEMPT_MS : isReached));
