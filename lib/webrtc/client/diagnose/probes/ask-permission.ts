import type { Clock } from '@innmesh/kit';
import type { PermissionAnswer } from '../facts.ts';
import { within } from './within.ts';

type Permissions = { query(descriptor: { name: PermissionName }): Promise<{ state: string }> };

/** Chromium's since 145, and since 142. */
const NAMES = ['local-network', 'local-network-access'];
const PERMISSION_TIMEOUT_MS = 1_000;

/** Whether this page may reach the local network, where the browser asks people about that. Asks nobody itself. */
export async function askLocalNetwork(
  clock: Clock,
  permissions: Permissions | undefined = globalThis.navigator?.permissions,
): Promise<PermissionAnswer> {
  for (const name of NAMES) {
    const state = await within(clock, PERMISSION_TIMEOUT_MS, query(permissions, name), () => 'unknown');
    if (state === 'granted' || state === 'denied' || state === 'prompt') return state;
  }
  return 'unknown';
}

/** A browser throws for a name that it does not know. */
async function query(permissions: Permissions | undefined, name: string): Promise<string> {
  try {
    return (await permissions?.query({ name: name as PermissionName }))?.state ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
