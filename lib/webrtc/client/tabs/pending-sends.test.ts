import { ManualClock } from '@innmesh/kit';
import type { ReceivedMessage } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { OutboxFullError, StorageFullError } from '../errors.ts';
import { type PendingSend, PendingSends } from './pending-sends.ts';

const note: ReceivedMessage = { type: 'x-note', data: 1 };
let clock: ManualClock;
let sends: PendingSends;
let send: PendingSend;
let changes: number;

beforeEach(() => {
  clock = new ManualClock();
  changes = 0;
  sends = new PendingSends('tab', clock, { 'x-brief': 60_000 }, () => {
    changes += 1;
  });
  send = sends.add(note, 'bar');
  send.submitted = { to: 'leader', sinceMs: 0 };
});

const about = () => ({ type: 'report', to: 'tab', number: send.number }) as const;
const accepted = (from = 'leader') => sends.take({ ...about(), outcome: 'accepted', id: 'journal-0-7' }, from);
const report = (outcome: 'stored' | 'delivered', from = 'leader') => sends.take({ ...about(), outcome }, from);

describe('a message sent through another tab', () => {
  it('has a number of its own, and that of the journal once it is in there', () => {
    expect([send.delivery.id, sends.pending()]).toEqual([
      'tab-1',
      [{ id: 'tab-1', type: 'x-note', sentAtMs: 0, expiresAtMs: send.expiresAtMs }],
    ]);
    accepted();
    expect([send.delivery.id, sends.pending()[0]?.id]).toEqual(['journal-0-7', 'journal-0-7']);
  });

  it('is stored and delivered when that tab says so', async () => {
    accepted();
    report('stored');
    await send.delivery.stored;
    expect(send.delivery.status).toBe('pending');
    report('delivered');
    await send.delivery.delivered;
    expect(sends.size).toBe(0);
  });

  it('that the tab has not taken waits for the next', () => {
    sends.leaderLost();
    expect(sends.unsubmitted()).toEqual([send]);
  });

  it('that the tab has kept is followed through the next', () => {
    accepted();
    report('stored');
    sends.leaderLost();
    expect([sends.unsubmitted(), send.isStored, send.delivery.status]).toEqual([[send], true, 'pending']);
  });

  it('is given up where the tab has taken it and goes before it says that it is kept', async () => {
    accepted();
    sends.leaderLost();
    expect(sends.unsubmitted()).toEqual([]);
    await expect(send.delivery.delivered).rejects.toMatchObject({ reason: 'disconnected' });
    await expect(send.delivery.stored).rejects.toMatchObject({ reason: 'disconnected' });
  });

  it('is given up also where it is heard late that the tab which went had taken it: it must not arrive twice', async () => {
    sends.leaderLost();
    accepted();
    expect(sends.unsubmitted()).toEqual([]);
    await expect(send.delivery.delivered).rejects.toMatchObject({ reason: 'disconnected' });
  });

  it('was delivered, also when that is heard late', () => {
    sends.leaderLost();
    report('delivered');
    expect([send.delivery.status, sends.size]).toEqual(['delivered', 0]);
  });

  it('fails in kind', async () => {
    const error = { message: 'full', fields: { code: 'STORAGE_FULL', name: 'StorageFullError' }, cause: null };
    sends.take({ ...about(), outcome: 'failed', error }, 'leader');
    await expect(send.delivery.delivered).rejects.toBeInstanceOf(StorageFullError);
    await expect(send.delivery.stored).rejects.toBeInstanceOf(StorageFullError);
  });

  it("has the time to live that the application gave its type, and the leader's own word for a while longer", () => {
    const own = sends.add({ type: 'x-brief', data: 1 }, undefined);
    expect([own.expiresAtMs, send.expiresAtMs]).toEqual([60_000, 12 * 3_600_000]);
    send.submitted = own.submitted = { to: 'leader', sinceMs: 0 };
    clock.advance(69_999);
    sends.expire();
    expect(own.delivery.status).toBe('pending');
    clock.advance(1);
    sends.expire();
    expect([own.delivery.status, send.delivery.status]).toEqual(['failed', 'pending']);
  });

  it('changes what is pending when it is sent, and when it is known what became of it', () => {
    expect(changes).toBe(1);
    report('delivered');
    report('delivered');
    expect(changes).toBe(2);
  });
});

it('takes no more than memory has room for', () => {
  const blob = { type: 'x-blob', data: new Uint8Array(63 * 1024 * 1024) } as const;
  for (let count = 0; count < 4; count += 1) sends.add(blob, undefined);
  expect(() => sends.add(blob, undefined)).toThrow(OutboxFullError);
});
