import { type Audience, house, type P2PMessageType, type Reader, type Role, roles } from '@innmesh/protocol';

interface Addressees {
  roles: readonly Role[];
  /** Each of them that comes within the message's time to live gets it; otherwise those that are there, or the first. */
  each: boolean;
}

const BY_TYPE: Partial<Record<P2PMessageType, Addressees>> = {
  order: { roles, each: true },
  notification: { roles: house, each: true },
  'room-assignment': { roles: house, each: true },
  'iot-command': { roles: [...house, 'gateway'], each: false },
  'sync-request': { roles, each: false },
  'sync-response': { roles, each: false },
  ping: { roles, each: false },
  pong: { roles, each: false },
};

/** Twice on paper is worse than late; what became of a job is for everyone. */
const fromPrinter: Addressees = { roles: house, each: true };
const toPrinter: Addressees = { roles: ['printer'], each: false };

function addresseesOf(type: string, writer: Role): Addressees {
  if (type === 'print') return writer === 'printer' ? fromPrinter : toPrinter;
  return BY_TYPE[type as P2PMessageType] ?? { roles, each: true };
}

/** For whom a message is that names nobody. `present`: those that are here and may have it. */
export function audienceForAll(type: string, writer: Role, present: readonly Reader[]): Audience {
  const { roles: addressed, each } = addresseesOf(type, writer);
  if (each) return { to: 'all' };
  const there = present.filter(({ role }) => addressed.includes(role));
  if (there.length > 0) return { to: 'devices', names: there.map(({ peerId }) => peerId) };
  return { to: 'first', names: [...addressed] };
}
