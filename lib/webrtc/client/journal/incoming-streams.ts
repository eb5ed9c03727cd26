import {
  house,
  isKept,
  isShared,
  type LinkMessage,
  MalformedFrameError,
  type Reader,
  type Series,
} from '@innmesh/protocol';
import type { Replica, Stream } from './replica.ts';
import { journalName, keyOf, type StreamId } from './stream.ts';

export interface IncomingStreamsDeps {
  ownId: string;
  replica: Pick<Replica, 'knows' | 'stream' | 'streamsOf'>;
  /** The device that speaks of them. */
  reader(): Reader;
  passingBegun(id: StreamId): void;
}

interface Named {
  readonly key: string;
  /** `null` for what is of no interest here. */
  stream: Stream | null;
}

/** More streams than a property has in a day. */
const MAX_STREAMS = 50_000;
/**
 * A device has one journal at a time, four series of which are kept, and two series of another for what passes. It begins
 * another when its role changes or its memory is lost, a guest when it moves to another table.
 */
const MAX_OF_WRITER = 128;
const MAX_OF_GUEST = 24;

const maxOf = ({ role }: Pick<Reader, 'role'>) => (role === 'guest' ? MAX_OF_GUEST : MAX_OF_WRITER);

/** Whether another stream may be taken note of, by the word of that device. */
export function mayBeKnown(
  replica: Pick<Replica, 'streamsOf'>,
  { origin }: StreamId,
  by: Pick<Reader, 'peerId' | 'role'>,
): boolean {
  const count = replica.streamsOf(origin).size;
  return origin === by.peerId ? count < maxOf(by) : house.includes(by.role) && count < MAX_OF_WRITER;
}

/** Streams by the peer's numbers, and which of them it may say what of (SPEC.md, L18 and L22). Throws `MalformedFrameError`. */
export class IncomingStreams {
  readonly #deps: IncomingStreamsDeps;
  readonly #byNumber = new Map<number, Named>();
  /** How many it has named of its own. */
  #ownCount = 0;

  constructor(deps: IncomingStreamsDeps) {
    this.#deps = deps;
  }

  declare({ stream: number, origin, journal, series }: Extract<LinkMessage, { type: 'stream' }>): void {
    const id = { origin, journal: journalName(journal), series: series as Series };
    const key = keyOf(id);
    const before = this.#byNumber.get(number);
    // It is named on each lane.
    if (before?.key === key) return;
    if (before) throw new MalformedFrameError('It calls another stream by the same number.');
    if (this.#byNumber.size >= MAX_STREAMS) throw new MalformedFrameError('It speaks of too many streams.');
    this.#byNumber.set(number, { key, stream: this.#isOfInterest(id) ? this.#deps.replica.stream(id) : null });
  }

  /** A guest may have met others of the house; but what it makes up must not fill this device's memory. */
  #isOfInterest(id: StreamId): boolean {
    const { replica, reader, passingBegun } = this.#deps;
    const { peerId, role } = reader();
    const isItsOwn = id.origin === peerId;
    if (isItsOwn) this.#ownCount += 1;
    if (replica.knows(id)) return true;
    if (isItsOwn && this.#ownCount > maxOf({ role })) return false;
    if (isItsOwn && !isKept(id.series)) passingBegun(id);
    return mayBeKnown(replica, id, { peerId, role });
  }

  /** One that it may ask for, or confirm. */
  known(number: number): Stream | null {
    const named = this.#byNumber.get(number);
    if (!named) throw new MalformedFrameError(`It speaks of a stream ${number} that it has not named.`);
    if (named.stream?.isForgotten) named.stream = this.#deps.replica.stream(named.stream);
    return named.stream;
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
