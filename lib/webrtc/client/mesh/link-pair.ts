import type { Link } from '../link/link.ts';

/**
 * Make before break: of the connections to one peer, which is the link, and which is made beside it to take its place.
 * Whatever has to give way to another is discarded here.
 */
export class LinkPair {
  #current: Link | null = null;
  #next: Link | null = null;

  /** The attempt that is under way, or the link that stands. */
  get current(): Link | null {
    return this.#current;
  }

  /** Made beside it. */
  get next(): Link | null {
    return this.#next;
  }

  get all(): Link[] {
    return [this.#next, this.#current].filter((each) => each !== null);
  }

  /** An attempt needs nothing more that is brought by others. */
  get isAboutToOpen(): boolean {
    return this.all.some((each) => each.isAboutToOpen);
  }

  /** Of that attempt; frames of earlier ones may still be on their way. */
  of(attempt: number): Link | undefined {
    return this.all.find((each) => each.attempt === attempt);
  }

  /** In place of the attempt before, or beside the link that stands; `null` where none could be made. */
  begin(link: Link | null): void {
    const isBeside = this.#current?.isOpen;
    const before = isBeside ? this.#next : this.#current;
    if (isBeside) this.#next = link;
    else this.#current = link;
    before?.discard('another attempt takes its place.');
  }

  /** One through the server: in place of the one before, and otherwise beside whatever there is. */
  beginRelayed(link: Link): void {
    const before = this.all.find((each) => each.isRelayed && each.isOpening);
    if (!this.#current || this.#current === before) {
      this.#current = link;
      before?.discard('another attempt takes its place.');
    } else {
      this.#next?.discard('another attempt takes its place.');
      this.#next = link;
    }
  }

  /** What was offered for an attempt that is made beside the link is lost: it comes to nothing. */
  withdraw(reason: string): void {
    const lost = this.#next;
    if (!lost?.isOffering) return;
    this.#next = null;
    lost.discard(reason);
  }

  /** It stands. The link whose place it has taken, where one stood: the other side may learn of it later. */
  opened(link: Link): Link | null {
    if (this.#next !== link) return null;
    const before = this.#current;
    this.#current = link;
    // The direct attempt may still succeed.
    this.#next = link.isRelayed && before?.isOpening ? before : null;
    if (before?.isOpening && !this.#next) before.discard('another connection stands.');
    return before?.isStanding ? before : null;
  }

  /** It has ended: what was made beside the link takes its place. */
  remove(link: Link): void {
    if (this.#current === link) this.#current = this.#next;
    else if (this.#next !== link) return;
    this.#next = null;
  }
}
