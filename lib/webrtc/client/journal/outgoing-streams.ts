import { isBulk, type ReplicationMessage, type Series } from '@innmesh/protocol';
import { type Lane, lanes } from '../link/transport.ts';
import type { Origins } from './origins.ts';
import { Outgoing } from './outgoing.ts';
import type { Stream } from './replica.ts';
import { journalBytes } from './stream.ts';

export interface OutgoingStreamsDeps {
  ownId: string;
  origins: Pick<Origins, 'expect'>;
  /** Nothing was said of it on this link before. */
  begin(out: Outgoing): void;
  /** What is said of one stream keeps its order. */
  send(lane: Lane, message: ReplicationMessage, stream: number): void;
}

type Message = (number: number) => ReplicationMessage;

/** What a link says of itself. */
const CONTROL = 0;
const transportStream = (number: number) => number + 1;
const laneOf = (series: Series): Lane => (isBulk(series) ? lanes.bulk : lanes.entries);

/** Streams by the numbers of this side, which the peer is told before they are used (SPEC.md, L18). */
export class OutgoingStreams {
  /** Nothing is said before and after. */
  isOpen = false;
  readonly #deps: OutgoingStreamsDeps;
  readonly #byStream = new Map<Stream, Outgoing>();
  #count = 0;
  /** Writers that the peer was told of, by channel. */
  readonly #introduced = new Set<string>();

  constructor(deps: OutgoingStreamsDeps) {
    this.#deps = deps;
  }

  get all(): Iterable<Outgoing> {
    return this.#byStream.values();
  }

  get(stream: Stream): Outgoing | undefined {
    return this.#byStream.get(stream);
  }

  of(stream: Stream): Outgoing {
    let out = this.#byStream.get(stream);
    if (!out) {
      // A number is given once, though streams are forgotten.
      out = new Outgoing(stream, this.#count);
      this.#count += 1;
      this.#deps.begin(out);
      this.#byStream.set(stream, out);
    }
    return out;
  }

  forget(stream: Stream): void {
    this.#byStream.delete(stream);
  }

  /** Who asks and who confirms waits for no entry. */
  ask(stream: Stream, message: Message): void {
    this.#sayOn(lanes.entries, CONTROL, this.of(stream), message);
  }

  say(out: Outgoing, message: Message): void {
    this.#sayOn(laneOf(out.stream.series), transportStream(out.number), out, message);
  }

  /** The peer has the stream from its beginning on: it may have forgotten who writes it. */
  introduceAgain({ stream: { origin }, number }: Outgoing): void {
    this.#introduced.delete(`${origin} ${number}`);
  }

  /** By what the writer is known. For each stream, as none waits for another. */
  introduce({ stream: { origin, series }, number }: Outgoing): void {
    const known = `${origin} ${number}`;
    if (origin === this.#deps.ownId || this.#introduced.has(known)) return;
    this.#introduced.add(known);
    const { publicKey, credential } = this.#deps.origins.expect(origin);
    this.#deps.send(laneOf(series), { type: 'origin', origin, publicKey, credential }, transportStream(number));
  }

  #sayOn(lane: Lane, over: number, { stream, number, declaredOn }: Outgoing, message: Message): void {
    if (!this.isOpen) return;
    if (!declaredOn.has(over)) {
      declaredOn.add(over);
      const { origin, series } = stream;
      const journal = journalBytes(stream.journal);
      this.#deps.send(lane, { type: 'stream', stream: number, origin, journal, series }, over);
    }
    this.#deps.send(lane, message(number), over);
  }
}
