import { systemClock } from '@innmesh/kit';
import { type Audience, type Entry, type Role, type Series, series } from '@innmesh/protocol';
import { JournalLog } from '../journal-log.ts';
import type { Stream } from '../replica.ts';
import { type MemoryDisk, MemoryStore } from '../store/memory-store.ts';
import { keyOf } from '../stream.ts';

/** A device's id is as long as a hash. */
export const idOf = (name: string): string => name.padEnd(43, 'A');

/** Some writer's; `log` of its own where none is given. */
export async function streamOf(name = 'writer', options: { series?: Series; disk?: MemoryDisk } = {}): Promise<Stream> {
  const log = await JournalLog.open(new MemoryStore(options.disk), systemClock);
  const id = { origin: idOf(name), journal: 'AQIDBAUGBwg', series: options.series ?? series.shared };
  return {
    ...id,
    key: keyOf(id),
    log,
    last: 0,
    kept: 0,
    keeping: 0,
    ...{ isNotedShort: false, sealed: 0, untilMs: 0, isForgotten: false },
  };
}

export function entryOf(type: string, audience: Audience = { to: 'all' }, body = new Uint8Array()): Entry {
  return { writtenAt: 1, lifetimeMs: 60_000, type, audience, body };
}

export const readerOf = (name: string, role: Role = 'staff', capabilities: string[] = []) => {
  return { peerId: idOf(name), role, capabilities };
};
