import type { Clock } from '@innmesh/kit';
import {
  allSeries,
  decodeEntry,
  type Entry,
  house,
  isBulk,
  isKept,
  isShared,
  type LinkMessage,
  MalformedFrameError,
  type Reader,
  type ReplicationMessage,
  type Role,
  type Series,
} from '@innmesh/protocol';
import { type Lane, lanes } from '../link/transport.ts';
import type { Claims } from './claims.ts';
import { CursorReports } from './cursor-reports.ts';
import type { Introduction, Origins } from './origins.ts';
import { Outgoing } from './outgoing.ts';
import { type PassedOver, Places } from './passed-over.ts';
import type { Replica, Stream } from './replica.ts';
import type { SealedRound, SealRound } from './seals.ts';
import type { KeptEntry } from './segment-codec.ts';
import { journalBytes, journalName, keyOf } from './stream.ts';

type Hello = Extract<LinkMessage, { type: 'hello' }>;
type Peer = Pick<Reader, 'peerId' | 'role'>;
type Message<Type extends ReplicationMessage['type']> = Extract<ReplicationMessage, { type: Type }>;

/** An entry as it crosses. */
export interface Handed {
  seq: number;
  ageMs: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/** An entry of this device's own as it is written: in memory still, and decoded. */
export interface Fresh extends KeptEntry {
  /** The one before it in its stream. */
  readonly previous: number;
  readonly entry: Entry;
}

export interface ReplicationDeps {
  clock: Clock;
  ownId: string;
  /** Whether this device hands on what others write. */
  isReplica: boolean;
  replica: Replica;
  origins: Origins;
  claims: Claims;
  passedOver: PassedOver;
  /** The device at the other end. */
  reader(): Reader;
  /** What is said of one stream keeps its order. */
  send(lane: Lane, message: ReplicationMessage, stream: number): void;
  /** Whether the peer may read what this writer wrote, and it is meant for it. */
  isFor(reader: Reader, entry: Entry, origin: string): boolean;
}

export interface ReplicationEvents {
  /** What lies between `after` and it is not for this device. */
  entry(stream: Stream, entry: Handed, after: number): void;
  sealedEntries(stream: Stream, round: Message<'sealed'>): void;
  seal(stream: Stream, round: SealRound): void;
  introduced(introduction: Introduction): void;
  /** The peer has the stream up to there. */
  cursor(stream: Stream, seq: number): void;
  /** The peer relies on this device for the stream. */
  wanted(stream: Stream): void;
  /** An entry of this device's that names the peer, which may not read it. */
  refused(stream: Stream, seq: number, entry: Entry): void;
  /** What the peer lacks could not be read, or not be kept as its own; it is tried again with whatever comes next. */
  failed(error: unknown): void;
}

/** Read from the log at once. */
const BATCH_BYTES = 64 * 1024;
/** More streams than a property has in a day. */
const MAX_STREAMS = 50_000;
/** A stream is not asked for again before the answer can be there. */
const WANT_INTERVAL_MS = 300;
/** A device has one journal at a time, and another for what passes. */
const MAX_OWN_STREAMS = 1_000;

const isHouse = (role: Role) => house.includes(role);
/** What a link says of itself. */
const CONTROL = 0;
const transportStream = (number: number) => number + 1;
const laneOf = (series: Series): Lane => (isBulk(series) ? lanes.bulk : lanes.entries);

/** One link: what its peer lacks is handed on, and what comes from it is told of. */
export class LinkReplication {
  readonly #deps: ReplicationDeps;
  readonly #events: ReplicationEvents;
  readonly #outgoing = new Map<Stream, Outgoing>();
  /** By the peer's numbers; `null` for what is of no interest here. */
  readonly #incoming = new Map<number, Stream | null>();
  /** By stream, how far the peer has said that it has it. */
  readonly #has = new Map<string, number>();
  readonly #reports: CursorReports;
  /** Writers that the peer was told of, by channel. */
  readonly #introduced = new Set<string>();
  readonly #isReplica: boolean;
  /** How far what others write was looked through for the peer. */
  #places = new Places();
  #isOpen = false;
  #isClosing = false;

  constructor(deps: ReplicationDeps, events: ReplicationEvents) {
    this.#deps = deps;
    this.#events = events;
    this.#isReplica = deps.isReplica;
    this.#reports = new CursorReports(deps.clock, (stream) => this.#tellCursor(stream));
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

  /**
   * How far this device has each journal: of what it hands on, as far as it can. Between a replica and a device that is none,
   * nobody asks for what others wrote: of those, the replica says nothing.
   */
  static hello(replica: Replica, self: Peer, to: Peer): Hello {
    const isReplica = isHouse(self.role);
    const all = [...replica.journals().values()];
    const known = isReplica && !isHouse(to.role) ? all.filter(({ origin }) => origin === to.peerId) : all;
    const journals = known.map(({ origin, journal, bySeries }) => {
      const cursors = allSeries.map((series) => {
        const stream = bySeries.get(series);
        const isHandedOn = isReplica && isShared(series) && origin !== self.peerId;
        return (isHandedOn ? Math.min(stream?.sealed ?? 0, stream?.kept ?? 0) : stream?.kept) ?? 0;
      });
      return { origin, journal: journalBytes(journal), cursors };
    });
    return { type: 'hello', journals };
  }

  open({ journals }: Hello): void {
    this.#isOpen = true;
    this.#places = this.#deps.passedOver.of(this.reader);
    for (const { origin, journal, cursors } of journals) {
      for (const [series, seq] of cursors.entries()) {
        if (seq > 0 && series < allSeries.length) this.#hear(origin, journal, series as Series, seq);
      }
    }
    for (const stream of this.#deps.replica.streams) if (this.#isPushed(stream)) this.#pump(this.#to(stream));
  }

  #hear(origin: string, journal: Uint8Array<ArrayBuffer>, series: Series, seq: number): void {
    const id = { origin, journal: journalName(journal), series };
    this.#has.set(keyOf(id), seq);
    // A replica may be the first to tell of a stream; what this device has forgotten of its own, nobody needs.
    const isNews = this.peerIsHouse && isShared(series) && origin !== this.#deps.ownId;
    if (isNews || this.#deps.replica.knows(id)) this.#events.cursor(this.#deps.replica.stream(id), seq);
  }

  close(): void {
    this.#isOpen = false;
    this.#reports.cancel();
    for (const out of this.#outgoing.values()) this.#places.note(out);
  }

  /** The peer is told how far this device is before the link closes, and of what is being kept as soon as it is. */
  flush(): void {
    this.#isClosing = true;
    this.#reports.flush();
  }

  /** This device's own, as it is written. */
  written(stream: Stream, fresh: Fresh): void {
    if (!this.#isOpen) return;
    const out = this.#to(stream);
    const isNext = out.sent === fresh.previous && !out.isPumping && out.hasRoom;
    if (!isNext || fresh.entry.audience.to === 'first') this.#pump(out);
    else this.#sendOwn(out, fresh, fresh.entry);
  }

  /** A writer's signatures have been made, or have come. */
  sealed(stream: Stream, round: SealRound): void {
    if (!this.#isOpen) return;
    if (stream.origin === this.#deps.ownId && this.peerIsHouse) this.#sendSeal(this.#to(stream), round);
    else if (this.#isServed(stream)) this.#pump(this.#to(stream));
  }

  /** This device has more of it, from somebody else. */
  advanced(stream: Stream): void {
    if (this.#isOpen && this.peerIsHouse && isShared(stream.series)) this.#reports.news(stream);
  }

  /** What has come from the peer is here for good, or was before. */
  acknowledge(stream: Stream, entries: number, sizeBytes: number): void {
    if (!this.#isOpen) return;
    this.#reports.taken(stream, entries, sizeBytes);
    if (this.#isClosing) this.#reports.flush();
  }

  /** The peer is to hand the stream on; nothing where it was asked just now, unless it is to do so `again`. */
  want(stream: Stream, { again = false } = {}): void {
    const out = this.#to(stream);
    const nowMs = this.#deps.clock.monotonicMs();
    // What comes meanwhile was on its way already.
    if (!again && nowMs - out.wantedAtMs < WANT_INTERVAL_MS) return;
    out.wantedAtMs = nowMs;
    const after = this.#isReplica ? Math.min(stream.last, stream.sealed) : stream.last;
    this.#ask(out, (number) => ({ type: 'want', stream: number, after }));
  }

  enough(stream: Stream): void {
    this.#ask(this.#to(stream), (number) => ({ type: 'enough', stream: number }));
  }

  /** Throws `MalformedFrameError` for what no device says. */
  hear(message: ReplicationMessage): void {
    switch (message.type) {
      case 'hello':
        throw new MalformedFrameError('A second "hello".');
      case 'stream':
        this.#declare(message);
        return;
      case 'origin':
        this.#events.introduced({ ...message, peerId: message.origin });
        return;
      case 'entry':
        this.#events.entry(this.#ownOfPeer(message.stream), message, message.seq - message.distance);
        return;
      case 'seal':
        this.#events.seal(this.#ownOfPeer(message.stream), message);
        return;
      case 'sealed':
        this.#events.sealedEntries(this.#handedOn(message.stream), message);
        return;
      case 'cursor':
        this.#hearCursor(this.#known(message.stream), message.seq);
        return;
      case 'want':
        this.#serve(this.#named(message.stream), message.after);
        return;
      case 'enough':
        this.#to(this.#named(message.stream)).isWanted = false;
    }
  }

  #declare({ stream: number, origin, journal, series }: Message<'stream'>): void {
    if (this.#incoming.size >= MAX_STREAMS) throw new MalformedFrameError('It speaks of too many streams.');
    const id = { origin, journal: journalName(journal), series: series as Series };
    // A guest may have met others of the house; but what it makes up must not fill this device's memory.
    const isItsOwn = origin === this.peerId && this.#incoming.size < MAX_OWN_STREAMS;
    const isOfInterest = this.peerIsHouse || isItsOwn || this.#deps.replica.knows(id);
    this.#incoming.set(number, isOfInterest ? this.#deps.replica.stream(id) : null);
  }

  #named(number: number): Stream {
    const stream = this.#known(number);
    if (!stream) throw new MalformedFrameError('It hands on a stream that is not its own.');
    return stream;
  }

  #known(number: number): Stream | null {
    const stream = this.#incoming.get(number);
    if (stream === undefined) throw new MalformedFrameError(`It speaks of a stream ${number} that it has not named.`);
    return stream;
  }

  /** Who it is from, the link has proven: nobody writes in another's journal. */
  #ownOfPeer(number: number): Stream {
    const stream = this.#named(number);
    if (stream.origin !== this.peerId) throw new MalformedFrameError('An entry of another device without a signature.');
    return stream;
  }

  #handedOn(number: number): Stream {
    const stream = this.#named(number);
    if (!isShared(stream.series)) throw new MalformedFrameError('It hands on what is for its reader alone.');
    if (stream.origin !== this.peerId && !this.peerIsHouse)
      throw new MalformedFrameError('It hands on and is no replica.');
    if (stream.origin === this.#deps.ownId) throw new MalformedFrameError("It hands on this device's own entries.");
    return stream;
  }

  #hearCursor(stream: Stream | null, seq: number): void {
    if (!stream) return;
    this.#has.set(stream.key, Math.max(seq, this.peerHas(stream)));
    const out = this.#outgoing.get(stream);
    if (out) {
      out.confirm(seq);
      if (out.sent < stream.last && this.#isServed(stream)) this.#pump(out);
    }
    this.#events.cursor(stream, seq);
  }

  #serve(stream: Stream, after: number): void {
    const mayAsk = this.#isPushed(stream) || (this.peerIsHouse && isShared(stream.series));
    if (!mayAsk) throw new MalformedFrameError('It asks for what is not for it.');
    const out = this.#to(stream);
    out.isWanted = true;
    out.beginAt(after);
    this.#events.wanted(stream);
    this.#pump(out);
  }

  /** What the peer gets without asking: a writer's own; and whoever is no replica itself, whatever it may read. */
  #isPushed({ origin, series }: Stream): boolean {
    return origin === this.#deps.ownId || (isShared(series) && origin !== this.peerId && !this.peerIsHouse);
  }

  #isServed(stream: Stream): boolean {
    return this.#isOpen && (this.#isPushed(stream) || this.isWantedOf(stream));
  }

  #to(stream: Stream): Outgoing {
    let out = this.#outgoing.get(stream);
    if (!out) {
      out = new Outgoing(stream, this.#outgoing.size);
      out.beginAt(this.peerHas(stream));
      if (stream.origin !== this.#deps.ownId) out.sent = this.#places.next(stream, out.sent);
      this.#outgoing.set(stream, out);
    }
    return out;
  }

  /** Sends what lies in the log behind what was sent, as far as the window reaches. */
  async #pump(out: Outgoing): Promise<void> {
    out.hasMore = true;
    if (out.isPumping) return;
    out.isPumping = true;
    try {
      while (out.hasMore && this.#isServed(out.stream) && out.hasRoom) {
        out.hasMore = false;
        if (await this.#sendBatch(out)) out.hasMore = true;
      }
    } catch (error) {
      this.#events.failed(error);
    } finally {
      out.isPumping = false;
    }
  }

  /** `false` where there is nothing more. */
  async #sendBatch(out: Outgoing): Promise<boolean> {
    const { replica, ownId } = this.#deps;
    const { stream, sent, begun } = out;
    if (sent < stream.sealed) {
      const rounds = await replica.sealedRounds(stream, sent, BATCH_BYTES);
      if (out.begun !== begun) return true;
      for (const round of rounds) if (out.sent < round.upTo) this.#sendRound(out, round);
      if (rounds.length === 0) out.sent = Math.max(out.sent, stream.sealed);
      return true;
    }
    if (stream.origin !== ownId || sent >= stream.last) return false;
    const entries = await stream.log.read(stream.key, sent, BATCH_BYTES);
    for (const kept of entries) {
      if (!this.#isOpen || out.sent >= kept.seq || out.begun !== begun) break;
      await this.#sendKept(out, kept);
    }
    return entries.length > 0;
  }

  async #sendKept(out: Outgoing, kept: KeptEntry): Promise<void> {
    const entry = decodeEntry(kept.bytes);
    const reader = this.#deps.reader();
    const isClaimable = entry.audience.to === 'first' && this.#deps.isFor(reader, entry, out.stream.origin);
    const isMine =
      !isClaimable || (await this.#deps.claims.claim(reader.peerId, out.stream, kept.seq, kept.expiresAtMs));
    if (isMine) this.#sendOwn(out, kept, entry);
    else out.sent = kept.seq;
  }

  #sendOwn(out: Outgoing, kept: KeptEntry, entry: Entry): void {
    const { seq, bytes } = kept;
    out.sent = seq;
    const leftMs = kept.expiresAtMs - this.#deps.clock.nowMs();
    if (leftMs <= 0) return;
    if (!this.#isForPeer(out.stream, entry)) {
      this.#refuse(out.stream, seq, entry);
      return;
    }
    out.note(seq, bytes.length);
    const distance = seq - out.vouched;
    out.vouched = seq;
    const ageMs = Math.max(0, Math.ceil(entry.lifetimeMs - leftMs));
    this.#say(out, (stream) => ({ type: 'entry', stream, seq, distance, ageMs, bytes }));
  }

  #refuse(stream: Stream, seq: number, entry: Entry): void {
    if (stream.origin !== this.#deps.ownId || entry.audience.to !== 'devices') return;
    if (entry.audience.names.includes(this.peerId)) this.#events.refused(stream, seq, entry);
  }

  /** Full replicas get everything that is handed on. */
  #isForPeer({ series, origin }: Stream, entry: Entry): boolean {
    if (isShared(series) && this.peerIsHouse) return true;
    return this.#deps.isFor(this.#deps.reader(), entry, origin);
  }

  #sendRound(out: Outgoing, { after: from, upTo, groups }: SealedRound): void {
    const { stream, vouched, sealed } = out;
    // Where the peer has its first entries already, what it says of signatures goes on from those before it.
    const after = from <= sealed ? Math.min(vouched, sealed) : vouched;
    const nowMs = this.#deps.clock.nowMs();
    const readable = groups.flatMap(({ entries, signature }) => {
      const first = entries[0]?.entry;
      if (!first || !this.#isForPeer(stream, first)) {
        for (const { seq } of entries) if (first) this.#refuse(stream, seq, first);
        return [];
      }
      const handed = entries.map(({ seq, expiresAtMs, bytes, entry: { lifetimeMs } }) => {
        return { seq, ageMs: Math.max(0, Math.ceil(lifetimeMs - (expiresAtMs - nowMs))), bytes };
      });
      return [{ entries: handed, signature }];
    });
    out.sent = Math.max(out.sent, upTo);
    out.sealed = Math.max(out.sealed, upTo);
    if (readable.length === 0) return;
    this.#introduce(out);
    const bytes = readable.flatMap(({ entries }) => entries).reduce((sum, entry) => sum + entry.bytes.length, 0);
    out.note(upTo, bytes);
    out.vouched = upTo;
    this.#say(out, (number) => ({
      type: 'sealed',
      stream: number,
      after,
      upTo,
      groups: readable,
    }));
  }

  /** The peer has the entries, unless it is still behind; then it gets both together. */
  async #sendSeal(out: Outgoing, round: SealRound): Promise<void> {
    if (out.sent < round.upTo) return void this.#pump(out);
    if (out.sealed >= round.upTo) return;
    const before = out.sealed;
    out.sealed = round.upTo;
    const missed = before < round.after ? await this.#sealsBetween(out.stream, before, round.after) : [];
    for (const each of [...missed, round]) {
      this.#say(out, (stream) => ({ type: 'seal', ...each, stream }));
    }
  }

  async #sealsBetween(stream: Stream, after: number, upTo: number): Promise<SealRound[]> {
    try {
      return await this.#deps.replica.sealsBetween(stream, after, upTo);
    } catch (error) {
      // Without them the peer asks for what it cannot hand on.
      this.#events.failed(error);
      return [];
    }
  }

  /** For each stream, as none waits for another. */
  #introduce({ stream: { origin, series }, number }: Outgoing): void {
    const known = `${origin} ${number}`;
    if (origin === this.#deps.ownId || this.#introduced.has(known)) return;
    this.#introduced.add(known);
    const { publicKey, credential } = this.#deps.origins.expect(origin);
    this.#deps.send(laneOf(series), { type: 'origin', origin, publicKey, credential }, transportStream(number));
  }

  #tellCursor(stream: Stream): void {
    const seq = isKept(stream.series) ? stream.kept : stream.last;
    this.#ask(this.#to(stream), (number) => ({ type: 'cursor', stream: number, seq }));
  }

  /** Who asks and who confirms waits for no entry. */
  #ask(out: Outgoing, message: (number: number) => ReplicationMessage): void {
    this.#sayOn(lanes.entries, CONTROL, out, message);
  }

  #say(out: Outgoing, message: (number: number) => ReplicationMessage): void {
    this.#sayOn(laneOf(out.stream.series), transportStream(out.number), out, message);
  }

  #sayOn(lane: Lane, over: number, out: Outgoing, message: (number: number) => ReplicationMessage): void {
    if (!this.#isOpen) return;
    const { stream, number, declaredOn } = out;
    if (!declaredOn.has(over)) {
      declaredOn.add(over);
      const { origin, series } = stream;
      const journal = journalBytes(stream.journal);
      this.#deps.send(lane, { type: 'stream', stream: number, origin, journal, series }, over);
    }
    this.#deps.send(lane, message(number), over);
  }
}
