import { ManualClock } from '@innmesh/kit';
import type { ReceivedMessage } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { OutboxFullError } from '../errors.ts';
import { type PendingSend, PendingSends } from './pending-sends.ts';

const note: ReceivedMessage = { type: 'x-note', data: 1 };
let clock: ManualClock;
let sends: PendingSends;
let send: PendingSend;

beforeEach(() => {
  clock = new ManualClock();
  sends = new PendingSends('tab', clock);
  send = sends.add(note, 'bar');
  send.submitted = { to: 'leader', sinceMs: 0 };
});

const report = (outcome: 'stored' | 'delivered', from = 'leader') =>
  sends.take({ type: 'report', to: 'tab', number: send.number, outcome }, from);

describe('a message sent through another tab', () => {
  it('is stored and delivered when that tab says so', async () => {
    report('stored');
    await send.delivery.stored;
    expect(send.delivery.status).toBe('pending');
    report('delivered');
    await send.delivery.delivered;
    expect(sends.size).toBe(0);
  });

  it('that the tab has not confirmed waits for the next', () => {
    sends.leaderLost();
    expect(sends.unsubmitted()).toEqual([send]);
  });

  it('is given up where the tab that goes has confirmed it, also when that is heard late', async () => {
    sends.leaderLost();
    report('stored');
    expect(sends.unsubmitted()).toEqual([]);
    await expect(send.delivery.delivered).rejects.toMatchObject({ reason: 'disconnected' });
    await expect(send.delivery.stored).rejects.toMatchObject({ reason: 'disconnected' });
  });

  it('was delivered, also when that is heard late', () => {
    sends.leaderLost();
    report('delivered');
    expect([send.delivery.status, sends.size]).toEqual(['delivered', 0]);
  });

  it('fails in kind', async () => {
    const error = { message: 'full', fields: { code: 'OUTBOX_FULL', name: 'OutboxFullError' }, cause: null };
    sends.take({ type: 'report', to: 'tab', number: send.number, outcome: 'failed', error }, 'leader');
    await expect(send.delivery.delivered).rejects.toBeInstanceOf(OutboxFullError);
    await expect(send.delivery.stored).rejects.toBeInstanceOf(OutboxFullError);
  });
});

it('takes no more than an outbox does', () => {
  const blob = { type: 'x-blob', data: new Uint8Array(63 * 1024 * 1024) } as const;
  for (let count = 0; count < 4; count += 1) sends.add(blob, undefined);
  expect(() => sends.add(blob, undefined)).toThrow(OutboxFullError);
});
