import type { Clock, Random } from '@innmesh/kit';
import * as browser from './browser-channels.ts';
import { Lease } from './lease.ts';
import type { TabSharing } from './tab-sharing.ts';

export interface ElectionDeps {
  tabs: TabSharing;
  clock: Clock;
  random: Random;
  tabId: string;
  /** The page is put away at this moment: it stands when it is shown again. */
  isHidden?: boolean;
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
  return locks ? new LockElection(name, locks, deps, events) : new Lease(deps, name, events);
}

/**
 * The browser hands the lock on when its holder gives it up or dies, and to nobody before. A page that is put away gives it
 * up: it would keep it for as long as people can go back to it.
 */
class LockElection implements Election {
  readonly #name: string;
  readonly #locks: NonNullable<TabSharing['locks']>;
  readonly #events: ElectionEvents;
  readonly #ignoreLifecycle: () => void;
  #leads = false;
  #stepDown = () => {};

  constructor(name: string, locks: NonNullable<TabSharing['locks']>, deps: ElectionDeps, events: ElectionEvents) {
    this.#name = name;
    this.#locks = locks;
    this.#events = events;
    const { onPageLifecycle = browser.onPageLifecycle } = deps.tabs;
    this.#ignoreLifecycle = onPageLifecycle({ hidden: () => this.#hide(), shown: () => this.#stand() });
    if (!deps.isHidden) this.#stand();
  }

  withdraw(): void {
    this.#ignoreLifecycle();
    this.#stepDown();
  }

  async confirm(): Promise<void> {}

  #stand(): void {
    const abort = new AbortController();
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const hold = () => {
      if (abort.signal.aborted) return;
      this.#leads = true;
      this.#events.won();
      return held;
    };
    this.#stepDown = () => {
      this.#leads = false;
      abort.abort();
      release();
    };
    this.#locks.request(this.#name, { signal: abort.signal }, hold).catch(() => {
      if (!abort.signal.aborted) this.#events.lost();
    });
  }

  #hide(): void {
    const led = this.#leads;
    this.#stepDown();
    if (led) this.#events.lost();
  }
}
