import type { ReceivedMessage } from '@innmesh/protocol';
import type { JournalDevice } from './journal-device.ts';
import type { JournalWorld } from './journal-world.ts';

export interface DayOptions {
  orders: number;
  /** Within so many milliseconds. */
  durationMs: number;
  /** How often something goes wrong. */
  troubles: number;
  /** One crash in so many steps of a commit; 0: none. */
  crashOneIn?: number;
  /** Whether a full disk takes marks; default: it does. */
  marksFindRoom?: boolean;
}

type Trouble = (world: JournalWorld, device: JournalDevice) => void;

const troubles: Trouble[] = [
  (world) => world.pick([...world.links])?.cut(),
  (world, device) => {
    for (const link of [...world.links]) if (link.ends.includes(device)) link.cut();
  },
  (world, device) => {
    device.crash();
    world.time.setTimer(() => device.start(), world.integer(20_000));
  },
  (world, device) => {
    device.room = world.roomOnFullDisk;
    world.time.setTimer(() => {
      device.room = 'plenty';
    }, world.integer(10_000));
  },
  (world, device) => {
    device.handlerFailsOneIn = 3;
    world.time.setTimer(() => {
      device.handlerFailsOneIn = 0;
    }, world.integer(15_000));
  },
  /** A third of the property is cut off from the rest. */
  (world) => {
    const apart = world.devices.filter(() => world.integer(3) === 0);
    for (const device of apart) world.part(device, 1);
    world.time.setTimer(() => {
      for (const device of apart) world.part(device, 0);
    }, world.integer(20_000));
  },
];

/** Guests order and staff answers, while links, disks and devices fail; in the end all is well, for a while. */
export async function liveThroughADay(world: JournalWorld, options: DayOptions): Promise<void> {
  await world.open();
  const { orders, durationMs } = options;
  for (let number = 0; number < orders; number++) {
    world.time.setTimer(() => order(world, number), world.integer(durationMs));
  }
  for (let left = options.troubles; left > 0; left--) {
    world.time.setTimer(() => {
      const device = world.pick(world.devices);
      if (device) world.pick(troubles)?.(world, device);
    }, world.integer(durationMs));
  }
  await world.time.pass(durationMs + 20_000);
  world.heal();
  await world.time.pass(90_000);
}

/** Of three, a guest places two, and staff has a word for a guest in the third. Without guests, staff places all. */
function order(world: JournalWorld, number: number): void {
  const isOfHouse = number % 3 === 2 || world.guests.length === 0;
  const writer = world.pick((isOfHouse ? world.house : world.guests).filter(({ isUp }) => isUp));
  const placedBy = isOfHouse ? world.pick(world.guests)?.peerId : writer?.peerId;
  if (!writer) return;
  try {
    writer.write(orderOf(number, placedBy), { to: 'all' }, placedBy);
  } catch (error) {
    if ((error as { code?: string }).code !== 'STORAGE_FULL') throw error;
  }
}

function orderOf(number: number, placedBy: string | undefined): ReceivedMessage {
  const total = { amount: 1200, currency: 'EUR' };
  const items = [
    { itemId: 'soup', name: 'Soup of the day, with bread', quantity: 1 + (number % 3), notes: 'No onions' },
  ];
  const order = { orderId: `order-${number}`, tableId: 7, items, total, currency: 'EUR', status: 'pending', placedBy };
  return { type: 'order', order } as unknown as ReceivedMessage;
}
