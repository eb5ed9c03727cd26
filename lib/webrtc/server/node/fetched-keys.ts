import { type CancelTimer, type Clock, setRepeating } from '@innmesh/kit';
import { ConfigurationError, type JsonWebKeySet, readKeySet } from '@innmesh/protocol';
import type { IssuerKeySource } from '../auth/issuer-key-source.ts';

export interface FetchedKeysDeps {
  clock: Clock;
  url: string;
  /** The option's path. */
  option: string;
  failed(error: unknown): void;
}

/** The issuer's next key is published long before it signs; this is for one that was taken out. */
const FETCH_INTERVAL_MS = 5 * 60_000;
/** Strangers decide how often a key is unknown. */
const LOOK_AGAIN_INTERVAL_MS = 10_000;
const FETCH_TIMEOUT_MS = 10_000;

/** Keys from a URL, fetched behind the joins' back: none of them ever waits. What was had last is good until then. */
export class FetchedKeys implements IssuerKeySource {
  readonly #deps: FetchedKeysDeps;
  readonly #cancelFetching: CancelTimer;
  readonly #closing = new AbortController();
  #keys: JsonWebKeySet;
  #fetchedAtMs: number;

  /** Throws `ConfigurationError` where they cannot be had. */
  static async open(deps: FetchedKeysDeps): Promise<FetchedKeys> {
    return new FetchedKeys(await fetchKeys(deps), deps);
  }

  private constructor(keys: JsonWebKeySet, deps: FetchedKeysDeps) {
    this.#deps = deps;
    this.#keys = keys;
    this.#fetchedAtMs = deps.clock.monotonicMs();
    this.#cancelFetching = setRepeating(deps.clock, () => void this.#fetch(), FETCH_INTERVAL_MS);
  }

  current(): JsonWebKeySet {
    return this.#keys;
  }

  lookAgain(): void {
    if (this.#deps.clock.monotonicMs() - this.#fetchedAtMs >= LOOK_AGAIN_INTERVAL_MS) void this.#fetch();
  }

  close(): void {
    this.#cancelFetching();
    this.#closing.abort();
  }

  async #fetch(): Promise<void> {
    this.#fetchedAtMs = this.#deps.clock.monotonicMs();
    try {
      this.#keys = await fetchKeys(this.#deps, this.#closing.signal);
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#deps.failed(error);
    }
  }
}

async function fetchKeys({ url, option }: FetchedKeysDeps, closing?: AbortSignal): Promise<JsonWebKeySet> {
  const timeout = AbortSignal.timeout(FETCH_TIMEOUT_MS);
  const signal = closing ? AbortSignal.any([timeout, closing]) : timeout;
  const keys = await fetchJson(url, signal).catch((error) => {
    throw new ConfigurationError(option, `cannot be had from ${url}: ${causeOf(error)}`);
  });
  return readKeySet(keys, option);
}

async function fetchJson(url: string, signal: AbortSignal): Promise<unknown> {
  // A redirect could lead from https to http.
  const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`the answer was HTTP ${response.status}`);
  return response.json();
}

function causeOf(error: Error): string {
  return (error.cause as Error | undefined)?.message || error.message;
}
