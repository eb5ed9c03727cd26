import { dropOldest } from '@innmesh/kit';
import type { Reader } from '@innmesh/protocol';
import type { Outgoing } from './outgoing.ts';
import type { Stream } from './replica.ts';

/** More than are linked to one device in a day. */
const MAX_READERS = 1_000;

/** How far streams were looked through for one reader. */
export class Places {
  /** How far the reader had it, and up to where nothing behind that is for it. */
  readonly #places = new WeakMap<Stream, readonly [has: number, upTo: number]>();

  /** A link ends on which this was said. */
  note({ stream, sent, confirmed, isConfirmed }: Outgoing): void {
    if (isConfirmed && sent > confirmed) this.#places.set(stream, [confirmed, sent]);
  }

  /** Where to go on for the reader that `has` so much; where it has less than it had, it has lost something and is looked after anew. */
  next(stream: Stream, has: number): number {
    const [had, upTo] = this.#places.get(stream) ?? [0, 0];
    return has < had ? has : Math.max(has, upTo);
  }
}

/**
 * Places of peers that are no replicas, and get little of what others write. A guest's phone that comes back has said nothing
 * of what was not for it: without this, all that is kept would be read again for it.
 */
export class PassedOver {
  /** By whom what may read: another table is another reader. */
  readonly #byReader = new Map<string, Places>();

  of(reader: Reader): Places {
    const name = JSON.stringify(reader);
    const places = this.#byReader.get(name) ?? new Places();
    this.#byReader.delete(name);
    this.#byReader.set(name, places);
    dropOldest(this.#byReader, MAX_READERS);
    return places;
  }
}
