import { house, isShared, type LinkMessage, MalformedFrameError, type Reader, type Series } from '@innmesh/protocol';
import type { Replica, Stream } from './replica.ts';
import { journalName } from './stream.ts';

export interface IncomingStreamsDeps {
  ownId: string;
  replica: Pick<Replica, 'knows' | 'stream'>;
  /** The device that speaks of them. */
  reader(): Reader;
}

/** More streams than a property has in a day. */
const MAX_STREAMS = 50_000;
/** A device has one journal at a time, and another for what passes. */
const MAX_OWN_STREAMS = 1_000;

/** Streams by the peer's numbers, and which of them it may say what of (SPEC.md, L18 and L22). Throws `MalformedFrameError`. */
export class IncomingStreams {
  readonly #deps: IncomingStreamsDeps;
  /** `null` for what is of no interest here. */
  readonly #byNumber = new Map<number, Stream | null>();

  constructor(deps: IncomingStreamsDeps) {
    this.#deps = deps;
  }

  declare({ stream: number, origin, journal, series }: Extract<LinkMessage, { type: 'stream' }>): void {
    const { size } = this.#byNumber;
    if (size >= MAX_STREAMS) throw new MalformedFrameError('It speaks of too many streams.');
    const { replica, reader } = this.#deps;
    const { peerId, role } = reader();
    const id = { origin, journal: journalName(journal), series: series as Series };
    // A guest may have met others of the house; but what it makes up must not fill this device's memory.
    const isItsOwn = origin === peerId && size < MAX_OWN_STREAMS;
    const isOfInterest = house.includes(role) || isItsOwn || replica.knows(id);
    this.#byNumber.set(number, isOfInterest ? replica.stream(id) : null);
  }

  /** One that it may ask for, or confirm. */
  known(number: number): Stream | null {
    const stream = this.#byNumber.get(number);
    if (stream === undefined) throw new MalformedFrameError(`It speaks of a stream ${number} that it has not named.`);
    return stream;
  }

  named(number: number): Stream {
    const stream = this.known(number);
    if (!stream) throw new MalformedFrameError('It hands on a stream that is not its own.');
    return stream;
  }

  /** Who it is from, the link has proven: nobody writes in another's journal. */
  ownOfPeer(number: number): Stream {
    const stream = this.named(number);
    if (stream.origin !== this.#deps.reader().peerId)
      throw new MalformedFrameError('An entry of another device without a signature.');
    return stream;
  }

  handedOn(number: number): Stream {
    const stream = this.named(number);
    const { peerId, role } = this.#deps.reader();
    if (!isShared(stream.series)) throw new MalformedFrameError('It hands on what is for its reader alone.');
    if (stream.origin !== peerId && !house.includes(role))
      throw new MalformedFrameError('It hands on and is no replica.');
    if (stream.origin === this.#deps.ownId) throw new MalformedFrameError("It hands on this device's own entries.");
    return stream;
  }
}
