import type { Clock, Random } from '@innmesh/kit';
import { Lease } from './lease.ts';
import type { TabSharing } from './tab-sharing.ts';

export interface ElectionDeps {
  tabs: TabSharing;
  clock: Clock;
  random: Random;
  tabId: string;
}

export interface ElectionEvents {
  won(): void;
  /** Another tab leads, or the page was put away. This one stands again by itself. */
  lost(): void;
}

/** Stands for the leadership of a name from the moment it is made; waits where another tab leads. */
export interface Election {
  /** Gives it up, or stops waiting for it, for good. */
  withdraw(): void;
  /** Resolves when it is certain that no other tab took over since that moment, or after `lost()`. */
  confirm(sinceMs: number): Promise<void>;
}

export function standForElection(name: string, deps: ElectionDeps, events: ElectionEvents): Election {
  const { locks } = deps.tabs;
  return locks ? standForLock(name, locks, events) : new Lease(deps, name, events);
}

/** The browser hands the lock on when its holder gives it up or dies, and to nobody before. */
function standForLock(name: string, locks: NonNullable<TabSharing['locks']>, { won, lost }: ElectionEvents): Election {
  const abort = new AbortController();
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const hold = () => {
    won();
    return held;
  };
  locks.request(name, { signal: abort.signal }, hold).catch(() => {
    if (!abort.signal.aborted) lost();
  });
  return {
    withdraw: () => {
      abort.abort();
      release();
    },
    confirm: async () => {},
  };
}
