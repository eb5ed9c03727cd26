import type { P2PMessageType } from '@innmesh/protocol';
import { RECEIPT } from './receipts.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

const BY_TYPE: Record<P2PMessageType | typeof RECEIPT, number> = {
  [RECEIPT]: 12 * HOUR_MS,
  order: 12 * HOUR_MS,
  // A job that has waited longer is not wanted any more: whoever stood at the till has gone.
  print: 5 * MINUTE_MS,
  notification: 1 * HOUR_MS,
  'room-assignment': 12 * HOUR_MS,
  'iot-command': 30 * SECOND_MS,
  'sync-request': 30 * SECOND_MS,
  'sync-response': 30 * SECOND_MS,
  ping: 30 * SECOND_MS,
  pong: 30 * SECOND_MS,
};

/**
 * How long a message is worth delivering, in milliseconds; an application's own types as long as an order. `chosen`: what the
 * application says, by type.
 */
export function timeToLiveMs(type: string, chosen: Readonly<Record<string, number>>): number {
  return chosen[type] ?? BY_TYPE[type as P2PMessageType] ?? 12 * HOUR_MS;
}
