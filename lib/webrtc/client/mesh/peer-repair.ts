import type { Clock, Random } from '@innmesh/kit';
import { LinkRepair } from './link-repair.ts';
import type { Peer } from './peer.ts';
import { durationsMs, type RepairAction } from './repair.ts';
import { RetryTimer } from './retry-timer.ts';

export interface PeerRepairDeps {
  clock: Clock;
  random: Random;
  /** All of the room. */
  peers(): Peer[];
  log(text: string): void;
}

export interface PeerRepairEvents {
  /** ICE looks for another path. */
  restarting(): void;
  /** A direct connection is to be made beside the link. */
  replace(): void;
  /** A link has fallen silent, and no other peer answers that this device is still on the network. */
  isolated(): void;
}

/** Whoever has heard from a peer within this time is on the network. */
const NEWS_MS = 1_000;
/** How long the offer of a peer that has just come back takes. */
const YIELD_MS = 300;
/** How long others may take to answer whether this device is on the network. */
const ANSWER_MS = 300;
/** What was offered so recently was offered for the same reason. */
const RECENT_MS = 500;

/** Keeps the link to one peer on its feet: does what the table of `repair.ts` says, and gives way to what the other side does. */
export class PeerRepair {
  readonly #deps: PeerRepairDeps;
  readonly #peer: Peer;
  readonly #events: PeerRepairEvents;
  /** Of giving way to the other side's offer, where both would make one. */
  readonly #yielding: RetryTimer;
  /** Of asking the other peers. */
  readonly #asking: RetryTimer;

  constructor(deps: PeerRepairDeps, peer: Peer, events: PeerRepairEvents) {
    this.#deps = deps;
    this.#peer = peer;
    this.#events = events;
    this.#yielding = new RetryTimer(deps.clock);
    this.#asking = new RetryTimer(deps.clock);
  }

  /** A link stands, in place of the one before. */
  begin(): void {
    this.end();
    this.#peer.repair = new LinkRepair({
      ...this.#deps,
      condition: () => this.#peer.link?.condition ?? { isBroken: true, silentMs: 0, canRestart: false },
      act: (action) => this.#act(action),
    });
  }

  /** There is no link any more to be repaired. */
  end(): void {
    this.#yielding.cancel();
    this.#asking.cancel();
    this.#peer.repair?.stop();
    this.#peer.repair = null;
  }

  /** This device's network has changed, or what it has signaled is lost. */
  hurry(): void {
    this.#yielding.cancel();
    this.#peer.repair?.tell('change');
  }

  /**
   * The way to the peer may be there again, or what was signaled is lost. Most often it is the peer that was away, and it
   * offers by itself. That is waited for: of two offers one is given up.
   */
  yield(event: 'change' | 'path-found'): void {
    if (!this.#peer.repair || this.#yielding.isPending) return;
    const { clock } = this.#deps;
    const sinceMs = clock.monotonicMs();
    this.#yielding.start(() => {
      const { links, repair } = this.#peer;
      const hasOffer =
        links.next?.isOpening && !links.next.hasOffered && clock.monotonicMs() - links.next.ageMs >= sinceMs;
      if (!hasOffer && !links.isAboutToOpen) repair?.tell(event);
    }, YIELD_MS);
  }

  stopYielding(): void {
    this.#yielding.cancel();
  }

  #act(action: RepairAction): void {
    this.#deps.log(`link to ${this.#peer.peerId}: ${action}`);
    // Whatever has a connection made anew is news of the network by itself.
    if (action === 'restart-ice' || action === 'replace') this.#askWhetherIsolated();
    const { link, links } = this.#peer;
    switch (action) {
      case 'ping':
        link?.ping();
        return;
      case 'restart-ice':
        link?.restart();
        this.#events.restarting();
        return;
      case 'replace':
        if (!this.#isReplacing) this.#events.replace();
        return;
      case 'replace-anew':
        this.#events.replace();
        return;
      case 'keep-old':
        // The other side may not hear this one; and what this one has greeted on may be its link by now.
        for (const each of links.beside) if (each.hasOffered && !each.hasGreeted) each.discard('the link works again.');
        return;
      case 'drop':
        link?.drop('nothing came from it any more.');
    }
  }

  /** A connection is being made beside the link, by the other side, or by this one since a moment ago, or has a path. */
  get #isReplacing(): boolean {
    const { next } = this.#peer.links;
    if (!next?.isOpening) return false;
    return next.ageMs < (next.hasOffered && !next.isAboutToOpen ? RECENT_MS : durationsMs.replacing);
  }

  /** Of an idle link nothing is heard for half a minute: that alone says nothing of the network. */
  #askWhetherIsolated(): void {
    const { clock } = this.#deps;
    const askedAtMs = clock.monotonicMs();
    if (this.#isHeardSince(askedAtMs - NEWS_MS)) return;
    const others = this.#others;
    for (const { link } of others) link?.ping();
    const tell = () => {
      if (!this.#isHeardSince(askedAtMs)) this.#events.isolated();
    };
    if (others.length > 0) this.#asking.start(tell, ANSWER_MS);
    else tell();
  }

  get #others(): Peer[] {
    return this.#deps.peers().filter((each) => each !== this.#peer && each.link?.isOpen);
  }

  #isHeardSince(atMs: number): boolean {
    const nowMs = this.#deps.clock.monotonicMs();
    return this.#others.some(({ link }) => link && nowMs - link.condition.silentMs >= atMs);
  }
}
