import { encodeLinkMessage, type LinkMessage } from '@innmesh/protocol';
import type { JournalDevice } from './journal-device.ts';
import type { JournalWorld } from './journal-world.ts';

/** What crosses the links, in bytes of messages; frames, DTLS and IP come on top. */
export class Traffic {
  readonly byType = new Map<LinkMessage['type'], number>();
  readonly received = new Map<JournalDevice, number>();

  count(to: JournalDevice, message: LinkMessage): void {
    const sizeBytes = encodeLinkMessage(message).length;
    add(this.byType, message.type, sizeBytes);
    add(this.received, to, sizeBytes);
  }
}

function add<Key>(sums: Map<Key, number>, key: Key, bytes: number): void {
  sums.set(key, (sums.get(key) ?? 0) + bytes);
}

/** Of devices, or of what each has. */
export interface Spread {
  mean: number;
  most: number;
}

/** What the property's links have cost, each number for one order that was stored. */
export interface Costs {
  bytes: number;
  /** Each entry once to each device that it is for, and nothing else: no design crosses with less. */
  leastBytes: number;
  byType: [type: string, bytes: number][];
  /** Received by a device of the house. */
  bytesEach: Spread;
}

export interface Links {
  /** Of a device of the house: all, and those into the house. */
  each: Spread;
  intoHouse: Spread;
}

export function costsOf({ traffic, devices, house }: JournalWorld): Costs {
  const leasts = devices.flatMap((device) => leastsOf(device, house.length));
  const perOrder = (bytes: number) => bytes / Math.max(1, leasts.length);
  const byType = [...(traffic?.byType ?? [])].sort((one, other) => other[1] - one[1]);
  return {
    bytes: perOrder(sum(byType.map(([, bytes]) => bytes))),
    leastBytes: perOrder(sum(leasts)),
    byType: byType.map(([type, bytes]) => [type, perOrder(bytes)]),
    bytesEach: spreadOf(house.map((device) => perOrder(traffic?.received.get(device) ?? 0))),
  };
}

/** A guest writes for the whole house; of the house, one writes for the rest of it, and for the guest who has ordered. */
function leastsOf({ role, written }: JournalDevice, house: number): number[] {
  return written
    .filter(({ isStored }) => isStored)
    .map(({ sizeBytes, placedBy }) => sizeBytes * (role === 'guest' || placedBy !== undefined ? house : house - 1));
}

/** Those that stand. */
export function linksOf({ links, house }: JournalWorld): Links {
  const linksOf = (device: JournalDevice) => [...links].filter(({ ends }) => ends.includes(device));
  const each = house.map(linksOf);
  const intoHouse = each.map((own) => own.filter(({ ends }) => ends.every(({ role }) => role !== 'guest')));
  return {
    each: spreadOf(each.map(({ length }) => length)),
    intoHouse: spreadOf(intoHouse.map(({ length }) => length)),
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

function spreadOf(numbers: readonly number[]): Spread {
  return { mean: sum(numbers) / Math.max(1, numbers.length), most: Math.max(0, ...numbers) };
}
