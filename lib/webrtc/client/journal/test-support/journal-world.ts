import { type Clock, ManualClock, type Random, seededRandom } from '@innmesh/kit';
import {
  type Audience,
  CredentialError,
  decodeLinkMessage,
  decodeMessage,
  Entitlements,
  encodeLinkMessage,
  encodeSealTranscript,
  type Party,
  type Reader,
  type ReceivedMessage,
  type ReplicationMessage,
  type Role,
  roles,
  type SealTranscript,
} from '@innmesh/protocol';
import type { Lane } from '../../link/transport.ts';
import type { Delivery } from '../../public-types.ts';
import type { Trust } from '../../trust/trust.ts';
import type { OpenDeliveries } from '../delivery.ts';
import { Journals } from '../journals.ts';
import type { Introduction, Origin } from '../origins.ts';
import type { JournalStore } from '../store/journal-store.ts';
import { MemoryDisk, MemoryStore } from '../store/memory-store.ts';
import { idOf } from './streams.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** More than any chain of promises here is long. */
const SETTLING_TURNS = 50;

/** Not worth forging: whoever knows the key can make it. */
function signatureOf(publicKey: Bytes, transcript: Omit<SealTranscript, 'tenantId'>): Bytes {
  const signature = new Uint8Array(64);
  const signed = [...publicKey, ...encodeSealTranscript({ tenantId: 'hotel', ...transcript })];
  for (const [at, byte] of signed.entries())
    signature[at % 64] = ((signature[at % 64] as number) * 31 + byte + at) % 256;
  return signature;
}

/** Something on its way from one device to another. */
export interface Crossing {
  from: JournalDevice;
  to: JournalDevice;
  lane: Lane;
  message: ReplicationMessage;
}

/** Devices with journals, and links between them that carry what the test lets through, in order. */
export class JournalWorld {
  readonly clock = new ManualClock(1_000_000);
  readonly crossed: Crossing[] = [];
  readonly #links: { ends: [JournalDevice, JournalDevice]; queue: Crossing[] }[] = [];
  /** What crosses in its place; `null` for nothing. */
  change: (crossing: Crossing) => ReplicationMessage | null = ({ message }) => message;

  async device(name: string, role: Role = 'staff', options: DeviceOptions = {}): Promise<JournalDevice> {
    const device = new JournalDevice(this, name, role, options);
    await device.start();
    return device;
  }

  /** Stands when both have the other's hello. */
  link(one: JournalDevice, other: JournalDevice): void {
    this.#links.push({ ends: [one, other], queue: [] });
    const [hello, answer] = [one.journals.hello(other), other.journals.hello(one)];
    one.meet(other, answer);
    other.meet(one, hello);
  }

  cut(one: JournalDevice, other: JournalDevice): void {
    const at = this.#links.findIndex(({ ends }) => ends.includes(one) && ends.includes(other));
    if (at < 0) return;
    this.#links.splice(at, 1);
    one.journals.unlinked(other.peerId);
    other.journals.unlinked(one.peerId);
  }

  cutAll(device: JournalDevice): void {
    for (const { ends } of [...this.#links]) if (ends.includes(device)) this.cut(...ends);
  }

  send(from: JournalDevice, to: JournalDevice, lane: Lane, message: ReplicationMessage): void {
    const link = this.#links.find(({ ends }) => ends.includes(from) && ends.includes(to));
    link?.queue.push({ from, to, lane, message: decodeLinkMessage(encodeLinkMessage(message)) as ReplicationMessage });
  }

  /** Time passes; whatever is said meanwhile crosses. */
  async pass(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs <= ms; passedMs += 10) {
      await this.#settle();
      if (passedMs < ms) this.clock.advance(10);
    }
  }

  /** Time passes until it is done. */
  async during<Result>(work: Promise<Result>): Promise<Result> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    done.catch(() => {});
    for (let passedMs = 0; !isDone; passedMs += 10) {
      if (passedMs > 10_000) throw new Error('It is not done within 10 s.');
      await this.pass(10);
    }
    return done;
  }

  async #settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet += 1) {
      for (let turn = 0; turn < SETTLING_TURNS; turn += 1) await Promise.resolve();
      for (const link of [...this.#links]) if (this.#carry(link.queue.splice(0))) quiet = 0;
    }
  }

  #carry(crossings: Crossing[]): boolean {
    for (const crossing of crossings) {
      const message = this.change(crossing);
      if (!message) continue;
      this.crossed.push({ ...crossing, message });
      crossing.to.hear(crossing.from, message);
    }
    return crossings.length > 0;
  }

  /** Messages of this kind that have crossed, from a device or to it. */
  said(type: ReplicationMessage['type'], ends: { from?: JournalDevice; to?: JournalDevice } = {}): Crossing[] {
    return this.crossed.filter(
      ({ from, to, message }) => message.type === type && from === (ends.from ?? from) && to === (ends.to ?? to),
    );
  }
}

export interface DeviceOptions {
  entitlements?: Entitlements;
  capabilities?: string[];
  table?: string;
  maxBytes?: number;
}

export class JournalDevice {
  readonly name: string;
  readonly peerId: string;
  role: Role;
  readonly publicKey: Bytes;
  readonly disk = new MemoryDisk();
  readonly openDeliveries: OpenDeliveries = new Map();
  readonly options: DeviceOptions;
  journals!: Journals;
  /** What the application was handed, by its text, in order. */
  heard: unknown[] = [];
  readonly errors: Error[] = [];
  /** Why this device has dropped links. */
  readonly drops: string[] = [];
  /** Throws where the application is not to take it. */
  whenHanded: (data: unknown) => void | Promise<void> = () => {};
  store: () => JournalStore = () => new MemoryStore(this.disk);
  /** How far its clock is ahead of the others'. */
  skewMs = 0;
  /** Rejects where it cannot tell who a writer is. */
  verifyOrigin: (introduction: Introduction) => Promise<Origin> = async (introduction) => verifiedOrigin(introduction);
  readonly #world: JournalWorld;
  readonly #random: Random;

  constructor(world: JournalWorld, name: string, role: Role, options: DeviceOptions) {
    this.#world = world;
    this.name = name;
    this.peerId = idOf(name);
    this.role = role;
    this.options = options;
    this.#random = seededRandom([...this.peerId].reduce((seed, letter) => seed * 31 + letter.charCodeAt(0), 0));
    this.publicKey = Uint8Array.from({ length: 65 }, (_, at) => name.charCodeAt(at % name.length));
  }

  get credential(): string {
    return `${this.peerId} ${this.role}`;
  }

  get reader(): Reader {
    const { peerId, role } = this;
    return { peerId, role, capabilities: this.options.capabilities ?? [], table: this.options.table };
  }

  /** Its store is read, and what an earlier run has left is handed over. */
  async start(): Promise<void> {
    await this.#world.during(this.open());
    await this.journals.resume();
  }

  async open(): Promise<void> {
    const clock = this.#clock();
    const options = {
      capabilities: this.reader.capabilities,
      timesToLiveMs: {},
      maxBytes: this.options.maxBytes ?? 10_000_000,
    };
    const trust = this.#trust() as unknown as Trust;
    const deps = { clock, random: this.#random, trust, ...options, log: () => {} };
    this.journals = await Journals.open(
      { ...deps, openDeliveries: this.openDeliveries },
      {
        deliver: (origin, { body }) => this.#deliver(origin, decodeMessage(body) as ReceivedMessage),
        notTaken: (error) => this.errors.push(error as Error),
        pendingChanged: () => {},
        notKept: (error) => this.errors.push(error),
        failed: (error) => this.errors.push(error),
      },
      this.store(),
    );
  }

  /** Its process ends in order and begins anew. */
  async restart(): Promise<void> {
    this.#world.cutAll(this);
    await this.journals.close();
    this.heard = [];
    this.openDeliveries.clear();
    await this.start();
  }

  /** Its process ends without a word, and begins anew. */
  async crash(): Promise<void> {
    this.#world.cutAll(this);
    this.heard = [];
    this.openDeliveries.clear();
    await this.start();
  }

  write(data: unknown, audience: Audience = { to: 'all' }, type = 'x-note'): Delivery {
    return this.journals.write({ type, data } as ReceivedMessage, audience);
  }

  meet(other: JournalDevice, hello: ReturnType<Journals['hello']>): void {
    this.journals.linked(
      {
        peerId: other.peerId,
        shown: { publicKey: other.publicKey, credential: other.credential },
        reader: () => other.reader,
        send: (lane, message) => this.#world.send(this, other, lane, message),
        drop: (reason) => this.#drop(other, reason),
      },
      hello,
    );
  }

  /** As a link does: what no device says ends it. */
  hear(from: JournalDevice, message: ReplicationMessage): void {
    try {
      this.journals.heard(from.peerId, message);
    } catch (error) {
      this.#drop(from, (error as Error).message);
    }
  }

  #clock(): Clock {
    const { clock } = this.#world;
    return {
      nowMs: () => clock.nowMs() + this.skewMs,
      monotonicMs: () => clock.monotonicMs(),
      setTimer: (callback, delayMs) => clock.setTimer(callback, delayMs),
    };
  }

  #drop(other: JournalDevice, reason: string): void {
    this.drops.push(reason);
    this.#world.cut(this, other);
  }

  #deliver(_: Party, message: ReceivedMessage): void | Promise<void> {
    const data = 'data' in message ? message.data : message.type;
    const outcome = this.whenHanded(data);
    if (outcome) return outcome.then(() => void this.heard.push(data));
    this.heard.push(data);
  }

  #trust(): Partial<Trust> {
    return {
      peerId: this.peerId,
      role: this.role,
      table: this.options.table as string,
      entitlements: this.options.entitlements ?? new Entitlements(),
      seal: async (transcript) => signatureOf(this.publicKey, transcript),
      verifySeal: async (publicKey, signature, transcript) =>
        signature.join() === signatureOf(publicKey, transcript).join(),
      verifyOrigin: (introduction) => this.verifyOrigin(introduction),
    };
  }
}

/** A credential says whose it is and in which role. */
function verifiedOrigin(introduction: Introduction): Origin {
  const [peerId, role] = introduction.credential.split(' ');
  const isGenuine = peerId === introduction.peerId && (roles as readonly string[]).includes(role ?? '');
  if (!isGenuine) throw new CredentialError('signature', 'the issuer did not sign it');
  return { ...introduction, role: role as Role, table: undefined };
}
