import {
  Entitlements,
  encodeEntry,
  encodeMessage,
  house,
  isKept,
  MAX_LIFETIME_MS,
  type Series,
  series,
} from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { streamOf } from './stream.ts';
import { type JournalDevice, JournalWorld } from './test-support/journal-world.ts';
import { entryOf } from './test-support/streams.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LIFETIME_MS = 12 * HOUR_MS;

const entitlements = new Entitlements({ 'x-wish': [{ writers: ['guest'], readers: house }] });
const toAll = { to: 'all' } as const;

let world: JournalWorld;
let [bar, hub]: JournalDevice[] = [];

beforeEach(async () => {
  world = new JournalWorld();
  [bar, hub] = [await world.device('bar', 'pos', { entitlements }), await world.device('hub', 'hub', { entitlements })];
});

const both = () => [bar, hub] as [JournalDevice, JournalDevice];
const guest = (name: string) => world.device(name, 'guest', { entitlements });
const journalsTold = (of: JournalDevice, to: JournalDevice) => of.journals.hello(to).journals.length;

/** Marks of the disk that begin so, of that device. */
const marksOf = (device: JournalDevice, beginning: string, of: JournalDevice) =>
  [...device.disk.marks.keys()].filter((name) => name.startsWith(`${beginning} ${of.peerId}`));

/** Devices tidy up each minute, as long as something happens. */
async function later(ms: number): Promise<void> {
  world.clock.advance(ms - 2 * MINUTE_MS);
  for (let minutes = 0; minutes < 2; minutes += 1) {
    await world.pass(100);
    world.clock.advance(MINUTE_MS);
  }
  await world.pass(100);
}

/** Phones that order once, and leave. */
async function ordered(count: number): Promise<JournalDevice[]> {
  const phones: JournalDevice[] = [];
  for (let number = 0; number < count; number += 1) {
    const phone = await guest(`guest${number}`);
    world.link(phone, both()[0]);
    phone.write(number, toAll, 'x-wish');
    await world.pass(300);
    world.cut(phone, both()[0]);
    phones.push(phone);
  }
  return phones;
}

describe('a phone that has ordered', () => {
  it('is told of as long as somebody may want its order, and not for ever [L10]', async () => {
    const [bar, hub] = both();
    await ordered(10);
    expect(journalsTold(bar, hub)).toBe(10);
    await later(LIFETIME_MS);
    expect(journalsTold(bar, hub)).toBe(0);
  });

  it('leaves nothing on the disk when its order has been past its time for a day [L27]', async () => {
    const [bar] = both();
    const [phone] = (await ordered(1)) as [JournalDevice];
    await later(LIFETIME_MS + 23 * HOUR_MS);
    expect([marksOf(bar, 'taken', phone).length, marksOf(bar, 'origin', phone).length]).toEqual([1, 1]);
    await later(2 * HOUR_MS);
    expect([marksOf(bar, 'taken', phone), marksOf(bar, 'origin', phone)]).toEqual([[], []]);
    expect([...bar.disk.segments.keys()].filter((name) => name.includes(phone.peerId))).toEqual([]);
  });

  it('nor where the device began anew meanwhile, or an earlier release had marked it [L27]', async () => {
    const [bar] = both();
    const [phone, other] = (await ordered(2)) as [JournalDevice, JournalDevice];
    await bar.restart();
    for (const name of marksOf(bar, 'taken', other)) bar.disk.marks.set(name, '1');
    await bar.restart();
    await later(LIFETIME_MS + 25 * HOUR_MS);
    expect([marksOf(bar, 'taken', phone).length, marksOf(bar, 'taken', other).length]).toEqual([0, 1]);
    await later(31 * 24 * HOUR_MS);
    expect(marksOf(bar, 'taken', other)).toEqual([]);
  });

  it('is not handed over again as long as it may come again, and when it comes back is heard as ever [L27]', async () => {
    const [bar, hub] = both();
    const [phone] = (await ordered(1)) as [JournalDevice];
    world.link(bar, hub);
    await world.pass(1_000);
    world.cut(bar, hub);
    for (let hours = 0; hours < 48; hours += 1) {
      await later(HOUR_MS);
      for (const [one, other] of [
        [phone, bar],
        [phone, hub],
        [bar, hub],
      ] as const) {
        world.link(one, other);
        await world.pass(500);
        world.cut(one, other);
      }
    }
    expect([bar.heard, hub.heard]).toEqual([[0], [0]]);
    world.link(bar, hub);
    world.link(phone, bar);
    await later(48 * HOUR_MS);
    phone.write('again', toAll, 'x-wish');
    await world.pass(1_000);
    expect([bar.heard, hub.heard, bar.drops, hub.drops]).toEqual([[0, 'again'], [0, 'again'], [], []]);
  });

  it('is not handed over again by a device whose clock was behind when it came, and is set right [L27]', async () => {
    const [bar] = both();
    bar.skewMs = -20 * HOUR_MS;
    const [phone] = (await ordered(1)) as [JournalDevice];
    bar.skewMs = 0;
    await later(10 * MINUTE_MS);
    world.link(phone, bar);
    await world.pass(500);
    expect(bar.heard).toEqual([0]);
  });

  it('is heard again by way of a device that has been linked since before it was forgotten [L21] [L27]', async () => {
    const [bar, hub] = both();
    const [phone] = (await ordered(1)) as [JournalDevice];
    world.link(bar, hub);
    await world.pass(1_000);
    // The bar keeps its link to the phone, and so what it knows of it; the hub does not.
    world.link(phone, bar);
    await later(48 * HOUR_MS);
    expect([marksOf(bar, 'taken', phone).length, marksOf(hub, 'taken', phone).length]).toEqual([1, 0]);
    for (const data of ['again', 'and again']) {
      phone.write(data, toAll, 'x-wish');
      await world.pass(2_000);
    }
    expect([hub.heard, hub.drops]).toEqual([[0, 'again', 'and again'], []]);
  });
});

describe('what passes', () => {
  const passing = (device: JournalDevice, of: JournalDevice) =>
    marksOf(device, 'taken', of).filter((name) => !isKept(streamOf(name.slice('taken '.length))?.series as Series));

  it('is of no more journals than one for each device, however often its page begins anew [L27]', async () => {
    const [bar, hub] = both();
    for (let run = 0; run < 20; run += 1) {
      world.link(bar, hub);
      hub.write(run, { to: 'devices', names: [bar.peerId] }, 'ping');
      await world.pass(200);
      await hub.restart();
    }
    expect(bar.heard).toHaveLength(20);
    expect([passing(bar, hub).length, journalsTold(bar, hub), journalsTold(bar, await guest('guest'))]).toEqual([
      1, 1, 0,
    ]);
  });

  it('is forgotten soon after its writer is gone, and not while that may send it again [L27]', async () => {
    const [bar, hub] = both();
    world.link(bar, hub);
    hub.write('one', { to: 'devices', names: [bar.peerId] }, 'ping');
    await world.pass(200);
    await bar.crash();
    world.link(bar, hub);
    await world.pass(200);
    expect([bar.heard, passing(bar, hub).length]).toEqual([[], 1]);
    await later(5 * MINUTE_MS);
    expect(passing(bar, hub), 'it is linked').toHaveLength(1);
    world.cut(bar, hub);
    await later(3 * MINUTE_MS);
    expect(passing(bar, hub)).toEqual([]);
  });
});

describe('a guest with a library of its own', () => {
  const name = (number: number) => Uint8Array.from({ length: 8 }, (_, at) => (number >> (at * 8)) % 256);

  /** Names so many journals of its own, and writes in each of them as long as it is listened to. */
  async function flood(guest: JournalDevice, target: JournalDevice, first: number, count: number): Promise<void> {
    world.link(guest, target);
    await world.pass(50);
    for (let stream = 0; stream < count; stream += 1) {
      const journal = name(first + stream);
      world.send(guest, target, 0, { type: 'stream', stream, origin: guest.peerId, journal, series: series.shared });
    }
    for (let stream = 0; stream < count; stream += 1) {
      const bytes = flooding(stream);
      world.send(guest, target, 0, { type: 'entry', stream, seq: 1, distance: 1, ageMs: 0, bytes });
    }
    await world.pass(200);
    world.cut(guest, target);
  }

  const flooding = (number: number) =>
    encodeEntry({
      ...entryOf('x-wish'),
      lifetimeMs: MAX_LIFETIME_MS,
      body: encodeMessage({ type: 'x-wish', data: number }),
    });

  it('has a device take note of 24 streams of it, however many it names and however often it comes [L18]', async () => {
    const [bar, hub] = both();
    const flooder = await guest('flooder');
    for (let visit = 0; visit < 5; visit += 1) await flood(flooder, bar, visit * 1_000, 1_000);

    expect(marksOf(bar, 'taken', flooder)).toHaveLength(24);
    world.link(bar, hub);
    await world.pass(500);
    expect([bar.drops.every((reason) => reason.includes('not its own')), hub.drops]).toEqual([true, []]);
  });

  it('fills no other device by way of those that it visits: 128 streams at most [L18]', async () => {
    const [bar, hub] = both();
    const flooder = await guest('flooder');
    const told: number[] = [];
    for (let visit = 0; visit < 8; visit += 1) {
      const visited = await world.device(`visited${visit}`, 'staff', { entitlements });
      world.cutAll(flooder);
      for (const kept of [flooder.disk.segments, flooder.disk.marks]) kept.clear();
      for (let table = 0; table < 25; table += 1) {
        flooder.options.table = `${visit} ${table}`;
        await flooder.restart();
        world.link(flooder, visited);
        flooder.write(table, toAll, 'x-wish');
        await world.pass(50);
      }
      told.push(journalsTold(visited, bar));
      world.link(visited, hub);
      await world.pass(1_000);
    }
    expect([Math.max(...told), journalsTold(hub, bar), hub.drops]).toEqual([24, 128, []]);
  });

  it('is not listened to any more where it calls another stream by the same number [L18]', async () => {
    const [bar] = both();
    const flooder = await guest('flooder');
    world.link(flooder, bar);
    for (const journal of [name(1), name(2)])
      world.send(flooder, bar, 0, { type: 'stream', stream: 0, origin: flooder.peerId, journal, series: 0 });
    await world.pass(100);
    expect(bar.drops).toEqual([expect.stringContaining('by the same number')]);
  });
});
