/** What a device keeps of its standing with one issuer. */
export interface KeptCredential {
  credential: string;
  /** Good once, for the next one; `null` for a guest. */
  renewalToken: string | null;
  /** By this device's clock, which may be wrong: only what passes by it counts. */
  receivedAtMs: number;
  lifetimeMs: number;
  /** Whether the issuer knows that this device keeps this token. */
  isConfirmed: boolean;
}

/** Where it is kept. `key` tells issuers, properties and devices apart. */
export interface CredentialStore {
  read(key: string): Promise<KeptCredential | undefined>;
  write(key: string, kept: KeptCredential): Promise<void>;
  remove(key: string): Promise<void>;
}

export function credentialKey(issuer: string, tenantId: string, peerId: string): string {
  return JSON.stringify([issuer.replace(/\/+$/, ''), tenantId, peerId]);
}

/** Forgets with the process; for tests. */
export class MemoryCredentialStore implements CredentialStore {
  readonly #kept = new Map<string, KeptCredential>();

  async read(key: string): Promise<KeptCredential | undefined> {
    return this.#kept.get(key);
  }

  async write(key: string, kept: KeptCredential): Promise<void> {
    this.#kept.set(key, kept);
  }

  async remove(key: string): Promise<void> {
    this.#kept.delete(key);
  }
}

/** The part of its life that has passed: 0 new, 1 over. Over too where the clock was set back: nobody knows then. */
export function ageOf({ receivedAtMs, lifetimeMs }: KeptCredential, nowMs: number): number {
  const passedMs = nowMs - receivedAtMs;
  return passedMs < 0 ? 1 : passedMs / lifetimeMs;
}
