import type { Clock } from '@innmesh/kit';
import type { JsonWebKeySet } from '@innmesh/protocol';
import type { IssuerKeySource } from './issuer-key-source.ts';

export interface PolledKeysDeps {
  clock: Clock;
  /** `null`: as they were. What it throws leaves the old ones in place, but for the first time. */
  read(): JsonWebKeySet | null;
  failed(error: unknown): void;
}

/** A key that was taken out is believed for so long. */
const READ_INTERVAL_MS = 60_000;
/** Strangers decide how often a key is unknown. */
const LOOK_AGAIN_INTERVAL_MS = 10_000;

/** Keys of a file or a function: read when they are needed, and not at every join. */
export class PolledKeys implements IssuerKeySource {
  readonly #deps: PolledKeysDeps;
  #keys: JsonWebKeySet;
  #readAtMs: number;

  /** Throws what the first reading throws. */
  constructor(deps: PolledKeysDeps) {
    this.#deps = deps;
    this.#keys = deps.read() ?? { keys: [] };
    this.#readAtMs = deps.clock.monotonicMs();
  }

  current(): JsonWebKeySet {
    this.#readUnlessWithin(READ_INTERVAL_MS);
    return this.#keys;
  }

  lookAgain(): void {
    this.#readUnlessWithin(LOOK_AGAIN_INTERVAL_MS);
  }

  close(): void {}

  #readUnlessWithin(intervalMs: number): void {
    const nowMs = this.#deps.clock.monotonicMs();
    if (nowMs - this.#readAtMs < intervalMs) return;
    this.#readAtMs = nowMs;
    try {
      this.#keys = this.#deps.read() ?? this.#keys;
    } catch (error) {
      this.#deps.failed(error);
    }
  }
}
