import { type CancelTimer, type Clock, HybridClock, type Random, setRepeating } from '@innmesh/kit';
import {
  type Audience,
  decodeEntry,
  decodeMessage,
  type Entry,
  encodeMessage,
  house,
  InnmeshError,
  isAmong,
  NotEntitledError,
  type OrderMessage,
  type Party,
  type Reader,
  type ReceivedMessage,
  type ReplicationMessage,
} from '@innmesh/protocol';
import { PeerMessageError } from '../errors.ts';
import type { Shown } from '../link/handshake.ts';
import type { Lane } from '../link/transport.ts';
import type { Delivery, PendingMessage } from '../public-types.ts';
import type { Trust } from '../trust/trust.ts';
import { Claims } from './claims.ts';
import { Deliveries } from './deliveries.ts';
import type { OpenDeliveries } from './delivery.ts';
import { Forgetting } from './forgetting.ts';
import { type HandedEntry, HandOver } from './hand-over.ts';
import { type Hello, helloTo } from './hello.ts';
import { Intake } from './intake.ts';
import { LinkReplication } from './link-replication.ts';
import { Origins } from './origins.ts';
import { PassedOver } from './passed-over.ts';
import { RECEIPT, Receipts, readReceipt } from './receipts.ts';
import { Replica, type Stream } from './replica.ts';
import { Sealer } from './sealer.ts';
import type { SealRound } from './seals.ts';
import { Sources } from './sources.ts';
import type { JournalStore } from './store/journal-store.ts';
import { entryIdOf, journalBytes, streamOf } from './stream.ts';
import { timeToLiveMs } from './time-to-live.ts';
import { Writer } from './writer.ts';

export interface JournalsDeps {
  clock: Clock;
  random: Random;
  trust: Pick<Trust, 'peerId' | 'role' | 'table' | 'entitlements' | 'seal' | 'verifySeal' | 'verifyOrigin'>;
  capabilities: readonly string[];
  timesToLiveMs: Readonly<Record<string, number>>;
  maxBytes: number;
  openDeliveries: OpenDeliveries;
  log(text: string): void;
}

export interface JournalsEvents {
  /** An entry for this device's application. Throws or rejects where that does not take it; then it comes again. */
  deliver(origin: Party, entry: Entry, id: string): void | Promise<void>;
  /** The application has not taken it. */
  notTaken(error: unknown): void;
  pendingChanged(): void;
  /** Something was not kept. */
  notKept(error: Error): void;
  failed(error: Error): void;
}

/** A device at the other end of a link that stands. */
export interface LinkedPeer {
  readonly peerId: string;
  reader(): Reader;
  /** By what it has shown itself. */
  readonly shown: Shown;
  /** What is said of one stream keeps its order. */
  send(lane: Lane, message: ReplicationMessage, stream: number): void;
  drop(reason: string): void;
}

const TIDY_INTERVAL_MS = 60_000;

/** All journals of this device, its own and others': written, kept, and brought up to date with whoever is linked. */
export class Journals {
  readonly #deps: JournalsDeps;
  readonly #events: JournalsEvents;
  readonly #replica: Replica;
  readonly #origins: Origins;
  readonly #claims: Claims;
  readonly #deliveries: Deliveries;
  readonly #handOver: HandOver;
  readonly #intake: Intake;
  readonly #sealer: Sealer;
  readonly #sources: Sources;
  readonly #receipts: Receipts;
  readonly #forgetting: Forgetting;
  readonly #passedOver = new PassedOver();
  /** By the peer's id. */
  readonly #links = new Map<string, LinkReplication>();
  readonly #peers = new WeakMap<LinkReplication, LinkedPeer>();
  readonly #times: HybridClock;
  #writer!: Writer;
  #isNoting = false;
  #cancelTidying: CancelTimer = () => {};

  private constructor(deps: JournalsDeps, events: JournalsEvents, replica: Replica) {
    const { trust, clock } = deps;
    this.#deps = deps;
    this.#events = events;
    this.#replica = replica;
    this.#times = new HybridClock(clock);
    this.#origins = new Origins(trust, replica.log, (peerId) => this.#links.has(peerId));
    this.#claims = new Claims(replica, clock);
    this.#deliveries = this.#createDeliveries();
    this.#receipts = new Receipts(clock, (stream, body) => this.#writeReceipt(stream, body));
    this.#sources = new Sources(clock, trust.peerId, this.#links);
    this.#handOver = this.#createHandOver();
    this.#intake = this.#createIntake();
    this.#sealer = this.#createSealer();
    this.#forgetting = this.#createForgetting();
  }

  /** Takes the store over. It is known by now who this device is. Rejects as the store's `open()` does. */
  static async open(deps: JournalsDeps, events: JournalsEvents, store: JournalStore): Promise<Journals> {
    const journals = new Journals(deps, events, await Replica.open(store, deps.clock, deps.maxBytes));
    await journals.#open();
    return journals;
  }

  async #open(): Promise<void> {
    const { clock, random } = this.#deps;
    this.#writer = await Writer.open({
      clock,
      random,
      times: this.#times,
      replica: this.#replica,
      deliveries: this.#deliveries,
      sealer: this.#sealer,
      self: this.#self,
      eyesOf: (entry) => this.#eyesOf(entry),
      written: (stream, fresh) => {
        for (const link of this.#links.values()) link.written(stream, fresh);
      },
      isDone: this.#isDone,
      notKept: (error) => this.#notKept(error),
    });
    for (const stream of this.#replica.streams) {
      if (stream.origin === this.#self.peerId) continue;
      const taken = this.#replica.taken(stream);
      this.#handOver.begin(stream, taken);
    }
    this.#cancelTidying = setRepeating(clock, () => this.#tidy(), TIDY_INTERVAL_MS);
  }

  /** Hands over what an earlier run has taken and not handed over. To be called once, when the application listens. */
  async resume(): Promise<void> {
    for (const stream of [...this.#replica.streams]) {
      if (stream.origin === this.#self.peerId) continue;
      await this.#resume(stream);
      this.#handOver.caughtUp(stream);
    }
  }

  async #resume(stream: Stream): Promise<void> {
    const { upTo } = this.#handOver.taken(stream);
    if (stream.log.lastSeq(stream.key) <= upTo) return;
    for await (const { seq, expiresAtMs, bytes } of stream.log.entries(stream.key, upTo)) {
      const entry = decodeEntry(bytes);
      const isHere = expiresAtMs > this.#deps.clock.nowMs() && isAmong(this.#reader, entry.audience);
      if (isHere) this.#handOver.addOld({ stream, seq, entry, expiresAtMs });
      else this.#handOver.passOld(stream, seq);
    }
  }

  /** Throws `MessageTooLargeError`, `StorageFullError`. */
  write(message: ReceivedMessage, audience: Audience): Delivery {
    const { type } = message;
    return this.#writer.write({
      type,
      audience,
      lifetimeMs: timeToLiveMs(type, this.#deps.timesToLiveMs),
      body: encodeMessage(message),
      isPassing: passing.has(type),
      isShareable: this.#deps.trust.entitlements.isForAll(type, this.#self.role, house),
    });
  }

  /** This device's messages that nobody whom they are for has taken yet. */
  pending(): PendingMessage[] {
    return this.#deliveries.pending();
  }

  /** Whether it is known who that device is, from a link or from what others handed on. */
  knows(peerId: string): boolean {
    return this.#origins.get(peerId) !== undefined;
  }

  /** Whether something that names this device is still on its way to it. */
  isAwaitedBy(peerId: string, forMs?: number): boolean {
    return this.#deliveries.isAwaitedBy(peerId, forMs);
  }

  /** What becomes of one of them that an earlier run, or another tab, has written; see `Delivery.delivered`. */
  follow(id: string): Promise<void> {
    return this.#deliveries.follow(id);
  }

  /** What a link to that device begins with. */
  hello(to: Pick<Party, 'peerId' | 'role'>): Hello {
    return helloTo(to, this.#self, this.#replica, this.#deps.clock.nowMs());
  }

  /** A link stands. */
  linked(peer: LinkedPeer, hello: Hello): void {
    const { role, table } = peer.reader();
    this.#origins.learn({ peerId: peer.peerId, role, table, ...peer.shown }).catch((error) => this.#notKept(error));
    const link = this.#createLink(peer);
    this.#links.set(peer.peerId, link);
    this.#sources.opened(link, this.#replica.streams);
    link.open(hello);
  }

  heard(peerId: string, message: ReplicationMessage): void {
    this.#links.get(peerId)?.hear(message);
  }

  /** The link is about to close: the last cursors go first, and what is still being kept waits for nothing more. */
  closing(peerId: string): void {
    this.#links.get(peerId)?.flush();
    void this.settled();
  }

  /** Resolves when all that has come by now is kept. */
  settled(): Promise<void> {
    return this.#intake.settled();
  }

  unlinked(peerId: string): void {
    const link = this.#links.get(peerId);
    if (!link) return;
    this.#links.delete(peerId);
    link.close();
    this.#sources.closed(link);
    this.#sources.writerLeft(this.#replica.streams, peerId);
  }

  /** Whoever is linked is told of all that has come; then the store is another's. */
  async close(): Promise<void> {
    this.#receipts.flush();
    this.#cancelTidying();
    this.#sources.stop();
    this.#handOver.stop();
    this.#sealer.stop();
    this.#deliveries.abandonPassing();
    await this.#intake.settled();
    const noted = this.#noteMarks().catch((error) => this.#notKept(error));
    await Promise.all([noted, this.#replica.close()]);
  }

  /** In development mode the server says it, when the journals are open already. */
  get #self(): Party {
    const { peerId, role, table } = this.#deps.trust;
    return { peerId, role, table };
  }

  get #reader(): Reader {
    return { ...this.#self, capabilities: this.#deps.capabilities };
  }

  #createDeliveries(): Deliveries {
    const { clock, openDeliveries } = this.#deps;
    return new Deliveries({
      clock,
      open: openDeliveries,
      changed: () => this.#events.pendingChanged(),
      isFor: (reader, { stream, seq, entry }) => {
        const isClaimable = entry.audience.to === 'first';
        if (isClaimable && !this.#claims.isOf(reader.peerId, stream, seq)) return false;
        return this.#isFor(reader, entry, this.#self.peerId);
      },
    });
  }

  #createHandOver(): HandOver {
    return new HandOver({
      ...this.#deps,
      deliver: (handed) => this.#deliver(handed),
      failed: (error) => this.#events.notTaken(error),
      moved: (stream) => {
        this.#intake.moved(stream);
        this.#noteSoon();
      },
    });
  }

  #createIntake(): Intake {
    const { clock, trust } = this.#deps;
    return new Intake({
      clock,
      times: this.#times,
      replica: this.#replica,
      origins: this.#origins,
      handOver: this.#handOver,
      self: () => this.#reader,
      mayWrite: (type, { role }) =>
        type === RECEIPT || trust.entitlements.mayWrite(type, role) || !trust.entitlements.knows(type),
      verifySeal: (publicKey, signature, transcript) => trust.verifySeal(publicKey, signature, transcript),
      relayed: (stream, seq) => this.#receipts.add(stream, seq),
      advanced: (stream, from) => {
        for (const link of this.#links.values()) if (link !== from) link.advanced(stream);
      },
      sealed: (stream, round) => this.#tellSealed(stream, round),
      broken: (link, error) => this.#broken(link, error),
      failed: (error) => this.#events.failed(error),
      notKept: (error) => this.#notKept(error),
    });
  }

  #createSealer(): Sealer {
    const { clock, trust, log } = this.#deps;
    return new Sealer({
      clock,
      log,
      sign: ({ journal, series }, entries) =>
        trust.seal({ journal: journalBytes(journal), series, entries: [...entries] }),
      keep: async (stream, round, expiresAtMs) => {
        const kept = this.#replica.addSeal(stream, round, expiresAtMs);
        // Whether it is kept or not, what it says is so.
        this.#tellSealed(stream, round);
        await kept;
      },
    });
  }

  #createForgetting(): Forgetting {
    return new Forgetting({
      clock: this.#deps.clock,
      replica: this.#replica,
      origins: this.#origins,
      handOver: this.#handOver,
      intake: this.#intake,
      sources: this.#sources,
      links: this.#links,
      isWritten: (stream) => this.#writer.writes(stream),
      failed: (error) => this.#notKept(error),
    });
  }

  #createLink(peer: LinkedPeer): LinkReplication {
    const link: LinkReplication = new LinkReplication(
      {
        clock: this.#deps.clock,
        ownId: this.#self.peerId,
        isReplica: isHouse(this.#self),
        replica: this.#replica,
        origins: this.#origins,
        claims: this.#claims,
        passedOver: this.#passedOver,
        passingBegun: (id) => this.#forgetting.passingBegun(id),
        reader: () => peer.reader(),
        send: (lane, message, stream) => peer.send(lane, message, stream),
        isFor: (reader, entry, origin) => this.#isFor(reader, entry, origin),
      },
      {
        entry: (stream, entry, after) => this.#intake.entry(link, stream, entry, after),
        sealedEntries: (stream, round) => this.#intake.sealedEntries(link, stream, round),
        seal: (stream, round) => this.#intake.seal(link, stream, round),
        disbelieved: (error) => this.#broken(link, error),
        cursor: (stream, seq) => this.#heardCursor(link, stream, seq),
        wanted: (stream) => this.#sources.wanted(stream, link),
        refused: (stream, seq, entry) => this.#refused(stream, seq, entry, link.reader),
        failed: (error) => this.#notKept(error),
      },
    );
    this.#peers.set(link, peer);
    return link;
  }

  #broken(link: LinkReplication, error: Error): void {
    this.#peers.get(link)?.drop(`it broke the protocol: ${error.message}`);
  }

  #heardCursor(link: LinkReplication, stream: Stream, seq: number): void {
    if (stream.origin === this.#self.peerId) this.#deliveries.taken(link.reader, stream, seq);
    else if (isHouse(this.#self)) this.#sources.heard(stream, link);
  }

  /** Others that are named may still have it. */
  #refused(stream: Stream, seq: number, { type, audience }: Entry, { role }: Reader): void {
    if (audience.to !== 'devices' || audience.names.length > 1) return;
    const problem = `This "${type}" message may not go from a device of role "${this.#self.role}" to one of role "${role}".`;
    this.#deliveries.fail(stream, seq, new NotEntitledError(problem));
  }

  #tellSealed(stream: Stream, round: SealRound): void {
    for (const link of this.#links.values()) link.sealed(stream, round);
  }

  #deliver({ stream, seq, entry }: HandedEntry): void | Promise<void> {
    const origin = this.#origins.get(stream.origin);
    if (!origin) return;
    if (entry.type === RECEIPT) this.#takeReceipt(origin, entry);
    else if (this.#deps.trust.entitlements.knows(entry.type)) {
      return this.#events.deliver(origin, entry, entryIdOf(stream, seq));
    }
  }

  #writeReceipt(stream: Stream, body: Uint8Array<ArrayBuffer>): void {
    const audience: Audience = { to: 'devices', names: [stream.origin] };
    const lifetimeMs = timeToLiveMs(RECEIPT, {});
    try {
      this.#writer.write({ type: RECEIPT, audience, lifetimeMs, body, isPassing: false, isShareable: true });
    } catch (error) {
      this.#notKept(error);
    }
  }

  #takeReceipt(from: Party, { body }: Entry): void {
    try {
      const { key, covers } = readReceipt(body, this.#self.peerId);
      this.#deliveries.received(key, covers);
    } catch (error) {
      if (!(error instanceof InnmeshError)) throw error;
      this.#events.failed(new PeerMessageError(from.peerId, error));
    }
  }

  /** Whether this writer's entry is for this reader, who may read it. */
  #isFor(reader: Reader, entry: Entry, originId: string): boolean {
    if (!isAmong(reader, entry.audience)) return false;
    if (entry.type === RECEIPT) return true;
    const writer = originId === this.#self.peerId ? this.#self : this.#origins.get(originId);
    return writer !== undefined && this.#deps.trust.entitlements.allows(partsOf(entry), writer, reader);
  }

  #eyesOf({ type, audience, lifetimeMs, body }: Entry): string {
    const names = audience.to === 'all' ? [] : audience.names;
    const placedBy = type === 'order' ? (decodeMessage(body) as OrderMessage).order.placedBy : '';
    return [type, lifetimeMs, placedBy, audience.to, ...names].join(' ');
  }

  #notKept(error: unknown): void {
    this.#events.notKept(error as Error);
  }

  /** To be called about each second: what is pending is noted, what is past its time given up, and room asked for again. */
  lookAround(): void {
    this.#deliveries.expire();
    this.#replica.makeRoom(this.#isDone).catch((error) => this.#notKept(error));
    this.#intake.resume();
    this.#noteMarks().catch((error) => this.#notKept(error));
  }

  /** In one go with whatever else this turn brings. */
  #noteSoon(): void {
    if (this.#isNoting) return;
    this.#isNoting = true;
    queueMicrotask(() => {
      this.#isNoting = false;
      this.#intake.noteMoved().catch((error) => this.#notKept(error));
    });
  }

  async #noteMarks(): Promise<void> {
    await Promise.all([this.#intake.noteMoved(), this.#deliveries.note(this.#replica)]);
  }

  /** Of this device's own it has been delivered, of others' handed over here. */
  readonly #isDone = (key: string, lastSeq: number): boolean => {
    const id = streamOf(key);
    if (!id) return false;
    if (id.origin === this.#self.peerId) return this.#deliveries.firstPending(key) > lastSeq;
    return this.#handOver.taken(this.#replica.stream(id)).upTo >= lastSeq;
  };

  #tidy(): void {
    const tidied = this.#replica.tidy().then(() => this.#forgetting.run());
    tidied.catch((error) => this.#notKept(error));
  }
}

const isHouse = ({ role }: Party) => house.includes(role);

/** Of no use to anybody who comes later. */
const passing: ReadonlySet<string> = new Set(['ping', 'pong', 'sync-request', 'sync-response']);

/** As much of it as the entitlement table asks for, when it asks: for most pairs of roles it does not. */
function partsOf({ type, body }: Entry): ReceivedMessage {
  return {
    type,
    get order() {
      return (decodeMessage(body) as OrderMessage).order;
    },
  } as ReceivedMessage;
}
