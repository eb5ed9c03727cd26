import type { Clock } from '@innmesh/kit';

export interface UsageTableOptions<Usage> {
  create(): Usage;
  clock: Clock;
  /** How long a key that nobody holds is remembered at least; at most twice as long. */
  keepIdleMs: number;
  /** Of the keys that nobody holds, how many are remembered at most. */
  maxIdle: number;
}

interface Entry<Usage> {
  usage: Usage;
  holders: number;
}

/**
 * What addresses, devices and tenants have used. Keys in use are held; of the others there are two generations, and the
 * older one is dropped as a whole, so that a million keys cost neither memory nor a walk through them.
 */
export class UsageTable<Usage> {
  readonly #options: UsageTableOptions<Usage>;
  readonly #held = new Map<string, Entry<Usage>>();
  #young = new Map<string, Entry<Usage>>();
  #old = new Map<string, Entry<Usage>>();
  #turnedAtMs: number;

  constructor(options: UsageTableOptions<Usage>) {
    this.#options = options;
    this.#turnedAtMs = options.clock.monotonicMs();
  }

  /** The key's usage, which is kept until each `hold` was answered by a `release`. */
  hold(key: string): Usage {
    const entry = this.#held.get(key) ?? this.#wake(key);
    entry.holders += 1;
    return entry.usage;
  }

  release(key: string): void {
    const entry = this.#held.get(key);
    if (!entry) return;
    entry.holders -= 1;
    if (entry.holders > 0) return;
    this.#held.delete(key);
    this.#young.set(key, entry);
    this.sweep();
  }

  /** Without creating or holding anything. */
  peek(key: string): Usage | undefined {
    return (this.#held.get(key) ?? this.#young.get(key) ?? this.#old.get(key))?.usage;
  }

  holdersOf(key: string): number {
    return this.#held.get(key)?.holders ?? 0;
  }

  /** Forgets what was idle for long. Called now and then, so that memory comes back after an attack. */
  sweep(): void {
    const nowMs = this.#options.clock.monotonicMs();
    const isDue = nowMs - this.#turnedAtMs >= this.#options.keepIdleMs;
    if (!isDue && this.#young.size <= this.#options.maxIdle / 2) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#turnedAtMs = nowMs;
  }

  /** Keys that are remembered, held ones included. */
  get size(): number {
    return this.#held.size + this.#young.size + this.#old.size;
  }

  #wake(key: string): Entry<Usage> {
    const entry = this.#young.get(key) ?? this.#old.get(key) ?? { usage: this.#options.create(), holders: 0 };
    this.#young.delete(key);
    this.#old.delete(key);
    this.#held.set(key, entry);
    return entry;
  }
}
