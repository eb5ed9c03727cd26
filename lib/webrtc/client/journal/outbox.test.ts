import { ManualClock } from '@innmesh/kit';
import { decodeMessage, limits, MessageTooLargeError, type ReceivedMessage } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { OutboxFullError } from '../errors.ts';
import { lanes } from '../link/transport.ts';
import { Outbox } from './outbox.ts';

const { entries, bulk } = lanes;
const MIB = 1024 * 1024;
const MINUTE_MS = 60_000;

let clock: ManualClock;
let outbox: Outbox;

beforeEach(() => {
  clock = new ManualClock();
  outbox = new Outbox(new Uint8Array(8), clock);
});

const note = (data: number): ReceivedMessage => ({ type: 'x-note', data });
const blob = (sizeBytes: number): ReceivedMessage => ({ type: 'x-blob', data: new Uint8Array(sizeBytes) });
const print: ReceivedMessage = { type: 'print', printJob: { jobId: 'j', status: 'queued' } } as ReceivedMessage;

/** What a peer would be sent now. */
const claimed = (peerId: string) =>
  outbox.claimFor(peerId, 'staff', () => true).map(({ body }) => (decodeMessage(body) as { data: number }).data);

describe('what waits for whoever comes', () => {
  it('is not given to a device that may not read it', () => {
    outbox.add(note(1), []);
    const mayRead = (message: ReceivedMessage) => 'data' in message && message.data !== 1;
    expect(outbox.claimFor('guest', 'staff', mayRead)).toEqual([]);
    expect(claimed('kitchen')).toEqual([1]);
  });
});

describe('what was sent to a device that turns out to be of another role', () => {
  const nobodyReads = () => false;

  it('is not given to it, and fails where it was for nobody else [R3]', async () => {
    const [alone, both] = [outbox.add(note(1), ['till']), outbox.add(note(2), ['till', 'kitchen'])];
    expect(outbox.claimFor('till', 'guest', nobodyReads)).toEqual([]);
    await expect(alone.delivery.delivered).rejects.toMatchObject({ code: 'NOT_ENTITLED' });
    expect([claimed('till'), claimed('kitchen'), both.delivery.status, outbox.size]).toEqual([[], [2], 'pending', 1]);
  });
});

describe('what a peer lacks', () => {
  it('is handed out in the order in which it was written, again and again until it is acknowledged', () => {
    for (const data of [1, 2, 3]) outbox.add(note(data), ['kitchen']);
    expect([claimed('kitchen'), claimed('kitchen')]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    outbox.acknowledge('kitchen', entries, 2);
    expect(claimed('kitchen')).toEqual([3]);
  });

  it('is not what was written for others', () => {
    outbox.add(note(1), ['kitchen']);
    outbox.add(note(2), ['bar', 'kitchen']);
    outbox.add(note(3), ['bar']);
    expect([claimed('kitchen'), claimed('bar'), claimed('desk')]).toEqual([[1, 2], [2, 3], []]);
  });

  it('is counted from 1 in each lane: short messages in one, those of 8 KiB and more in the other', () => {
    const added = [note(1), blob(8_000), blob(8_192), note(2)].map((message) => outbox.add(message, ['kitchen']));
    expect(added.map(({ lane, seq }) => [lane, seq])).toEqual([
      [entries, 1],
      [entries, 2],
      [bulk, 1],
      [entries, 3],
    ]);
    expect(new Set(added.map(({ delivery }) => delivery.id)).size).toBe(4);
  });

  it('was written for nobody, and belongs to the first that comes', () => {
    outbox.add(note(1), []);
    expect([claimed('first'), claimed('second')]).toEqual([[1], []]);
    outbox.acknowledge('second', entries, 1);
    expect(claimed('first')).toEqual([1]);
  });
});

describe('a delivery', () => {
  it('succeeds with the first device that has it, and the others still get it', async () => {
    const { delivery } = outbox.add(note(1), ['bar', 'kitchen']);
    outbox.acknowledge('bar', entries, 1);
    await delivery.delivered;
    expect([delivery.status, claimed('kitchen'), outbox.size]).toEqual(['delivered', [1], 1]);
    outbox.acknowledge('kitchen', entries, 1);
    expect(outbox.size).toBe(0);
  });

  it('does not succeed by the word of one that it was not for, nor by that of another lane', () => {
    const { delivery } = outbox.add(note(1), ['kitchen']);
    outbox.acknowledge('bar', entries, 1);
    outbox.acknowledge('kitchen', bulk, 1);
    outbox.acknowledge('kitchen', entries, 0);
    expect(delivery.status).toBe('pending');
  });

  it('fails when its time to live is over, and the message is not sent any more', async () => {
    const order = outbox.add(note(1), ['kitchen']);
    const { delivery } = outbox.add(print, ['printer']);
    clock.advance(5 * MINUTE_MS - 1);
    outbox.expire();
    expect(delivery.status).toBe('pending');
    clock.advance(1);
    outbox.expire();
    await expect(delivery.delivered).rejects.toMatchObject({ code: 'NOT_DELIVERED', reason: 'expired' });
    expect([outbox.claimFor('printer', 'printer', () => true), order.delivery.status]).toEqual([[], 'pending']);
  });

  it('fails when everything is abandoned, but for those that have succeeded', async () => {
    const [done, open] = [outbox.add(note(1), ['bar', 'kitchen']), outbox.add(note(2), ['bar'])];
    outbox.acknowledge('kitchen', entries, 1);
    outbox.abandon();
    await expect(open.delivery.delivered).rejects.toMatchObject({ reason: 'disconnected' });
    expect([done.delivery.status, outbox.size]).toEqual(['delivered', 0]);
  });
});

describe('an outbox that is full', () => {
  const full = () => expect(() => outbox.add(blob(63 * MIB), ['kitchen'])).toThrow(OutboxFullError);

  it('takes no more than 256 MiB, and keeps what it has', () => {
    for (let added = 0; added < 4; added++) outbox.add(blob(63 * MIB), ['kitchen']);
    full();
    expect([outbox.size, outbox.claimFor('kitchen', 'kitchen-display', () => true).length]).toEqual([4, 4]);
  });

  it('takes no more than 100,000 messages', () => {
    for (let added = 0; added < 100_000; added++) outbox.add({ type: 'ping' }, ['kitchen']);
    expect(() => outbox.add({ type: 'ping' }, ['kitchen'])).toThrow(OutboxFullError);
  });

  it('first drops what one device has, from the oldest on, and never what nobody has', () => {
    const first = outbox.add(blob(63 * MIB), ['kitchen']);
    const [second, third] = [1, 2].map(() => outbox.add(blob(63 * MIB), ['bar', 'kitchen']));
    outbox.add(blob(63 * MIB), ['kitchen']);
    outbox.acknowledge('bar', bulk, 3);
    outbox.add(blob(63 * MIB), ['kitchen']);
    expect(outbox.claimFor('kitchen', 'kitchen-display', () => true).map(({ seq }) => seq)).toEqual([
      first.seq,
      third?.seq,
      4,
      5,
    ]);
    expect(second?.delivery.status).toBe('delivered');
    outbox.add(blob(63 * MIB), ['kitchen']);
    full();
  });

  it('drops what is past its time before anything else', () => {
    const old = outbox.add(print, ['printer']);
    for (let added = 0; added < 4; added++) outbox.add(blob(63 * MIB), ['bar', 'kitchen']);
    clock.advance(5 * MINUTE_MS);
    outbox.add(blob(3 * MIB), ['kitchen']);
    expect(old.delivery.status).toBe('pending');
    full();
    expect([old.delivery.status, outbox.claimFor('kitchen', 'kitchen-display', () => true).length]).toEqual([
      'failed',
      5,
    ]);
  });

  it('has room again for what was acknowledged', () => {
    for (let added = 0; added < 4; added++) outbox.add(blob(63 * MIB), ['kitchen']);
    outbox.acknowledge('kitchen', bulk, 1);
    outbox.add(blob(63 * MIB), ['kitchen']);
    full();
  });

  it('a message over the limit takes no number', () => {
    expect(() => outbox.add(blob(limits.messageBytes + 1), ['kitchen'])).toThrow(MessageTooLargeError);
    expect(outbox.add(blob(10_000), ['kitchen']).seq).toBe(1);
  });
});
