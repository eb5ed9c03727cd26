import { type Role, roles } from '../trust/roles.ts';

/** Full replicas: whatever the property's own people work with. */
export const house: readonly Role[] = ['staff', 'pos', 'kitchen-display', 'hub'];

/** Who may write a type of message, and who may then read it. */
export interface EntitlementRule {
  writers: readonly Role[];
  readers: readonly Role[];
  /** `writer-table`: orders for the table of the writer's credential. `reader-order`: orders that the reader placed. */
  only?: 'writer-table' | 'reader-order';
}

/** Rules by message type; `x-*` is for an application's own types that have none of their own. Any rule that fits is enough. */
export type EntitlementRules = Readonly<Record<string, readonly EntitlementRule[]>>;

const amongHouse: EntitlementRule = { writers: house, readers: house };

export const defaultRules = {
  order: [
    amongHouse,
    { writers: ['guest'], readers: house, only: 'writer-table' },
    { writers: house, readers: ['guest'], only: 'reader-order' },
  ],
  print: [
    { writers: house, readers: [...house, 'printer'] },
    // What became of the job.
    { writers: ['printer'], readers: house },
  ],
  notification: [amongHouse],
  'room-assignment': [amongHouse],
  'iot-command': [{ writers: house, readers: [...house, 'gateway'] }],
  // A guest answers with its orders, so that each of them is looked at as an order.
  'sync-request': [{ writers: house, readers: [...house, 'guest'] }],
  'sync-response': [amongHouse],
  ping: [{ writers: roles, readers: roles }],
  pong: [{ writers: roles, readers: roles }],
  'x-*': [amongHouse],
} satisfies EntitlementRules;
