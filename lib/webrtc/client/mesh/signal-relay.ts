import { type Clock, dropOldest, type Random, randomUint32, TokenBucket, type TokenBucketOptions } from '@innmesh/kit';
import { house, type LinkMessage, MAX_SIGNAL_HOPS, type Role } from '@innmesh/protocol';

export type Signal = Extract<LinkMessage, { type: 'signal' }>;

/** A device at the other end of a link that stands. */
export interface Neighbour {
  peerId: string;
  role: Role;
  /** Nothing speaks against its link. */
  isSound: boolean;
  send(signal: Signal): void;
}

export interface SignalRelayDeps {
  clock: Clock;
  random: Random;
  self(): { peerId: string; role: Role };
  neighbours(): Neighbour[];
  /** One that is for this device. */
  received(from: string, frame: Uint8Array<ArrayBuffer>): void;
}

/** Of one neighbour's: a link takes some ten signals, and a device has eight. */
const OF_ONE_NEIGHBOUR: TokenBucketOptions = { burst: 200, perSecond: 20 };
const MAX_KNOWN = 2_000;

/**
 * Hands signals on where no server does. Where a device is, is learned from what comes from it; until then, everyone of the
 * house is asked once.
 */
export class SignalRelay {
  readonly #deps: SignalRelayDeps;
  readonly #seen = new Map<string, true>();
  /** By device, the neighbour by which the last word of it came. */
  readonly #ways = new Map<string, string>();
  readonly #limits = new Map<string, TokenBucket>();

  constructor(deps: SignalRelayDeps) {
    this.#deps = deps;
  }

  /** Whether there is anybody who might hand it on. */
  send(to: string, frame: Uint8Array<ArrayBuffer>): boolean {
    const { self, random } = this.#deps;
    const from = self().peerId;
    return this.#pass({ type: 'signal', id: randomUint32(random), from, to, hops: MAX_SIGNAL_HOPS, frame }, null);
  }

  handle(signal: Signal, by: Neighbour): void {
    const { from, to, id, hops } = signal;
    const isOwnWord = from === by.peerId;
    const self = this.#deps.self();
    if (from === self.peerId || (!isOwnWord && !isHouse(by)) || !this.#limitOf(by).take() || this.#isKnown(from, id))
      return;
    if (!isOwnWord) {
      this.#ways.set(from, by.peerId);
      dropOldest(this.#ways, MAX_KNOWN);
    }
    if (to === self.peerId) this.#deps.received(from, signal.frame);
    else if (isHouse(self) && hops > 0) this.#pass({ ...signal, hops: hops - 1 }, by);
  }

  /** `by`: who has brought it; `null` for a word of this device's own. */
  #pass(signal: Signal, by: Neighbour | null): boolean {
    const { to, from } = signal;
    const others = this.#deps.neighbours().filter(({ peerId }) => peerId !== by?.peerId && peerId !== from);
    const sound = (id: string | undefined) => others.find(({ peerId, isSound }) => peerId === id && isSound);
    // What this device has to say to a neighbour is about the link to it, which may be dead without its knowing.
    const way = (by && sound(to)) ?? sound(this.#ways.get(to));
    const asked = way ? [way] : others.filter((each) => isHouse(each) || each.peerId === to);
    for (const { send } of asked) send(signal);
    return asked.length > 0;
  }

  #isKnown(from: string, id: number): boolean {
    const key = `${from} ${id}`;
    if (this.#seen.has(key)) return true;
    this.#seen.set(key, true);
    dropOldest(this.#seen, MAX_KNOWN);
    return false;
  }

  #limitOf({ peerId }: Neighbour): TokenBucket {
    const limit = this.#limits.get(peerId) ?? new TokenBucket(OF_ONE_NEIGHBOUR, this.#deps.clock);
    this.#limits.set(peerId, limit);
    dropOldest(this.#limits, MAX_KNOWN);
    return limit;
  }
}

const isHouse = ({ role }: { role: Role }) => house.includes(role);
