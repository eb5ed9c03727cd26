import { type Random, seededRandom } from '@innmesh/kit';
import type { Entry } from '@innmesh/protocol';
import { VirtualTime } from '../virtual-time.ts';
import { FakeLink } from './fake-link.ts';
import type { Room } from './faulty-store.ts';
import { JournalDevice } from './journal-device.ts';
import { type Pair, pairsOf } from './pairs.ts';
import type { Traffic } from './traffic.ts';

export interface JournalWorldOptions {
  seed: number;
  house: number;
  guests: number;
}

/** How long it takes until a pair that should be linked is, again. */
const RELINK_MS = 400;
const LOOK_AROUND_MS = 1_000;
const MAX_SKEW_MS = 5 * 60_000;

/** A property's journals on virtual time: devices whose links, disks and lives fail. One seed decides it all. */
export class JournalWorld {
  readonly time = new VirtualTime(1_700_000_000_000);
  readonly devices: JournalDevice[] = [];
  readonly violations: string[] = [];
  readonly links = new Set<FakeLink>();
  readonly pairs: readonly Pair[];
  readonly house: readonly JournalDevice[];
  readonly guests: readonly JournalDevice[];
  /** What crosses, where that is counted. */
  traffic: Traffic | null = null;
  readonly #random: Random;
  readonly #pairsOf: ReadonlyMap<JournalDevice, Pair[]>;
  /** Which part of the network a device is in. */
  readonly #parts = new Map<JournalDevice, number>();
  /** What a full disk has room for. */
  roomOnFullDisk: Room = 'for marks';
  /** One crash in so many steps of a commit. */
  crashOneIn = 0;

  constructor({ seed, house, guests }: JournalWorldOptions) {
    this.#random = seededRandom(seed);
    for (let index = 0; index < house; index++) this.#add(index % 5 === 0 ? 'kitchen-display' : 'staff');
    for (let index = 0; index < guests; index++) this.#add('guest');
    this.house = this.devices.filter(({ role }) => role !== 'guest');
    this.guests = this.devices.filter(({ role }) => role === 'guest');
    this.pairs = pairsOf(this.devices, (end) => this.integer(end));
    this.#pairsOf = new Map(
      this.devices.map((device) => [device, this.pairs.filter(({ ends }) => ends.includes(device))]),
    );
  }

  unit(): number {
    return this.#random.unit();
  }

  /** From 0 to below `end`. */
  integer(end: number): number {
    return Math.floor(this.unit() * end);
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[this.integer(items.length)];
  }

  async open(): Promise<void> {
    for (const device of this.devices) device.start();
    this.#lookAround();
    await this.time.pass(2_000);
  }

  /** A device has come up, or its application begins another life. */
  started(device: JournalDevice): void {
    for (const pair of this.#pairsOf.get(device) ?? []) this.#linkSoon(pair);
  }

  ended(device: JournalDevice): void {
    for (const link of [...this.links]) if (link.ends.includes(device)) link.cut();
  }

  linkEnded(link: FakeLink): void {
    this.links.delete(link);
    const pair = this.#pairsOf.get(link.ends[0])?.find((each) => each.link === link);
    if (!pair) return;
    pair.link = null;
    this.#linkSoon(pair);
  }

  /** Devices of different parts do not reach each other. */
  part(device: JournalDevice, part: number): void {
    this.#parts.set(device, part);
    for (const link of [...this.links]) if (!this.#isReachable(link.ends)) link.cut();
    for (const pair of this.#pairsOf.get(device) ?? []) this.#linkSoon(pair);
  }

  heal(): void {
    this.#parts.clear();
    this.crashOneIn = 0;
    for (const device of this.devices) {
      device.room = 'plenty';
      device.handlerFailsOneIn = 0;
      if (!device.isUp) device.start();
    }
    for (const pair of this.pairs) this.#linkSoon(pair);
  }

  /** A commit is about to be on the disk, or is. */
  step(device: JournalDevice): void {
    if (this.crashOneIn === 0 || this.integer(this.crashOneIn) > 0 || !device.isUp) return;
    device.crash();
    this.time.setTimer(() => device.start(), 200 + this.integer(5_000));
  }

  handedOver(_device: JournalDevice, _from: string, _entry: Entry): void {}

  #add(role: JournalDevice['role']): void {
    const random = seededRandom(this.integer(2 ** 32));
    this.devices.push(new JournalDevice(this, role, random, (this.unit() * 2 - 1) * MAX_SKEW_MS));
  }

  #linkSoon(pair: Pair): void {
    this.time.setTimer(() => this.#link(pair), 50 + this.integer(RELINK_MS));
  }

  #link(pair: Pair): void {
    if (pair.link || !this.#isReachable(pair.ends) || pair.ends.some(({ isUp }) => !isUp)) return;
    pair.link = new FakeLink(this, ...pair.ends);
    this.links.add(pair.link);
  }

  #isReachable([one, other]: readonly [JournalDevice, JournalDevice]): boolean {
    return (this.#parts.get(one) ?? 0) === (this.#parts.get(other) ?? 0);
  }

  #lookAround(): void {
    this.time.setTimer(() => this.#lookAround(), LOOK_AROUND_MS);
    for (const device of this.devices) device.lookAround();
  }
}
