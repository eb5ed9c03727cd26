import { ManualClock } from '@innmesh/kit';
import type { DeviceType } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { Outbox } from './outbox.ts';

let outbox: Outbox;
const claimed = (peerId: string, type: DeviceType) =>
  outbox.claimFor(peerId, type, () => true).map((entry) => entry.type);

beforeEach(() => {
  outbox = new Outbox(new Uint8Array(8), new ManualClock());
});

describe('a message to all, sent while nobody is there', () => {
  it('of the house goes to each of its devices that comes, and to no guest and no printer', () => {
    outbox.add({ type: 'notification', notification: { notificationId: 'n', title: 'T', priority: 'normal' } }, []);
    expect([claimed('p', 'printer'), claimed('g', 'guest')]).toEqual([[], []]);
    expect([claimed('k', 'kitchen-display'), claimed('s', 'staff')]).toEqual([['notification'], ['notification']]);
  });

  it('of the house is given once to each, however often it comes', () => {
    const entry = outbox.add(
      { type: 'notification', notification: { notificationId: 'n', title: 'T', priority: 'normal' } },
      [],
    );
    claimed('s', 'staff');
    outbox.acknowledge('s', entry.lane, entry.seq);
    expect([claimed('s', 'staff'), entry.delivery.status]).toEqual([[], 'delivered']);
    expect(claimed('k', 'kitchen-display')).toEqual(['notification']);
  });

  it('to print is for one printer alone', () => {
    const content = { kind: 'text' as const, text: 'x' };
    outbox.add({ type: 'print', printJob: { jobId: 'j', status: 'queued', printerType: 'receipt', content } }, []);
    expect(claimed('s', 'staff')).toEqual([]);
    expect([claimed('p1', 'printer'), claimed('p2', 'printer')]).toEqual([['print'], []]);
  });
});

describe('what waits for devices that never come back', () => {
  it('does not keep others from being acknowledged in their order', () => {
    for (let index = 0; index < 1_000; index += 1) outbox.add({ type: 'x-a', data: index }, ['gone']);
    const first = outbox.add({ type: 'x-a', data: 'first' }, ['here']);
    const second = outbox.add({ type: 'x-a', data: 'second' }, ['here']);
    outbox.acknowledge('here', first.lane, first.seq);
    expect([first.delivery.status, second.delivery.status, outbox.size]).toEqual(['delivered', 'pending', 1_001]);
  });
});
