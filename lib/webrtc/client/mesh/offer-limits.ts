import { type Clock, dropOldest, TokenBucket, type TokenBucketOptions } from '@innmesh/kit';
import type { Peer } from './peer.ts';

/** A link that does not hold is offered again after 0.5, 1, 2 … 30 s: that many times in three minutes. */
const OF_ONE_PEER: TokenBucketOptions = { burst: 10, perSecond: 0.2 };
/** Of all guests together, as one table has phones enough to use up what is allowed to each. */
const OF_GUESTS: TokenBucketOptions = { burst: 100, perSecond: 2 };
const MAX_PEERS = 2_000;

/**
 * How many offers are taken up. Each costs a connection, and a browser makes no more when 500 are open or not collected
 * yet: without a bound, a guest could keep everybody else from linking to this device.
 */
export class OfferLimits {
  readonly #clock: Clock;
  readonly #ofPeers = new Map<string, TokenBucket>();
  readonly #ofGuests: TokenBucket;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#ofGuests = new TokenBucket(OF_GUESTS, clock);
  }

  /** Whether one more of this peer's is taken up. */
  take({ peerId, announced }: Pick<Peer, 'peerId' | 'announced'>): boolean {
    return this.#ofPeer(peerId).take() && (announced.type !== 'guest' || this.#ofGuests.take());
  }

  /** It outlives the peer, which may leave the room and come back. */
  #ofPeer(peerId: string): TokenBucket {
    const limit = this.#ofPeers.get(peerId) ?? new TokenBucket(OF_ONE_PEER, this.#clock);
    this.#ofPeers.set(peerId, limit);
    dropOldest(this.#ofPeers, MAX_PEERS);
    return limit;
  }
}
