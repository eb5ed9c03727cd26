import { type Audience, limits, MessageTooLargeError, series } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { StorageFullError } from '../errors.ts';
import { type JournalDevice, JournalWorld } from './test-support/journal-world.ts';
import { idOf } from './test-support/streams.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const toBar: Audience = { to: 'devices', names: [idOf('bar')] };

let world: JournalWorld;
let till: JournalDevice;

beforeEach(async () => {
  world = new JournalWorld();
  till = await world.device('till', 'pos');
});

/** `journal-series-number`. */
const placeOf = (id: string) => id.split('-').slice(-2).map(Number);
const journalOf = (id: string) => id.split('-').slice(0, -2).join('-');
const blob = (sizeBytes: number) => new Uint8Array(sizeBytes);

describe('what a device writes', () => {
  it('is counted from 1 in each series: short or long, for the house or for one alone, or passing [L15]', () => {
    const written = [
      till.write(1),
      till.write(2, toBar),
      till.write(blob(8 * KIB)),
      till.write(blob(8 * KIB), toBar),
      till.write('job', { to: 'first', names: ['printer'] }, 'print'),
      till.write(3, toBar, 'ping'),
      till.write(blob(7 * KIB)),
    ];
    expect(written.map(({ id }) => placeOf(id))).toEqual([
      [series.shared, 1],
      [series.shared, 2],
      [series.sharedBulk, 1],
      [series.directBulk, 1],
      [series.direct, 1],
      [series.passing, 1],
      [series.shared, 3],
    ]);
  });

  it('is stored once it is on the disk', async () => {
    const delivery = till.write(1);
    await world.during(delivery.stored);
    expect([...till.disk.segments.values()].some(({ journal }) => journal.startsWith(till.peerId))).toBe(true);
  });

  it('has no number that was ever given before, also after a restart', async () => {
    const before = till.write(1);
    await till.restart();
    const after = till.write(2);
    const [[, last = 0], [, next = 0]] = [placeOf(before.id), placeOf(after.id)] as [number[], number[]];
    expect([journalOf(after.id) === journalOf(before.id), next > last]).toEqual([true, true]);
  });

  it('in another role goes into another journal [L15]', async () => {
    const before = till.write(1);
    till.role = 'staff';
    await till.restart();
    expect(journalOf(till.write(2).id)).not.toBe(journalOf(before.id));
  });

  it('that is over the limit takes no number', () => {
    expect(() => till.write(blob(limits.messageBytes + 1))).toThrow(MessageTooLargeError);
    expect(placeOf(till.write(1).id)).toEqual([series.shared, 1]);
  });

  it('is refused where there is no room for it by the configuration, and what is kept stays', async () => {
    till.write(blob(6 * MIB));
    expect(() => till.write(blob(6 * MIB))).toThrow(StorageFullError);
    await world.during(till.write(1).stored);
    expect(till.journals.pending()).toHaveLength(2);
  });

  it('fails where the store has no room, and is not pending', async () => {
    const store = till.store();
    await till.journals.close();
    till.store = () => store;
    await till.start();
    store.commit = () => Promise.reject(new StorageFullError());
    const delivery = till.write(1);
    await expect(world.during(delivery.stored)).rejects.toBeInstanceOf(StorageFullError);
    await expect(delivery.delivered).rejects.toBeInstanceOf(StorageFullError);
    expect([till.journals.pending(), till.errors.length]).toEqual([[], 1]);
  });
});
