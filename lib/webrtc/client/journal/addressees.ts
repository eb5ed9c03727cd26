import { type DeviceType, house, type P2PMessageType, roles } from '@innmesh/protocol';

interface Addressees {
  devices: readonly DeviceType[];
  /** Each of them that comes within the message's time to live gets it; otherwise the first alone. */
  each: boolean;
}

const HOUSE = house;
const EVERYONE: readonly DeviceType[] = roles;

const BY_TYPE: Partial<Record<P2PMessageType, Addressees>> = {
  order: { devices: HOUSE, each: true },
  notification: { devices: HOUSE, each: true },
  'room-assignment': { devices: HOUSE, each: true },
  // Twice on paper is worse than late: one printer.
  print: { devices: ['printer'], each: false },
  'iot-command': { devices: [...HOUSE, 'gateway'], each: false },
};

/** For whom a message is that was sent to all while nobody was there. */
export function addresseesOf(type: string): Addressees {
  return BY_TYPE[type as P2PMessageType] ?? { devices: EVERYONE, each: false };
}
