import {
  allSeries,
  house,
  isKept,
  isShared,
  MalformedFrameError,
  type Reader,
  type ReplicationMessage,
  type Role,
  type Series,
} from '@innmesh/protocol';
import { CursorReports } from './cursor-reports.ts';
import type { Hello } from './hello.ts';
import { IncomingStreams, mayBeKnown } from './incoming-streams.ts';
import { Introductions } from './introductions.ts';
import type { Origins } from './origins.ts';
import type { Outgoing } from './outgoing.ts';
import { OutgoingStreams, type OutgoingStreamsDeps } from './outgoing-streams.ts';
import { type PassedOver, Places } from './passed-over.ts';
import { type Fresh, Pump, type PumpDeps, type PumpEvents } from './pump.ts';
import type { Replica, Stream } from './replica.ts';
import type { SealRound } from './seals.ts';
import { journalName, keyOf, type StreamId } from './stream.ts';

type Message<Type extends ReplicationMessage['type']> = Extract<ReplicationMessage, { type: Type }>;

/** An entry as it crosses. */
export interface Handed {
  seq: number;
  ageMs: number;
  bytes: Uint8Array<ArrayBuffer>;
}

export interface ReplicationDeps extends Omit<PumpDeps, 'streams' | 'isServed'>, Pick<OutgoingStreamsDeps, 'send'> {
  /** Whether this device hands on what others write. */
  isReplica: boolean;
  replica: Replica;
  origins: Origins;
  passedOver: PassedOver;
  /** The peer writes another passing journal than before: nothing more comes of that one. */
  passingBegun(id: StreamId): void;
}

export interface ReplicationEvents extends PumpEvents {
  /** What lies between `after` and it is not for this device. */
  entry(stream: Stream, entry: Handed, after: number): void;
  sealedEntries(stream: Stream, round: Message<'sealed'>): void;
  seal(stream: Stream, round: SealRound): void;
  /** The peer has introduced a writer falsely. */
  disbelieved(error: Error): void;
  /** The peer has the stream up to there. */
  cursor(stream: Stream, seq: number): void;
  /** The peer relies on this device for the stream. */
  wanted(stream: Stream): void;
}

/** A stream is not asked for again before the answer can be there. */
const WANT_INTERVAL_MS = 300;

const isHouse = (role: Role) => house.includes(role);

/** One link: what its peer lacks is handed on, and what comes from it is told of. */
export class LinkReplication {
  /** What the peer says of writers. */
  readonly introductions: Introductions;
  readonly #deps: ReplicationDeps;
  readonly #events: ReplicationEvents;
  readonly #incoming: IncomingStreams;
  readonly #outgoing: OutgoingStreams;
  readonly #pump: Pump;
  /** By stream, how far the peer has said that it has it. */
  readonly #has = new Map<string, number>();
  readonly #reports: CursorReports;
  readonly #isReplica: boolean;
  /** How far what others write was looked through for the peer. */
  #places = new Places();
  #isClosing = false;

  constructor(deps: ReplicationDeps, events: ReplicationEvents) {
    this.#deps = deps;
    this.#events = events;
    this.#isReplica = deps.isReplica;
    this.#reports = new CursorReports(deps.clock, (stream) => this.#tellCursor(stream));
    this.introductions = new Introductions({
      ...deps,
      peerId: () => this.peerId,
      peerIsHouse: () => this.peerIsHouse,
      disbelieved: (error) => events.disbelieved(error),
    });
    this.#incoming = new IncomingStreams(deps);
    this.#outgoing = new OutgoingStreams({ ...deps, begin: (out) => this.#begin(out) });
    const isServed = (stream: Stream) => this.#isServed(stream);
    this.#pump = new Pump({ ...deps, streams: this.#outgoing, isServed }, events);
  }

  get peerId(): string {
    return this.reader.peerId;
  }

  /** The device at the other end. */
  get reader(): Reader {
    return this.#deps.reader();
  }

  get peerIsHouse(): boolean {
    return isHouse(this.reader.role);
  }

  /** How far the peer has the stream, as far as it has said. */
  peerHas(stream: Stream): number {
    return this.#has.get(stream.key) ?? 0;
  }

  /** Whether the peer relies on this device for the stream. */
  isWantedOf(stream: Stream): boolean {
    return this.#outgoing.get(stream)?.isWanted ?? false;
  }

  open({ journals }: Hello): void {
    this.#outgoing.isOpen = true;
    this.#places = this.#deps.passedOver.of(this.reader);
    for (const { origin, journal, cursors } of journals) {
      for (const [series, seq] of cursors.entries()) {
        if (seq > 0 && series < allSeries.length) this.#hear(origin, journal, series as Series, seq);
      }
    }
    for (const stream of this.#deps.replica.streams) if (this.#isPushed(stream)) this.#send(stream);
  }

  #hear(origin: string, journal: Uint8Array<ArrayBuffer>, series: Series, seq: number): void {
    const id = { origin, journal: journalName(journal), series };
    this.#has.set(keyOf(id), seq);
    // A replica may be the first to tell of a stream; what this device has forgotten of its own, nobody needs.
    const isOthers = this.peerIsHouse && isShared(series) && origin !== this.#deps.ownId;
    const isNews = isOthers && mayBeKnown(this.#deps.replica, id, this.reader);
    if (isNews || this.#deps.replica.knows(id)) this.#events.cursor(this.#deps.replica.stream(id), seq);
  }

  close(): void {
    this.#outgoing.isOpen = false;
    this.#reports.cancel();
    for (const out of this.#outgoing.all) this.#places.note(out);
  }

  /** Nothing more comes of it. */
  forget(stream: Stream): void {
    this.#has.delete(stream.key);
    this.#reports.forget(stream);
    this.#outgoing.forget(stream);
  }

  /** The peer is told how far this device is before the link closes, and of what is being kept as soon as it is. */
  flush(): void {
    this.#isClosing = true;
    this.#reports.flush();
  }

  /** This device's own, as it is written. */
  written(stream: Stream, fresh: Fresh): void {
    if (this.#outgoing.isOpen) this.#pump.written(this.#outgoing.of(stream), fresh);
  }

  /** A writer's signatures have been made, or have come. */
  sealed(stream: Stream, round: SealRound): void {
    if (!this.#outgoing.isOpen) return;
    if (stream.origin === this.#deps.ownId && this.peerIsHouse) this.#pump.sealed(this.#outgoing.of(stream), round);
    else if (this.#isServed(stream)) this.#send(stream);
  }

  /** This device has more of it, from somebody else. */
  advanced(stream: Stream): void {
    if (this.#outgoing.isOpen && this.peerIsHouse && isShared(stream.series)) this.#reports.news(stream);
  }

  /** What has come from the peer is here for good, or was before. */
  acknowledge(stream: Stream, entries: number, sizeBytes: number): void {
    if (!this.#outgoing.isOpen) return;
    this.#reports.taken(stream, entries, sizeBytes);
    if (this.#isClosing) this.#reports.flush();
  }

  /**
   * The peer is to hand the stream on. `false`, and nothing, where it was asked just now, unless it is to do so `again`, or
   * where that was postponed.
   */
  want(stream: Stream, { again = false } = {}): boolean {
    const out = this.#outgoing.of(stream);
    const nowMs = this.#deps.clock.monotonicMs();
    // What comes meanwhile was on its way already.
    if (!again && nowMs - out.wantedAtMs < WANT_INTERVAL_MS) return false;
    out.wantedAtMs = nowMs;
    const after = this.#isReplica ? Math.min(stream.last, stream.sealed) : stream.last;
    this.#outgoing.ask(stream, (number) => ({ type: 'want', stream: number, after }));
    return true;
  }

  /** What the peer hands on of it cannot be taken for so long. */
  postpone(stream: Stream, forMs: number): void {
    this.enough(stream);
    this.#outgoing.of(stream).wantedAtMs = this.#deps.clock.monotonicMs() + forMs - WANT_INTERVAL_MS;
  }

  enough(stream: Stream): void {
    this.#outgoing.ask(stream, (number) => ({ type: 'enough', stream: number }));
  }

  /** Throws `MalformedFrameError` for what no device says. */
  hear(message: ReplicationMessage): void {
    switch (message.type) {
      case 'hello':
        throw new MalformedFrameError('A second "hello".');
      case 'stream':
        this.#incoming.declare(message);
        return;
      case 'origin':
        this.introductions.add({ ...message, peerId: message.origin });
        return;
      case 'entry':
        this.#events.entry(this.#incoming.ownOfPeer(message.stream), message, message.seq - message.distance);
        return;
      case 'seal':
        this.#events.seal(this.#incoming.ownOfPeer(message.stream), message);
        return;
      case 'sealed':
        this.#events.sealedEntries(this.#incoming.handedOn(message.stream), message);
        return;
      case 'cursor':
        this.#hearCursor(this.#incoming.known(message.stream), message.seq);
        return;
      case 'want':
        this.#serve(this.#incoming.named(message.stream), message.after);
        return;
      case 'enough':
        this.#outgoing.of(this.#incoming.named(message.stream)).isWanted = false;
    }
  }

  #hearCursor(stream: Stream | null, seq: number): void {
    if (!stream) return;
    this.#has.set(stream.key, Math.max(seq, this.peerHas(stream)));
    const out = this.#outgoing.get(stream);
    if (out) {
      out.confirm(seq);
      if (out.sent < stream.last && this.#isServed(stream)) this.#pump.run(out);
    }
    this.#events.cursor(stream, seq);
  }

  #serve(stream: Stream, after: number): void {
    const mayAsk = this.#isPushed(stream) || (this.peerIsHouse && isShared(stream.series));
    if (!mayAsk) throw new MalformedFrameError('It asks for what is not for it.');
    const out = this.#outgoing.of(stream);
    out.isWanted = true;
    out.beginAt(after);
    if (after === 0) this.#outgoing.introduceAgain(out);
    this.#events.wanted(stream);
    this.#pump.run(out);
  }

  /** What the peer gets without asking: a writer's own; and whoever is no replica itself, whatever it may read. */
  #isPushed({ origin, series }: Stream): boolean {
    return origin === this.#deps.ownId || (isShared(series) && origin !== this.peerId && !this.peerIsHouse);
  }

  #isServed(stream: Stream): boolean {
    return this.#outgoing.isOpen && (this.#isPushed(stream) || this.isWantedOf(stream));
  }

  #send(stream: Stream): void {
    this.#pump.run(this.#outgoing.of(stream));
  }

  #begin(out: Outgoing): void {
    out.beginAt(this.peerHas(out.stream));
    if (out.stream.origin !== this.#deps.ownId) out.sent = this.#places.next(out.stream, out.sent);
  }

  #tellCursor(stream: Stream): void {
    const seq = isKept(stream.series) ? stream.kept : stream.last;
    this.#outgoing.ask(stream, (number) => ({ type: 'cursor', stream: number, seq }));
  }
}
