import type { HandedOver, JournalDevice } from './journal-device.ts';
import type { JournalWorld } from './journal-world.ts';

/** A commit waits 24 ms for a quiet moment, or for the one before, and takes 4; until then a crash leaves the hand-over unnoted. */
const COMMIT_MS = 40;

/** What must hold when all is well again; each line is something that does not. */
export function violationsOf(world: JournalWorld): string[] {
  return [
    ...world.violations,
    ...world.devices.flatMap(({ errors, role }) => errors.map((error) => `a ${role} was told: ${error.message}`)),
    ...world.devices.flatMap((reader) => [...reader.handed].flatMap(([, handed]) => wrongOrder(reader, handed))),
    ...world.devices.flatMap((writer) => lost(writer, world)),
    ...world.devices.flatMap((device) => stillPending(device)),
  ];
}

const numberOf = (id: string) => Number(id.slice(id.lastIndexOf('-') + 1));
const seriesOf = (id: string) => id.slice(0, id.lastIndexOf('-'));

/** Each once and in order; again only what a crash kept from being noted. */
function wrongOrder(reader: JournalDevice, handed: HandedOver[]): string[] {
  const known = new Map<string, HandedOver>();
  const last = new Map<string, number>();
  return handed.flatMap((each) => {
    const before = known.get(each.id);
    known.set(each.id, each);
    if (before) return isExcused(reader, before, each) ? [] : [`a ${reader.role} was handed ${each.id} twice`];
    const number = numberOf(each.id);
    const isLate = number < (last.get(seriesOf(each.id)) ?? 0);
    last.set(seriesOf(each.id), number);
    return isLate ? [`a ${reader.role} was handed ${each.id} out of order`] : [];
  });
}

/** It crashed right behind the first time. */
function isExcused(reader: JournalDevice, first: HandedOver, again: HandedOver): boolean {
  const diedAtMs = reader.crashes.find(({ life }) => life === first.life)?.atMs ?? Number.POSITIVE_INFINITY;
  return again.life > first.life && diedAtMs - first.atMs <= COMMIT_MS;
}

/** Everything that was stored reaches everyone whom it is for, and nobody else. */
function lost(writer: JournalDevice, world: JournalWorld): string[] {
  const stored = writer.written.filter(({ isStored }) => isStored);
  return world.devices.flatMap((reader) => {
    if (reader === writer) return [];
    const has = new Set(reader.handed.get(writer.peerId)?.map(({ id }) => id));
    return stored.flatMap(({ id, placedBy }) => {
      const isFor = reader.role !== 'guest' || (writer.role !== 'guest' && placedBy === reader.peerId);
      if (isFor && !has.has(id)) return [`${id} of a ${writer.role} never reached a ${reader.role}`];
      return !isFor && has.has(id) ? [`${id} of a ${writer.role} reached a ${reader.role} that it is not for`] : [];
    });
  });
}

function stillPending(device: JournalDevice): string[] {
  const count = device.journals?.pending().length ?? 0;
  return count > 0 ? [`${count} entries of a ${device.role} are still said to be on their way`] : [];
}
