import type { Clock } from '@innmesh/kit';
import { decodeEntry, type Entry, house, isShared, type Reader } from '@innmesh/protocol';
import type { Claims } from './claims.ts';
import type { Outgoing } from './outgoing.ts';
import type { OutgoingStreams } from './outgoing-streams.ts';
import type { Replica, Stream } from './replica.ts';
import type { SealedRound, SealRound } from './seals.ts';
import type { KeptEntry } from './segment-codec.ts';

/** An entry of this device's own as it is written: in memory still, and decoded. */
export interface Fresh extends KeptEntry {
  /** The one before it in its stream. */
  readonly previous: number;
  readonly entry: Entry;
}

export interface PumpDeps {
  clock: Clock;
  ownId: string;
  replica: Pick<Replica, 'sealedRounds' | 'sealsBetween'>;
  claims: Claims;
  streams: OutgoingStreams;
  /** The device at the other end. */
  reader(): Reader;
  /** Whether the peer may read what this writer wrote, and it is meant for it. */
  isFor(reader: Reader, entry: Entry, origin: string): boolean;
  /** Whether the peer is to have the stream from this device. */
  isServed(stream: Stream): boolean;
}

export interface PumpEvents {
  /** An entry of this device's that names the peer, which may not read it. */
  refused(stream: Stream, seq: number, entry: Entry): void;
  /** What the peer lacks could not be read, or not be kept as its own; it is tried again with whatever comes next. */
  failed(error: unknown): void;
}

/** Read from the log at once. */
const BATCH_BYTES = 64 * 1024;

/** Sends the peer what lies behind what it was sent of a stream, and is for it, as far as the window reaches. */
export class Pump {
  readonly #deps: PumpDeps;
  readonly #events: PumpEvents;

  constructor(deps: PumpDeps, events: PumpEvents) {
    this.#deps = deps;
    this.#events = events;
  }

  /** There is more of it, or more of it may be sent. */
  async run(out: Outgoing): Promise<void> {
    out.hasMore = true;
    if (out.isPumping) return;
    out.isPumping = true;
    try {
      while (out.hasMore && this.#deps.isServed(out.stream) && out.hasRoom) {
        out.hasMore = false;
        if (await this.#sendBatch(out)) out.hasMore = true;
      }
    } catch (error) {
      this.#events.failed(error);
    } finally {
      out.isPumping = false;
    }
  }

  /** This device's own, as it is written. */
  written(out: Outgoing, fresh: Fresh): void {
    const isNext = out.sent === fresh.previous && !out.isPumping && out.hasRoom;
    if (!isNext || fresh.entry.audience.to === 'first') this.run(out);
    else this.#sendOwn(out, fresh, fresh.entry);
  }

  /** The peer has the entries, unless it is still behind; then it gets both together. */
  async sealed(out: Outgoing, round: SealRound): Promise<void> {
    if (out.sent < round.upTo) return void this.run(out);
    if (out.sealed >= round.upTo) return;
    const { sealed: before, begun } = out;
    out.sealed = round.upTo;
    const missed = before < round.after ? await this.#sealsBetween(out.stream, before, round.after) : [];
    // It goes with its entries now.
    if (out.begun !== begun) return;
    for (const each of [...missed, round]) {
      this.#deps.streams.say(out, (stream) => ({ type: 'seal', ...each, stream }));
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

  /** `false` where there is nothing more. */
  async #sendBatch(out: Outgoing): Promise<boolean> {
    const { replica, ownId, streams } = this.#deps;
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
      if (!streams.isOpen || out.sent >= kept.seq || out.begun !== begun) break;
      await this.#sendKept(out, kept);
    }
    return entries.length > 0;
  }

  async #sendKept(out: Outgoing, kept: KeptEntry): Promise<void> {
    const entry = decodeEntry(kept.bytes);
    const reader = this.#deps.reader();
    const isClaimable = entry.audience.to === 'first' && this.#deps.isFor(reader, entry, out.stream.origin);
    const { begun } = out;
    const isMine =
      !isClaimable || (await this.#deps.claims.claim(reader.peerId, out.stream, kept.seq, kept.expiresAtMs));
    // The peer has asked from an earlier place meanwhile: what lies before this goes first.
    if (out.begun !== begun) return;
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
    this.#deps.streams.say(out, (stream) => ({ type: 'entry', stream, seq, distance, ageMs, bytes }));
  }

  #refuse(stream: Stream, seq: number, entry: Entry): void {
    if (stream.origin !== this.#deps.ownId || entry.audience.to !== 'devices') return;
    if (entry.audience.names.includes(this.#deps.reader().peerId)) this.#events.refused(stream, seq, entry);
  }

  /** Full replicas get everything that is handed on. */
  #isForPeer({ series, origin }: Stream, entry: Entry): boolean {
    const reader = this.#deps.reader();
    return (isShared(series) && house.includes(reader.role)) || this.#deps.isFor(reader, entry, origin);
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
    this.#deps.streams.introduce(out);
    const bytes = readable.flatMap(({ entries }) => entries).reduce((sum, entry) => sum + entry.bytes.length, 0);
    out.note(upTo, bytes);
    out.vouched = upTo;
    this.#deps.streams.say(out, (number) => ({
      type: 'sealed',
      stream: number,
      after,
      upTo,
      groups: readable,
    }));
  }
}
