import { device } from '#device';
import type { DeviceIdentity } from './device-identity.ts';

/** The name of a device's key where the application gives none. */
export const DEFAULT_IDENTITY = 'device';

/** This device as a `P2PConnection` with a credential is it, for who asks for the credential apart from a connection. */
export function deviceIdentity(identity: string = DEFAULT_IDENTITY): Promise<DeviceIdentity> {
  return device.openIdentity(identity, true);
}
