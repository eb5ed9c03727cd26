import { createHash } from 'node:crypto';
import type { Clock, Random } from '@innmesh/kit';
import {
  type Audience,
  Entitlements,
  type Entry,
  encodeEntry,
  encodeMessage,
  encodeSealTranscript,
  isShared,
  type Reader,
  type ReceivedMessage,
  type Role,
  toBase64url,
} from '@innmesh/protocol';
import { Journals, type JournalsDeps } from '../../../lib/webrtc/client/journal/journals.ts';
import { decodeSegment } from '../../../lib/webrtc/client/journal/segment-codec.ts';
import { StorageFullError } from '../../../lib/webrtc/client/journal/store/errors.ts';
import { MemoryDisk } from '../../../lib/webrtc/client/journal/store/memory-store.ts';
import { entryIdOf, streamOf } from '../../../lib/webrtc/client/journal/stream.ts';
import { timeToLiveMs } from '../../../lib/webrtc/client/journal/time-to-live.ts';
import { MortalClock } from '../virtual-time.ts';
import { FaultyStore, type RefusedMark, type Room } from './faulty-store.ts';
import type { JournalWorld } from './journal-world.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** An entry as the application was handed it. */
export interface HandedOver {
  id: string;
  atMs: number;
  /** How often the device had crashed by then. */
  life: number;
}

/** The end of one of a device's lives. */
export interface Crash {
  life: number;
  atMs: number;
  /** By name, marks as they are on the disk. */
  kept: ReadonlyMap<string, string>;
  /** And what of them there was no room for. */
  refused: ReadonlyMap<string, RefusedMark>;
}

/** What an application wrote. */
export interface Written {
  id: string;
  isStored: boolean;
  /** As an entry. */
  sizeBytes: number;
  /** The guest whom an answer is for. */
  placedBy: string | undefined;
}

const entitlements = new Entitlements();
const RESTART_MS = 1_000;
/** So that a credential is about as long as a real one. */
const FILLING = '-'.repeat(480);

/** A device without its links' handshakes: its journals on a faulty disk, and an application that notes all it is handed. */
export class JournalDevice {
  readonly role: Role;
  readonly peerId: string;
  readonly written: Written[] = [];
  /** By writer, in order; noted where a crash does not reach. */
  readonly handed = new Map<string, HandedOver[]>();
  readonly errors: Error[] = [];
  /** How each life of it ended. */
  readonly crashes: Crash[] = [];
  journals: Journals | null = null;
  room: Room = 'plenty';
  /** Of one in so many, a handler throws. */
  handlerFailsOneIn = 0;
  lives = 0;
  readonly #world: JournalWorld;
  readonly #publicKey: Bytes;
  readonly #disk = new MemoryDisk();
  readonly #random: Random;
  readonly #skewMs: number;
  #clock: MortalClock;
  #store: FaultyStore | null = null;
  #isStarted = false;

  constructor(world: JournalWorld, role: Role, random: Random, skewMs: number) {
    this.#world = world;
    this.role = role;
    this.#random = random;
    this.#skewMs = skewMs;
    this.#publicKey = Uint8Array.from(random.bytes(65));
    this.peerId = toBase64url(hash(this.#publicKey));
    this.#clock = new MortalClock(world.time);
  }

  get isUp(): boolean {
    return this.journals !== null;
  }

  get reader(): Reader {
    return { peerId: this.peerId, role: this.role, table: this.role === 'guest' ? '*' : undefined, capabilities: [] };
  }

  get shown(): { publicKey: Bytes; credential: string } {
    return { publicKey: this.#publicKey, credential: `${this.role} ${this.peerId} ${FILLING}` };
  }

  async start(): Promise<void> {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.lives += 1;
    const life = this.lives;
    this.#clock = new MortalClock(this.#world.time);
    const clock = skewed(this.#clock, this.#skewMs);
    this.#store = new FaultyStore({
      clock: this.#clock,
      disk: this.#disk,
      commitMs: () => this.#random.unit() * 4,
      room: () => this.room,
      step: () => this.#world.step(this),
    });
    const journals = await this.#open(clock, life, this.#store);
    if (this.lives !== life || !journals) return;
    this.journals = journals;
    this.#world.started(this);
    await journals.resume();
  }

  /** `null` where there is no room for so much as its numbers: the device is not there until there is. */
  async #open(clock: Clock, life: number, store: FaultyStore): Promise<Journals | null> {
    try {
      return await Journals.open(this.#deps(clock), this.#events(life), store);
    } catch (error) {
      if (!(error instanceof StorageFullError)) throw error;
      this.#isStarted = false;
      this.#world.time.setTimer(() => this.start(), RESTART_MS);
      return null;
    }
  }

  /** Ends without a word to anybody. */
  crash(): void {
    if (!this.journals) return;
    this.#isStarted = false;
    const [kept, refused] = [new Map(this.#disk.marks), new Map(this.#store?.refused)];
    this.crashes.push({ life: this.lives, atMs: this.#world.time.nowMs(), kept, refused });
    this.lives += 1;
    this.journals = null;
    this.#store?.crash();
    this.#clock.die();
    this.#world.ended(this);
  }

  write(message: ReceivedMessage, audience: Audience, placedBy?: string): void {
    const delivery = this.journals?.write(message, audience);
    if (!delivery) return;
    const written: Written = { id: delivery.id, isStored: false, sizeBytes: this.#sizeOf(message, audience), placedBy };
    this.written.push(written);
    delivery.stored.then(
      () => {
        written.isStored = true;
      },
      () => {},
    );
  }

  #sizeOf(message: ReceivedMessage, audience: Audience): number {
    const { type } = message;
    const writtenAt = this.#world.time.nowMs() * 1_024;
    const lifetimeMs = timeToLiveMs(type, {});
    return encodeEntry({ writtenAt, lifetimeMs, type, audience, body: encodeMessage(message) }).length;
  }

  /** Ids of what is on its disk that this device wrote, of its shared entries. */
  keeps(writer: JournalDevice): Set<string> {
    const kept = [...this.#disk.segments.values()].flatMap(({ journal: name, firstSeq, bytes }) => {
      const id = streamOf(name);
      if (id?.origin !== writer.peerId || !isShared(id.series)) return [];
      return decodeSegment(firstSeq, bytes).map(({ seq }) => entryIdOf(id, seq));
    });
    return new Set(kept);
  }

  lookAround(): void {
    this.journals?.lookAround();
  }

  #deps(clock: Clock): JournalsDeps {
    const { peerId, role } = this;
    return {
      clock,
      random: this.#random,
      trust: {
        peerId,
        role,
        table: this.reader.table,
        entitlements,
        seal: async (transcript) =>
          fakeSignature(this.#publicKey, encodeSealTranscript({ tenantId: 't', ...transcript })),
        verifySeal: async (publicKey, signature, transcript) => {
          const expected = fakeSignature(publicKey, encodeSealTranscript({ tenantId: 't', ...transcript }));
          return Buffer.compare(expected, signature) === 0;
        },
        verifyOrigin: async (introduction) => {
          const [as = 'guest'] = introduction.credential.split(' ');
          return { ...introduction, role: as as Role, table: as === 'guest' ? '*' : undefined };
        },
      },
      capabilities: [],
      timesToLiveMs: {},
      maxBytes: Number.POSITIVE_INFINITY,
      openDeliveries: new Map(),
      log: () => {},
    };
  }

  #events(life: number) {
    return {
      deliver: (writer: { peerId: string }, entry: Entry, id: string) => this.#take(writer.peerId, entry, id, life),
      notTaken: () => {},
      pendingChanged: () => {},
      notKept: () => {},
      failed: (error: Error) => this.errors.push(error),
    };
  }

  #take(from: string, entry: Entry, id: string, life: number): void {
    if (life !== this.lives) throw new Error('This application is gone.');
    const { handlerFailsOneIn } = this;
    if (handlerFailsOneIn > 0 && this.#random.unit() * handlerFailsOneIn < 1) throw new Error('The handler failed.');
    const handed = this.handed.get(from) ?? [];
    this.handed.set(from, handed);
    handed.push({ id, atMs: this.#world.time.nowMs(), life });
    this.#world.handedOver(this, from, entry);
  }
}

/** Binds to key and bytes as a signature does, at no cost. */
function fakeSignature(publicKey: Bytes, bytes: Bytes): Bytes {
  const digest = createHash('sha1').update(publicKey).update(bytes).digest();
  return Uint8Array.from({ length: 64 }, (_, index) => digest[index % digest.length] ?? 0);
}

const hash = (bytes: Bytes) => createHash('sha256').update(bytes).digest();

function skewed(clock: Clock, byMs: number): Clock {
  return {
    nowMs: () => clock.nowMs() + byMs,
    monotonicMs: () => clock.monotonicMs(),
    setTimer: (callback, delayMs) => clock.setTimer(callback, delayMs),
  };
}
