import { backoffDelayMs, type Clock, type Random } from '@innmesh/kit';
import type { Link } from '../link/link.ts';
import type { Transport } from '../link/transport.ts';
import type { Relay } from '../relay/relay.ts';
import type { Peer } from './peer.ts';
import { RetryTimer } from './retry-timer.ts';

export interface RelayedWayDeps {
  clock: Clock;
  random: Random;
  relay: Pick<Relay, 'isOffered' | 'begin'>;
  /** All of the room. */
  peers(): Peer[];
  isAwaited(peerId: string, forMs?: number): boolean;
  isStopped(): boolean;
  log(text: string): void;
}

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

/** The last way to one peer, through the signaling server: when it is gone, and when a direct one is tried again. */
export class RelayedWay {
  readonly #deps: RelayedWayDeps;
  readonly #peer: Peer;
  readonly #createLink: (transport: Transport, attempt: number) => Link;
  /** The last attempt, also while it is being made. */
  #attempt: number | null = null;
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
   * A direct link is being made, or should be; `patienceIsOver`, where it is not there in good time. Attempts that follow do
   * not begin it anew: some platforms give an attempt up at once, or make none.
   */
  waitForDirect(patienceIsOver: () => void): void {
    const leftMs = this.lacks() + DIRECT_PATIENCE_MS - this.#deps.clock.monotonicMs();
    if (!this.#patience.isPending) this.#patience.start(patienceIsOver, Math.max(NEXT_PATIENCE_MS, leftMs));
  }

  /** The peer is to be linked, and is not; the time since when. */
  lacks(): number {
    this.#lackingSinceMs ??= this.#deps.clock.monotonicMs();
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
    this.#directAttempts += 1;
    return backoffDelayMs(this.#directAttempts - 1, DIRECT_RETRY, this.#deps.random);
  }

  /** Nobody else hands on what is for the peer, or everything. */
  get isNeeded(): boolean {
    const { relay, isAwaited, isStopped, peers } = this.#deps;
    const { slot, peerId } = this.#peer;
    if (isStopped() || slot === null || !relay.isOffered) return false;
    const others = peers().filter(({ link }) => link?.isOpen && link.condition.silentMs < LONG_SILENCE_MS);
    const relayed = others.filter(({ link }) => link?.isRelayed);
    return isAwaited(peerId, LONG_AWAITED_MS) || (relayed.length === others.length && relayed.length < MAX_RELAYED);
  }

  /** Beside the direct attempts, which go on. `null` where none comes of it, or the attempt is known already. */
  async begin(attempt: number): Promise<Link | null> {
    // An offer may come by two ways.
    if (this.#attempt === attempt) return null;
    this.#attempt = attempt;
    const { relay, log, isStopped } = this.#deps;
    const { links, peerId } = this.#peer;
    let link: Link;
    try {
      link = this.#createLink(await relay.begin(this.#peer, attempt), attempt);
    } catch (error) {
      log(`no link to ${peerId} through the server: ${error}`);
      return null;
    }
    if (isStopped() || (!links.current && this.#peer.slot === null)) link.discard('it is not wanted any more.');
    else links.beginRelayed(link);
    return link;
  }
}
