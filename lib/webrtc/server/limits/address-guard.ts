import { type Clock, fillingMs, TokenBucket } from '@innmesh/kit';
import type { RefusalKind } from '../refusals.ts';
import type { Remote } from '../remote.ts';
import { addressKey, truncatedAddress } from './ip-address.ts';
import type { Limits } from './limit-options.ts';
import { UsageTable } from './usage-table.ts';

interface AddressUsage {
  connections: number;
  sockets: number;
  newSockets: TokenBucket;
  failedJoins: TokenBucket;
}

/** A refusal before there is a WebSocket: HTTP 429 (RFC 6585 §4). */
export interface AddressRefusal {
  kind: RefusalKind;
  retryAfterS: number;
  text: string;
}

export type Entry = { refusal: AddressRefusal } | { refusal: null; leave(): void };

/** 100,000 addresses without a connection are 40 MiB. */
const MAX_IDLE_ADDRESSES = 100_000;
/** When one of its sockets has gone is anyone's guess. */
const RETRY_WHEN_FULL_S = 10;

/** Counts what comes from each address. */
export class AddressGuard {
  readonly #limits: Limits['address'];
  readonly #table: UsageTable<AddressUsage>;

  constructor(limits: Limits['address'], clock: Clock) {
    this.#limits = limits;
    this.#table = new UsageTable({
      create: () => ({
        connections: 0,
        sockets: 0,
        newSockets: new TokenBucket(limits.newSockets, clock),
        failedJoins: new TokenBucket(limits.failedJoins, clock),
      }),
      clock,
      keepIdleMs: Math.max(fillingMs(limits.newSockets), fillingMs(limits.failedJoins)),
      maxIdle: MAX_IDLE_ADDRESSES,
    });
  }

  /** A TCP connection. `leave` when it is closed. */
  connect(address: string): Entry {
    return this.#enter(address, 'connections', ({ connections }) =>
      connections >= this.#limits.connections
        ? tooMany('address_connections', `${this.#limits.connections} connections are open`)
        : null,
    );
  }

  /** A WebSocket. `leave` when it is closed. */
  openSocket(address: string): Entry {
    const { sockets: maxSockets } = this.#limits;
    return this.#enter(address, 'sockets', ({ sockets, newSockets }) => {
      if (sockets >= maxSockets) return tooMany('address_sockets', `${maxSockets} WebSockets are open`);
      if (newSockets.take()) return null;
      const { burst, perSecond } = newSockets.options;
      const what = `More than ${burst} new WebSockets at once or ${perSecond} a second came`;
      return tooMany('address_new_sockets', what, Math.ceil(newSockets.waitMs() / 1000));
    });
  }

  /** For a socket that was let in, while it is open. */
  remoteOf(address: string, host: string): Remote {
    const key = addressKey(address);
    const failures = () => this.#table.peek(key)?.failedJoins;
    return {
      key,
      host,
      label: truncatedAddress(address),
      mayTryJoin: () => (failures()?.waitMs() ?? 0) === 0,
      joinFailed: () => void failures()?.take(),
    };
  }

  sweep(): void {
    this.#table.sweep();
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#table.size;
  }

  #enter(
    address: string,
    what: 'connections' | 'sockets',
    refuse: (usage: AddressUsage) => AddressRefusal | null,
  ): Entry {
    const key = addressKey(address);
    const usage = this.#table.hold(key);
    const refusal = refuse(usage);
    if (refusal) {
      this.#table.release(key);
      return { refusal };
    }
    usage[what] += 1;
    const leave = () => {
      usage[what] -= 1;
      this.#table.release(key);
    };
    return { refusal: null, leave };
  }
}

function tooMany(kind: RefusalKind, what: string, retryAfterS = RETRY_WHEN_FULL_S): AddressRefusal {
  return { kind, retryAfterS, text: `${what} from this address. Try again in ${retryAfterS} s.` };
}
