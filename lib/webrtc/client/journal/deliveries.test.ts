import { ManualClock } from '@innmesh/kit';
import { type Audience, InvalidMessageError, isAmong, series } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { Deliveries, wasPending } from './deliveries.ts';
import { DeliveryTracker, type OpenDeliveries } from './delivery.ts';
import type { Replica, Stream } from './replica.ts';
import { entryIdOf } from './stream.ts';
import { entryOf, idOf, readerOf, streamOf } from './test-support/streams.ts';

let clock: ManualClock;
let stream: Stream;
let open: OpenDeliveries;
let changes: number;
let deliveries: Deliveries;
/** Types that no guest may read. */
const forHouse = new Set(['notification']);
const [kitchen, bar, guest] = [readerOf('kitchen'), readerOf('bar'), readerOf('guest', 'guest')];

beforeEach(async () => {
  clock = new ManualClock(1_000);
  stream = await streamOf('self');
  [open, changes] = [new Map(), 0];
  deliveries = begin();
});

function begin(): Deliveries {
  return new Deliveries({
    clock,
    open,
    isFor: (reader, { entry }) => {
      return isAmong(reader, entry.audience) && !(reader.role === 'guest' && forHouse.has(entry.type));
    },
    changed: () => {
      changes += 1;
    },
  });
}

function send(audience: Audience, options: { type?: string; of?: Stream; expiresAtMs?: number } = {}): DeliveryTracker {
  const { of = stream, type = 'order', expiresAtMs = 60_000 } = options;
  of.last += 1;
  const entry = entryOf(type, audience);
  return deliveries.add({ stream: of, seq: of.last, entry, sentAtMs: 5, expiresAtMs }, Promise.resolve());
}

const to = (...names: string[]): Audience => ({ to: 'devices', names: names.map(idOf) });
const statuses = (...all: DeliveryTracker[]) => all.map(({ status }) => status);

describe('a delivery', () => {
  it('succeeds with the first device whom it is for and that has it for good', async () => {
    const [one, both, all] = [send(to('kitchen')), send(to('bar', 'kitchen')), send({ to: 'all' })];
    deliveries.taken(bar, stream, 2);
    expect(statuses(one, both, all)).toEqual(['pending', 'delivered', 'pending']);
    deliveries.taken(kitchen, stream, 3);
    await Promise.all([one.delivered, all.delivered]);
    expect([deliveries.size, open.size]).toEqual([0, 0]);
  });

  it('does not succeed by the word of one that may not read it, however far that one is', () => {
    const [notice, order] = [send({ to: 'all' }, { type: 'notification' }), send({ to: 'all' })];
    deliveries.taken(guest, stream, 2);
    expect(statuses(notice, order)).toEqual(['pending', 'delivered']);
    deliveries.taken(kitchen, stream, 2);
    expect(notice.status).toBe('delivered');
  });

  it('does not succeed by a cursor that has passed what was past its time, and was therefore never sent', () => {
    const [late, other] = [send(to('kitchen'), { expiresAtMs: 2_000 }), send(to('kitchen'))];
    clock.advance(1_500);
    deliveries.taken(kitchen, stream, 2);
    expect(statuses(late, other)).toEqual(['failed', 'delivered']);
  });

  it('does not succeed by the word of one that is of no such role, nor by that of another stream', async () => {
    const other = await streamOf('self', { series: series.sharedBulk });
    const [role, device] = [send({ to: 'role', names: ['pos'] }), send(to('kitchen'))];
    deliveries.taken(kitchen, other, 9);
    deliveries.taken(bar, stream, 9);
    expect(statuses(role, device)).toEqual(['pending', 'pending']);
    deliveries.taken(readerOf('till', 'pos'), stream, 9);
    expect(statuses(role, device)).toEqual(['delivered', 'pending']);
  });

  it('succeeds where another device tells that it has arrived', () => {
    const [first, second] = [send({ to: 'all' }), send({ to: 'all' })];
    deliveries.received(stream.key, (seq) => seq === 2);
    deliveries.received('another stream', () => true);
    expect(statuses(first, second)).toEqual(['pending', 'delivered']);
  });

  it('fails when its time to live is over, and not a moment before', async () => {
    const [brief, long] = [send(to('bar'), { expiresAtMs: 2_000 }), send(to('bar'))];
    clock.advance(999);
    deliveries.expire();
    expect(brief.status).toBe('pending');
    clock.advance(1);
    deliveries.expire();
    await expect(brief.delivered).rejects.toMatchObject({ code: 'NOT_DELIVERED', reason: 'expired' });
    expect(statuses(brief, long)).toEqual(['failed', 'pending']);
    clock.advance(60_000);
    deliveries.expire();
    expect(long.status).toBe('failed');
  });

  it('fails with the reason where it turns out that nobody may have it', async () => {
    const error = new InvalidMessageError('x', 'no');
    const [first, second] = [send(to('bar')), send(to('bar'))];
    deliveries.fail(stream, 1, error);
    await expect(first.delivered).rejects.toBe(error);
    expect(second.status).toBe('pending');
  });

  it('outlives disconnect() where it is kept, and fails where it passes', async () => {
    const passing = await streamOf('self', { series: series.passing });
    const [order, ping] = [send(to('bar')), send(to('bar'), { of: passing })];
    deliveries.abandonPassing();
    await expect(ping.delivered).rejects.toMatchObject({ reason: 'disconnected' });
    expect([order.status, deliveries.size]).toEqual(['pending', 1]);
  });
});

describe('what is pending', () => {
  it('is listed in the order in which it was sent, until it is decided', () => {
    const [first] = [send(to('bar')), send(to('kitchen'), { type: 'print' })];
    expect(deliveries.pending()).toEqual([
      { id: first.id, type: 'order', sentAtMs: 5, expiresAtMs: 60_000 },
      { id: entryIdOf(stream, 2), type: 'print', sentAtMs: 5, expiresAtMs: 60_000 },
    ]);
    expect(changes).toBe(2);
    deliveries.taken(bar, stream, 2);
    expect([deliveries.pending().map(({ type }) => type), changes]).toEqual([['print'], 3]);
  });

  it('for devices that never come back does not keep others from being acknowledged in their order', () => {
    for (let count = 0; count < 1_000; count += 1) send(to('gone'));
    const [first, second] = [send(to('bar')), send(to('bar'))];
    deliveries.taken(bar, stream, stream.last - 1);
    expect([first.status, second.status, deliveries.size]).toEqual(['delivered', 'pending', 1_001]);
  });

  it('is known to be awaited by the devices that it names, and since when', () => {
    // Sent at 5 ms, and it is 1,000.
    send(to('kitchen'));
    send({ to: 'all' });
    const isAwaited = (name: string, forMs?: number) => deliveries.isAwaitedBy(idOf(name), forMs);
    expect([isAwaited('kitchen'), isAwaited('kitchen', 995), isAwaited('kitchen', 996)]).toEqual([true, true, false]);
    expect(isAwaited('bar')).toBe(false);
    deliveries.taken(kitchen, stream, 1);
    expect(isAwaited('kitchen')).toBe(false);
  });

  it('can be followed by its id; what is not pending any more has arrived', async () => {
    const delivery = send(to('bar'));
    const followed = deliveries.follow(delivery.id);
    deliveries.taken(bar, stream, 1);
    await followed;
    await deliveries.follow(delivery.id);
    const late = send(to('bar'), { expiresAtMs: 1_000 });
    const lost = deliveries.follow(late.id);
    deliveries.expire();
    await expect(lost).rejects.toMatchObject({ reason: 'expired' });
  });
});

describe('after a restart', () => {
  let replica: Replica;
  let marks: Map<string, string>;
  let noted: string[];
  let keeping: () => Promise<void>;

  beforeEach(() => {
    [marks, noted, keeping] = [new Map(), [], async () => {}];
    const setMarks = async (all: [string, string][], anyway: [string, string][]) => {
      for (const [name, text] of anyway) marks.set(name, text);
      await keeping();
      noted.push(...all.map(([name]) => name));
      for (const [name, text] of all) marks.set(name, text);
    };
    replica = { log: { mark: (name: string) => marks.get(name), setMarks } } as unknown as Replica;
  });

  it('that is pending which was when it was noted last, and all that was written since', async () => {
    expect([1, 2].filter(wasPending(replica, stream))).toEqual([1, 2]);
    for (let count = 0; count < 5; count += 1) send(count === 2 ? to('kitchen') : to('bar'));
    deliveries.taken(bar, stream, 4);
    await deliveries.note(replica);
    expect([1, 2, 3, 4, 5, 6, 7].filter(wasPending(replica, stream))).toEqual([3, 5, 6, 7]);
  });

  it('it is noted again only where it has changed, and never for what passes', async () => {
    send(to('bar'));
    send(to('bar'), { of: await streamOf('self', { series: series.passing }) });
    await deliveries.note(replica);
    expect(noted).toHaveLength(1);
    await deliveries.note(replica);
    expect(noted).toHaveLength(1);
    send(to('bar'));
    await deliveries.note(replica);
    expect(noted).toHaveLength(2);
  });

  it('it is noted with the next chance where it found no room', async () => {
    send(to('bar'));
    deliveries.taken(bar, stream, 1);
    keeping = () => Promise.reject(new Error('the disk is full'));
    await expect(deliveries.note(replica)).rejects.toThrow('the disk is full');
    keeping = async () => {};
    await deliveries.note(replica);
    expect([1, 2].filter(wasPending(replica, stream))).toEqual([2]);
  });

  it('it is noted though what goes along with that finds no room', async () => {
    for (let count = 0; count < 2; count += 1) send(to('bar'));
    deliveries.taken(bar, stream, 1);
    keeping = () => Promise.reject(new Error('the disk is full'));
    await expect(deliveries.note(replica)).rejects.toThrow('the disk is full');
    expect([1, 2].filter(wasPending(replica, stream))).toEqual([2]);
  });

  it('of the page, a delivery from before goes on, and one that was not kept fails', async () => {
    const [kept, lost] = [new DeliveryTracker(entryIdOf(stream, 1), 'order'), new DeliveryTracker('gone', 'order')];
    for (const tracker of [kept, lost]) open.set(tracker.id, tracker);
    expect(send(to('bar'))).toBe(kept);
    deliveries.restored();
    await expect(lost.delivered).rejects.toMatchObject({ reason: 'expired' });
    deliveries.taken(bar, stream, 1);
    await kept.delivered;
    expect(open.size).toBe(0);
  });
});
