import type { Link } from '../link/link.ts';

const REPLACED = 'another attempt takes its place.';

/**
 * Make before break: of the connections to one peer, which is the link, and which are made beside it to take its place.
 * Whatever has to give way to another is discarded here.
 */
export class PeerLinks {
  #current: Link | null = null;
  #next: Link | null = null;
  #relayed: Link | null = null;

  /** The attempt that is under way, or the link that stands. */
  get current(): Link | null {
    return this.#current;
  }

  /** A direct one that is made beside it. */
  get next(): Link | null {
    return this.#next;
  }

  /** One through the server that is made beside both. */
  get relayed(): Link | null {
    return this.#relayed;
  }

  /** Those beside the current one. */
  get beside(): Link[] {
    return [this.#next, this.#relayed].filter((each) => each !== null);
  }

  get all(): Link[] {
    return [...this.beside, ...(this.#current ? [this.#current] : [])];
  }

  /** An attempt needs nothing more that is brought by others. */
  get isAboutToOpen(): boolean {
    return this.all.some((each) => each.isAboutToOpen);
  }

  /** Of that attempt; frames of earlier ones may still be on their way. */
  of(attempt: number): Link | undefined {
    return this.all.find((each) => each.attempt === attempt);
  }

  /** A direct one: in place of the one before, beside whatever else there is; `null` where none could be made. */
  begin(link: Link | null): void {
    if (this.#hasRelayedAttempt) {
      this.#relayed = this.#current;
      this.#current = null;
    }
    const isBeside = this.#current?.isOpen;
    const before = isBeside ? [this.#next] : [this.#next, this.#current];
    this.#next = isBeside ? link : null;
    if (!isBeside) this.#current = link;
    this.#moveUp();
    for (const each of before) each?.discard(REPLACED);
  }

  /** One through the server: in place of the one before, and otherwise beside whatever there is. */
  beginRelayed(link: Link): void {
    const isFirst = !this.#current || this.#hasRelayedAttempt;
    const before = isFirst ? this.#current : this.#relayed;
    if (isFirst) this.#current = link;
    else this.#relayed = link;
    before?.discard(REPLACED);
  }

  /** There is no other. */
  get #hasRelayedAttempt(): boolean {
    return this.#current?.isRelayed === true && this.#current.isOpening;
  }

  /** What was offered for the attempts beside the link is lost: they come to nothing. */
  withdraw(reason: string): void {
    const lost = this.beside.filter((each) => each.isOffering);
    for (const each of lost) this.remove(each);
    for (const each of lost) each.discard(reason);
  }

  /** It stands. The link whose place it has taken, where one stood: the other side may learn of it later. */
  opened(link: Link): Link | null {
    if (!this.beside.includes(link)) return null;
    this.remove(link);
    const before = this.#current;
    this.#current = link;
    if (before?.isStanding) return before;
    // The direct attempt may still succeed.
    if (link.isRelayed) this.#next = before;
    else before?.discard('another connection stands.');
    return null;
  }

  /** It has ended: where it was the link, what was made beside it takes its place. */
  remove(link: Link): void {
    if (this.#next === link) this.#next = null;
    else if (this.#relayed === link) this.#relayed = null;
    else if (this.#current === link) this.#current = null;
    this.#moveUp();
  }

  #moveUp(): void {
    if (this.#current) return;
    this.#current = this.#next ?? this.#relayed;
    if (this.#next) this.#next = null;
    else this.#relayed = null;
  }
}
