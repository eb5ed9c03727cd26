import type { Clock } from '@innmesh/kit';
import { type DenyList, type Jws, readDenyList } from '@innmesh/protocol';

export interface DenyListsDeps {
  clock: Clock;
  /** Throws `CredentialError` where the issuer has not signed it. */
  verify(jws: Jws): void;
  /** The issuer's present list of a tenant, where it can be asked. */
  ask?: ((tenantId: string) => string | null) | undefined;
  /** A list is newer than the one before. */
  changed(list: DenyList): void;
  /** Asking did not work; the list that is held stays. */
  failed(error: unknown): void;
}

interface Held {
  list: DenyList | null;
  askedAtMs: number;
}

/** The issuer tells of changes by itself; asking is for what was missed, and for lists that were signed anew. */
const ASK_INTERVAL_MS = 60_000;

/** The newest deny list of each tenant. Only what the issuer signed is kept, so it bounds their number. */
export class DenyLists {
  readonly #deps: DenyListsDeps;
  readonly #held = new Map<string, Held>();

  constructor(deps: DenyListsDeps) {
    this.#deps = deps;
  }

  /**
   * Takes a list, unless it is older than the one that is held. Whether it was newer.
   * @throws CredentialError for what is no list that the issuer signed
   */
  take(token: string): boolean {
    const list = readDenyList(token);
    this.#deps.verify(list.jws);
    const held = this.#heldOf(list.tenantId);
    const before = held.list;
    if (before && list.seq < before.seq) return false;
    // Of the same number: the same one, signed with another key.
    held.list = list;
    if (before?.seq === list.seq) return false;
    this.#deps.changed(list);
    return true;
  }

  /** Only for tenants that a credential has named, lest strangers' are asked for and remembered. */
  of(tenantId: string): DenyList | null {
    const { ask, clock } = this.#deps;
    if (!ask) return this.#held.get(tenantId)?.list ?? null;
    const held = this.#heldOf(tenantId);
    const nowMs = clock.monotonicMs();
    if (nowMs - held.askedAtMs < ASK_INTERVAL_MS) return held.list;
    held.askedAtMs = nowMs;
    this.#update(tenantId, ask);
    return held.list;
  }

  #update(tenantId: string, ask: (tenantId: string) => string | null): void {
    try {
      const token = ask(tenantId);
      if (token !== null) this.take(token);
    } catch (error) {
      this.#deps.failed(error);
    }
  }

  #heldOf(tenantId: string): Held {
    let held = this.#held.get(tenantId);
    if (!held) {
      held = { list: null, askedAtMs: Number.NEGATIVE_INFINITY };
      this.#held.set(tenantId, held);
    }
    return held;
  }
}
