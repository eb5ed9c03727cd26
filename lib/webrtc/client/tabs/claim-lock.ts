import type { TabSharing } from './tab-sharing.ts';

/**
 * Leadership, if no tab has it: resolves with how to give it up, or with `null` where another tab leads. The browser
 * takes it back from a tab that dies.
 */
export function claimLock(locks: NonNullable<TabSharing['locks']>, name: string): Promise<(() => void) | null> {
  const { promise, resolve } = Promise.withResolvers<(() => void) | null>();
  const hold = (lock: Lock | null) => {
    if (!lock) return resolve(null);
    return new Promise<void>((release) => resolve(release));
  };
  // Where the browser lets the page share nothing (a sandboxed frame), no other tab can lead.
  locks.request(name, { ifAvailable: true }, hold).catch(() => resolve(() => {}));
  return promise;
}
