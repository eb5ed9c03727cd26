import { type Random, seededRandom } from '@innmesh/kit';
import { type Entry, encodeLinkMessage, type ReplicationMessage } from '@innmesh/protocol';
import { VirtualTime } from '../virtual-time.ts';
import { FakeLink } from './fake-link.ts';
import { JournalDevice } from './journal-device.ts';

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
  /** Pairs that are to be linked while both are up and in one part of the network. */
  readonly pairs: (readonly [JournalDevice, JournalDevice])[] = [];
  bytesSent = 0;
  readonly #random: Random;
  /** Which part of the network a device is in. */
  readonly #parts = new Map<JournalDevice, number>();
  /** One crash in so many steps of a commit. */
  crashOneIn = 0;
  isMeasuring = false;

  constructor({ seed, house, guests }: JournalWorldOptions) {
    this.#random = seededRandom(seed);
    for (let index = 0; index < house; index++) this.#add(index % 5 === 0 ? 'kitchen-display' : 'staff');
    for (let index = 0; index < guests; index++) this.#add('guest');
    this.#choosePairs(house);
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

  get house(): JournalDevice[] {
    return this.devices.filter(({ role }) => role !== 'guest');
  }

  get guests(): JournalDevice[] {
    return this.devices.filter(({ role }) => role === 'guest');
  }

  async open(): Promise<void> {
    for (const device of this.devices) device.start();
    this.#lookAround();
    await this.time.pass(2_000);
  }

  /** A device has come up, or its application begins another life. */
  started(device: JournalDevice): void {
    for (const pair of this.pairs) if (pair.includes(device)) this.#linkSoon(pair);
  }

  ended(device: JournalDevice): void {
    for (const link of [...this.links]) if (link.ends.includes(device)) link.cut();
  }

  linkEnded(link: FakeLink): void {
    this.links.delete(link);
    const pair = this.pairs.find((each) => each.every((device) => link.ends.includes(device)));
    if (pair) this.#linkSoon(pair);
  }

  /** Devices of different parts do not reach each other. */
  part(device: JournalDevice, part: number): void {
    this.#parts.set(device, part);
    for (const link of [...this.links]) if (!this.#isReachable(link.ends)) link.cut();
  }

  heal(): void {
    this.#parts.clear();
    this.crashOneIn = 0;
    for (const device of this.devices) {
      device.isFull = false;
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

  count(message: ReplicationMessage): void {
    if (this.isMeasuring) this.bytesSent += encodeLinkMessage(message).length;
  }

  #add(role: JournalDevice['role']): void {
    const random = seededRandom(this.integer(2 ** 32));
    this.devices.push(new JournalDevice(this, role, random, (this.unit() * 2 - 1) * MAX_SKEW_MS));
  }

  /** A ring with chords among the house; each guest has two of the house. */
  #choosePairs(count: number): void {
    const { house } = this;
    const known = new Set<string>();
    for (let index = 0; index < count; index++) {
      for (const distance of [1, 2, Math.ceil(count / 4), Math.ceil(count / 2)]) {
        this.#pair(house[index], house[(index + distance) % count], known);
      }
    }
    for (const guest of this.guests) {
      const first = this.integer(count);
      this.#pair(guest, house[first], known);
      this.#pair(guest, house[(first + 1 + this.integer(count - 1)) % count], known);
    }
  }

  #pair(one: JournalDevice | undefined, other: JournalDevice | undefined, known: Set<string>): void {
    if (!one || !other || one === other) return;
    const key = [one.peerId, other.peerId].sort().join(' ');
    if (known.has(key)) return;
    known.add(key);
    this.pairs.push([one, other]);
  }

  #linkSoon(pair: readonly [JournalDevice, JournalDevice]): void {
    this.time.setTimer(() => this.#link(pair), 50 + this.integer(RELINK_MS));
  }

  #link(pair: readonly [JournalDevice, JournalDevice]): void {
    if (!this.#isReachable(pair) || pair.some(({ isUp }) => !isUp)) return;
    for (const link of this.links) if (pair.every((device) => link.ends.includes(device))) return;
    this.links.add(new FakeLink(this, ...pair));
  }

  #isReachable([one, other]: readonly [JournalDevice, JournalDevice]): boolean {
    return (this.#parts.get(one) ?? 0) === (this.#parts.get(other) ?? 0);
  }

  #lookAround(): void {
    this.time.setTimer(() => this.#lookAround(), LOOK_AROUND_MS);
    for (const device of this.devices) device.lookAround();
  }
}
