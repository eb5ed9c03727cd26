import type { IssuerKey, JsonWebKeySet } from '@innmesh/protocol';
import * as s from '@innmesh/protocol/schema';
import { generateSigningKey, readSigningKey, type SigningKey } from '../auth/signatures.ts';
import { newSecret } from './secrets.ts';

/**
 * The issuer's keys as they are kept. There is always a next one, and it is published from the day it is made: when its
 * turn comes, every device has long had it, also one that has been without the internet since.
 */
const keyRingSchema = s.object({
  version: s.wholeNumber({ min: 1, max: 1 }),
  /** PKCS #8 in PEM. */
  current: s.text(),
  currentSinceMs: s.number(),
  next: s.text(),
  /** Public halves, published until the last credential that they signed has expired. */
  retired: s.list(s.object({ jwk: s.anything as s.Schema<IssuerKey>, untilMs: s.number() })),
  /** What renewal tokens and table keys are derived from. */
  secret: s.text(),
});

export type KeyRingState = s.InferOutput<typeof keyRingSchema>;

/** Where the state is kept between two runs. */
export interface KeyRingFile {
  /** `undefined` at the first start. */
  read(): unknown;
  write(state: KeyRingState): void;
}

export interface KeyRingTimes {
  /** How long one key signs. */
  keyLifetimeMs: number;
  /** How long what it signed is good for at most. */
  longestCredentialMs: number;
}

/** Signs with the current key, and moves on to the next one in time. */
export class KeyRing {
  readonly #file: KeyRingFile;
  readonly #times: KeyRingTimes;
  #state: KeyRingState;
  #current: SigningKey;

  /** Makes the keys at the first start. Throws for a file that is none of ours: it is never written over. */
  constructor(file: KeyRingFile, times: KeyRingTimes, nowMs: number) {
    this.#file = file;
    this.#times = times;
    const kept = file.read();
    this.#state =
      kept === undefined
        ? firstKeys(nowMs)
        : s.read(keyRingSchema, kept, (path, problem) => new TypeError(`The key ring’s "${path}" ${problem}.`));
    if (kept === undefined) file.write(this.#state);
    this.#current = readSigningKey(this.#state.current);
  }

  get secret(): string {
    return this.#state.secret;
  }

  /** The key to sign with now. */
  signingKey(nowMs: number): SigningKey {
    if (nowMs >= this.#state.currentSinceMs + this.#times.keyLifetimeMs) this.rotate(nowMs);
    return this.#current;
  }

  /** What others verify with. */
  publicKeys(nowMs: number): JsonWebKeySet {
    const retired = this.#state.retired.filter(({ untilMs }) => untilMs > nowMs).map(({ jwk }) => jwk);
    return { keys: [this.#current.jwk, readSigningKey(this.#state.next).jwk, ...retired] };
  }

  /** The next key signs from now on, and a new one is published for the time after it. */
  rotate(nowMs: number): void {
    const { current, next, retired } = this.#state;
    const untilMs = nowMs + this.#times.longestCredentialMs;
    const state: KeyRingState = {
      ...this.#state,
      current: next,
      currentSinceMs: nowMs,
      next: generateSigningKey().privatePem,
      retired: [...retired.filter((key) => key.untilMs > nowMs), { jwk: readSigningKey(current).jwk, untilMs }],
    };
    // On disk before it signs: a key that nobody could look up again would strand whoever got a credential of it.
    this.#file.write(state);
    this.#state = state;
    this.#current = readSigningKey(state.current);
  }
}

function firstKeys(nowMs: number): KeyRingState {
  const [current, next] = [generateSigningKey().privatePem, generateSigningKey().privatePem];
  return { version: 1, current, currentSinceMs: nowMs, next, retired: [], secret: newSecret() };
}
