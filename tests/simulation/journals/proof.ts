import { series } from '@innmesh/protocol';
import { readTaken } from '../../../lib/webrtc/client/journal/replica.ts';
import type { Crash, HandedOver, JournalDevice } from './journal-device.ts';
import type { JournalWorld } from './journal-world.ts';

/** A commit waits 24 ms for a quiet moment, or for the one before, and takes 4; until then a crash leaves the hand-over unnoted. */
const COMMIT_MS = 40;
/** What found no room is tried again as often, when a device looks around. */
const AGAIN_MS = 1_000;

/** What must hold when all is well again; each line is something that does not. */
export function violationsOf(world: JournalWorld): string[] {
  return [
    ...world.violations,
    ...world.devices.flatMap(({ errors, role }) => errors.map((error) => `a ${role} was told: ${error.message}`)),
    ...world.devices.flatMap((reader) =>
      [...reader.handed].flatMap(([from, handed]) => wrongOrder(reader, from, handed)),
    ),
    ...world.devices.flatMap((writer) => lost(writer, world)),
    ...world.devices.flatMap((writer) => holes(writer, world)),
    ...world.devices.flatMap((device) => stillPending(device)),
  ];
}

const numberOf = (id: string) => Number(id.slice(id.lastIndexOf('-') + 1));
const seriesOf = (id: string) => id.slice(0, id.lastIndexOf('-'));

/** Each once and in order; again only what a crash kept from being noted. */
function wrongOrder(reader: JournalDevice, from: string, handed: HandedOver[]): string[] {
  const known = new Map<string, HandedOver>();
  const last = new Map<string, number>();
  return handed.flatMap((each) => {
    const before = known.get(each.id);
    known.set(each.id, each);
    if (before) return isExcused(reader, from, before, each) ? [] : [`a ${reader.role} was handed ${each.id} twice`];
    const number = numberOf(each.id);
    const isLate = number < (last.get(seriesOf(each.id)) ?? 0);
    last.set(seriesOf(each.id), number);
    return isLate ? [`a ${reader.role} was handed ${each.id} out of order`] : [];
  });
}

/** It crashed right behind the first time, or there was no room for the mark. */
function isExcused(reader: JournalDevice, from: string, first: HandedOver, again: HandedOver): boolean {
  const crash = reader.crashes.find(({ life }) => life === first.life);
  if (!crash || again.life <= first.life) return false;
  return crash.atMs - first.atMs <= COMMIT_MS || foundNoRoom(crash, from, first);
}

/** The mark that says it was tried on its own until the end, and what is on the disk does not say it. */
function foundNoRoom({ atMs, kept, refused }: Crash, from: string, { id, atMs: firstMs }: HandedOver): boolean {
  const name = `taken ${from} ${seriesOf(id).replace(/-(?=\d+$)/, ' ')}`;
  const last = refused.get(name);
  if (!last || says(kept.get(name), id) || !says(last.text, id)) return false;
  return last.atMs >= firstMs && atMs - last.atMs <= AGAIN_MS + COMMIT_MS;
}

/** Whether a mark says that it was handed over. */
function says(mark: string | undefined, id: string): boolean {
  const { upTo, byType } = readTaken(mark);
  return numberOf(id) <= Math.max(upTo, byType.get('order') ?? 0);
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

/** Whoever comes later may get it from any device of the house. */
function holes(writer: JournalDevice, world: JournalWorld): string[] {
  const stored = writer.written.filter(({ id, isStored }) => isStored && seriesOf(id).endsWith(`-${series.shared}`));
  return world.house.flatMap((replica) => {
    const kept = replica.keeps(writer);
    const missing = stored.filter(({ id }) => !kept.has(id));
    return missing.map(({ id }) => `${id} of a ${writer.role} is not in the log of a ${replica.role}`);
  });
}

function stillPending(device: JournalDevice): string[] {
  const count = device.journals?.pending().length ?? 0;
  return count > 0 ? [`${count} entries of a ${device.role} are still said to be on their way`] : [];
}
