import type { OrderStatus } from '@innmesh/protocol';

/** The board's columns, in the order of the work. */
export const stations = [
  { status: 'pending', title: 'New', action: 'Confirm' },
  { status: 'confirmed', title: 'Confirmed', action: 'Start' },
  { status: 'preparing', title: 'Preparing', action: 'Ready' },
  { status: 'ready', title: 'Ready', action: 'Served' },
] as const satisfies { status: OrderStatus; title: string; action: string }[];

export type Station = (typeof stations)[number];

const MINUTE_MS = 60_000;

/** A ticket older than this is shown as late, and then as too late. */
export const lateAfterMs = 10 * MINUTE_MS;
export const tooLateAfterMs = 20 * MINUTE_MS;

export function urgency(elapsedMs: number): 'fresh' | 'late' | 'too-late' {
  if (elapsedMs >= tooLateAfterMs) return 'too-late';
  return elapsedMs >= lateAfterMs ? 'late' : 'fresh';
}

export const rejectionReasons = ['Sold out', 'Kitchen is closed', 'Please ask your waiter'];
