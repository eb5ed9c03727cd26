import type { Clock, HybridClock } from '@innmesh/kit';
import {
  CredentialError,
  decodeEntry,
  type Entry,
  InnmeshError,
  isAmong,
  isShared,
  NotEntitledError,
  type Reader,
  type SealTranscript,
} from '@innmesh/protocol';
import { PeerMessageError } from '../errors.ts';
import type { HandOver } from './hand-over.ts';
import { UNKNOWN_KEY_RETRY_MS } from './introductions.ts';
import type { Handed, LinkReplication } from './link-replication.ts';
import type { Origin, Origins } from './origins.ts';
import type { Replica, Stream } from './replica.ts';
import { expectOrdered, type SealRound } from './seals.ts';
import type { KeptEntry } from './segment-codec.ts';
import { journalBytes } from './stream.ts';

type Bytes = Uint8Array<ArrayBuffer>;

interface SealedEntries {
  after: number;
  upTo: number;
  groups: { entries: Handed[]; signature: Bytes }[];
}

interface Taken {
  readonly kept: KeptEntry[];
  /** How far the stream is here with it. */
  upTo: number;
  count: number;
  sizeBytes: number;
}

export interface IntakeDeps {
  clock: Clock;
  times: HybridClock;
  replica: Replica;
  origins: Origins;
  handOver: HandOver;
  self(): Reader;
  /** Whether a device may write this at all. */
  mayWrite(type: string, origin: Origin): boolean;
  verifySeal(publicKey: Bytes, signature: Bytes, transcript: Omit<SealTranscript, 'tenantId'>): Promise<boolean>;
  /** An entry for this device has come by way of another that it is not for: its writer cannot know. */
  relayed(stream: Stream, seq: number): void;
  /** The stream has grown here. */
  advanced(stream: Stream, from: LinkReplication): void;
  sealed(stream: Stream, round: SealRound): void;
  /** The link breaks the protocol. */
  broken(link: LinkReplication, error: Error): void;
  failed(error: Error): void;
  /** What has come could not be kept. */
  notKept(error: unknown): void;
}

/** What comes from other devices: checked, kept, and handed over, in order of its writer. */
export class Intake {
  readonly #deps: IntakeDeps;
  /** Streams of which something is being verified: what comes meanwhile waits for it. */
  readonly #busy = new Map<Stream, Promise<void>>();
  /** Streams that found no room: nothing more of them is taken, so that they have no hole, until they are asked for again. */
  readonly #stalled = new Map<Stream, LinkReplication>();
  /** Streams whose writer could not be told, for want of the issuer's keys. */
  readonly #postponed = new Map<Stream, LinkReplication>();
  /** What this turn has brought. */
  readonly #toKeep = new Map<Stream, { link: LinkReplication; taken: Taken }>();
  /** Streams whose hand-over is kept in an older state. */
  readonly #moved = new Set<Stream>();

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
  }

  /** From the writer itself. */
  entry(link: LinkReplication, stream: Stream, entry: Handed, after: number): void {
    this.#inOrder(link, stream, () => {
      if (after > stream.last) link.want(stream);
      else this.#take(link, stream, [entry], 0);
    });
  }

  /** From whoever has them. Throws `MalformedFrameError`. */
  sealedEntries(link: LinkReplication, stream: Stream, round: SealedEntries): void {
    const numbers = round.groups.map(({ entries }) => entries.map(({ seq }) => seq));
    expectOrdered(numbers, 1, round.upTo);
    this.#inOrder(link, stream, async () => {
      if (round.upTo <= stream.kept && round.upTo <= stream.sealed) {
        link.acknowledge(stream, 1, 0);
        return;
      }
      if (round.after > stream.last) {
        link.want(stream);
        return;
      }
      const origin = await link.introductions.writer(stream.origin);
      if (!origin) {
        this.#postpone(link, stream);
        return;
      }
      await this.#verify(origin, stream, round.groups);
      const entries = round.groups.flatMap((group) => group.entries).sort((one, other) => one.seq - other.seq);
      if (!this.#take(link, stream, entries, round.upTo)) return;
      const groups = round.groups.map(({ entries, signature }) => ({ seqs: entries.map(({ seq }) => seq), signature }));
      this.#addSeal(stream, { ...round, groups }, Math.max(0, ...entries.map(leftMs)));
    });
  }

  /** From the writer itself, for entries that are here. Throws `MalformedFrameError`. */
  seal(link: LinkReplication, stream: Stream, round: SealRound): void {
    const numbers = round.groups.map(({ seqs }) => seqs);
    expectOrdered(numbers, round.after + 1, round.upTo);
    this.#inOrder(link, stream, async () => {
      const { replica } = this.#deps;
      if (round.upTo <= stream.sealed) return;
      if (round.after > stream.sealed || round.upTo > stream.last) {
        link.want(stream);
        return;
      }
      this.#keepAll();
      const known = await replica.entriesBetween(stream, round.after, round.upTo);
      const groups = round.groups.map(({ seqs, signature }) => {
        return { seqs, signature, entries: seqs.flatMap((seq) => known.get(seq) ?? []) };
      });
      // What was past its time when it came is not here, and nobody wants it.
      const whole = groups.filter(({ seqs, entries }) => entries.length === seqs.length);
      const origin = await link.introductions.writer(stream.origin);
      if (!origin) return;
      await this.#verify(origin, stream, whole);
      const nowMs = this.#deps.clock.nowMs();
      const lefts = whole.flatMap(({ entries }) => entries.map(({ expiresAtMs }) => expiresAtMs - nowMs));
      const sealedGroups = whole.map(({ seqs, signature }) => ({ seqs, signature }));
      this.#addSeal(stream, { ...round, groups: sealedGroups }, Math.max(0, ...lefts));
    });
  }

  /** The writer of what it hands on may be told later; until then it need not go on. */
  #postpone(link: LinkReplication, stream: Stream): void {
    if (this.#postponed.get(stream) === link) return;
    this.#postponed.set(stream, link);
    link.postpone(stream, UNKNOWN_KEY_RETRY_MS);
  }

  /** There may be room again, or a key: whoever handed on what was not taken is asked for it. */
  resume(): void {
    for (const [stream, link] of this.#postponed) if (link.want(stream)) this.#postponed.delete(stream);
    const stalled = [...this.#stalled];
    this.#stalled.clear();
    // What was asked for just now has been refused meanwhile.
    for (const [stream, link] of stalled) link.want(stream, { again: true });
  }

  /**
   * Keeps how far streams were handed over, where that has changed, in one commit with whatever else there is to keep. Rejects
   * where that found no room, though this alone may have.
   */
  async noteMoved(): Promise<void> {
    this.#keepTaken();
    // Told of where it was learnt.
    this.#deps.origins.note().catch(() => {});
    if (this.#moved.size === 0) return;
    const moved = [...this.#moved];
    this.#moved.clear();
    try {
      await this.#deps.replica.note(moved.map((stream) => [stream, this.#deps.handOver.taken(stream)]));
    } catch (error) {
      for (const stream of moved) this.#moved.add(stream);
      throw error;
    }
  }

  moved(stream: Stream): void {
    this.#moved.add(stream);
  }

  /** Whether something of it is under way. */
  isBusyWith(stream: Stream): boolean {
    return [this.#busy, this.#toKeep, this.#moved, this.#stalled, this.#postponed].some((all) => all.has(stream));
  }

  /** Resolves when all that has come by now is kept, or could not be. */
  async settled(): Promise<void> {
    await Promise.all([...this.#busy.values()]);
    this.#keepAll();
    await this.#deps.replica.settled();
  }

  #inOrder(link: LinkReplication, stream: Stream, work: () => void | Promise<void>): void {
    const before = this.#busy.get(stream);
    const outcome = before ? before.then(work) : work();
    if (!outcome) return;
    const done = outcome
      .catch((error) => this.#deps.broken(link, error))
      .finally(() => {
        if (this.#busy.get(stream) === done) this.#busy.delete(stream);
      });
    this.#busy.set(stream, done);
  }

  async #verify(
    origin: Origin,
    stream: Stream,
    groups: readonly { entries: readonly Handed[] | readonly KeptEntry[]; signature: Bytes }[],
  ): Promise<void> {
    const { journal, series } = stream;
    const verdicts = groups.map(({ entries, signature }) => {
      const transcript = {
        journal: journalBytes(journal),
        series,
        entries: entries.map(({ seq, bytes }) => ({ seq, bytes })),
      };
      return this.#deps.verifySeal(origin.publicKey, signature, transcript);
    });
    if ((await Promise.all(verdicts)).includes(false)) {
      throw new CredentialError('signature', `${origin.peerId} has not signed what is said to be its entries`);
    }
  }

  /** Only what everyone hands on is handed on with it. */
  #addSeal(stream: Stream, round: SealRound, leftMs: number): void {
    if (!isShared(stream.series)) return;
    const { replica, clock, sealed, notKept } = this.#deps;
    if (round.upTo <= stream.sealed || round.after > stream.sealed) return;
    // Whoever hands the round on reads its entries.
    this.#keepAll();
    replica.addSeal(stream, round, clock.nowMs() + leftMs).catch(notKept);
    sealed(stream, round);
  }

  /** `false` where it was not taken. */
  #take(link: LinkReplication, stream: Stream, handed: readonly Handed[], upTo: number): boolean {
    const origin = this.#deps.origins.get(stream.origin);
    // The link on which it found no room may be gone by now.
    if (this.#stalled.has(stream)) this.#stalled.set(stream, link);
    if (!origin || this.#stalled.has(stream)) return false;
    const kept: KeptEntry[] = [];
    let sizeBytes = 0;
    for (const each of handed) {
      sizeBytes += each.bytes.length;
      if (each.seq <= stream.last) continue;
      const entry = this.#accept(link, stream, each, origin);
      stream.last = each.seq;
      if (entry) kept.push(entry);
    }
    if (upTo > stream.last) {
      stream.last = upTo;
      this.#deps.handOver.pass(stream, upTo);
    }
    this.#keepSoon(link, stream, { kept, upTo: stream.last, count: handed.length, sizeBytes });
    return true;
  }

  /** With whatever else the same turn brings of the stream. */
  #keepSoon(link: LinkReplication, stream: Stream, taken: Taken): void {
    const before = this.#toKeep.get(stream);
    if (before?.link === link) {
      before.taken.kept.push(...taken.kept);
      before.taken.count += taken.count;
      before.taken.sizeBytes += taken.sizeBytes;
      before.taken.upTo = taken.upTo;
      return;
    }
    if (before) this.#keep(before.link, stream, before.taken);
    this.#toKeep.set(stream, { link, taken });
    if (this.#toKeep.size === 1) queueMicrotask(() => this.#keepAll());
  }

  #keepAll(): void {
    // What was taken finds no room then either, and that is told of.
    this.noteMoved().catch(() => {});
  }

  #keepTaken(): void {
    const all = [...this.#toKeep];
    this.#toKeep.clear();
    for (const [stream, { link, taken }] of all) this.#keep(link, stream, taken);
  }

  async #keep(link: LinkReplication, stream: Stream, { kept, upTo, count, sizeBytes }: Taken): Promise<void> {
    const { replica, advanced } = this.#deps;
    // What came before it has just found no room.
    if (this.#stalled.has(stream)) {
      stream.last = stream.kept;
      return;
    }
    try {
      await replica.add(stream, kept, upTo);
    } catch (error) {
      stream.last = stream.kept;
      this.#stalled.set(stream, link);
      this.#deps.notKept(error);
      return;
    }
    if (stream.isNotedShort) this.#moved.add(stream);
    link.acknowledge(stream, count, sizeBytes);
    if (kept.length > 0) advanced(stream, link);
  }

  /** `null` for what is not to be kept. */
  #accept(link: LinkReplication, stream: Stream, { seq, ageMs, bytes }: Handed, origin: Origin): KeptEntry | null {
    const { clock, times, handOver, self } = this.#deps;
    const entry = this.#decode(bytes, origin);
    const leftMs = (entry?.lifetimeMs ?? 0) - ageMs;
    if (!entry || leftMs <= 0) {
      handOver.pass(stream, seq);
      return null;
    }
    times.witness(entry.writtenAt);
    const expiresAtMs = clock.nowMs() + leftMs;
    stream.untilMs = Math.max(stream.untilMs, expiresAtMs);
    if (isAmong(self(), entry.audience)) {
      handOver.add({ stream, seq, entry, expiresAtMs });
      this.#noteRelay(link, stream, seq, entry);
    } else handOver.pass(stream, seq);
    return { seq, expiresAtMs, bytes };
  }

  #decode(bytes: Bytes, origin: Origin): Entry | null {
    try {
      const entry = decodeEntry(bytes);
      if (this.#deps.mayWrite(entry.type, origin)) return entry;
      throw new NotEntitledError(`A device of role "${origin.role}" may not write "${entry.type}" messages.`);
    } catch (error) {
      if (!(error instanceof InnmeshError)) throw error;
      this.#deps.failed(new PeerMessageError(origin.peerId, error));
      return null;
    }
  }

  #noteRelay(link: LinkReplication, stream: Stream, seq: number, { audience }: Entry): void {
    if (link.peerId === stream.origin || isAmong(link.reader, audience)) return;
    this.#deps.relayed(stream, seq);
  }
}

/** How long an entry is still wanted. */
const leftMs = ({ bytes, ageMs }: Handed): number => decodeEntry(bytes).lifetimeMs - ageMs;
