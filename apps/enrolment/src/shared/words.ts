import type { Role } from '@innmesh/protocol';
import { InnmeshError } from '@innmesh/protocol';

export const roleNames: Record<Exclude<Role, 'guest'>, string> = {
  staff: 'Staff device',
  pos: 'Till',
  'kitchen-display': 'Kitchen display',
  printer: 'Printer',
  hub: 'Hub',
  gateway: 'Gateway',
};

export function roleName(role: Role): string {
  return role === 'guest' ? 'Guest' : roleNames[role];
}

/** What a device may be let in for; an application may have others. */
export const capabilityNames: Record<string, string> = {
  orders: 'Orders',
  printing: 'Printing',
  notifications: 'Notifications',
  rooms: 'Rooms',
  'manage-devices': 'Manager',
};

export const capabilityName = (capability: string) => capabilityNames[capability] ?? capability;

/** `just now`, `5 min ago`, `3 h ago`, `2 days ago`. */
export function ago(atMs: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - atMs) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ago`;
  return `${Math.floor(hours / 24)} days ago`;
}

export const timeOfDay = (atMs: number) =>
  new Date(atMs).toLocaleTimeString([], { hour: 'numeric', minute: '2-digit' });

export const wordsOf = (error: unknown) =>
  error instanceof InnmeshError ? error.message : `Something went wrong: ${String(error)}`;
