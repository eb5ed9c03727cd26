import { backoffDelayMs, type Clock, type Random } from '@innmesh/kit';
import {
  type CredentialClaims,
  CredentialError,
  type CredentialProblem,
  type DeviceInfo,
  readCredential,
} from '@innmesh/protocol';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import type { CredentialSource } from '../public-types.ts';

export interface OwnCredentialDeps {
  /** `undefined` in development mode: the server gives one. */
  source: CredentialSource | undefined;
  tenantId: string;
  deviceInfo: DeviceInfo;
  clock: Clock;
  random: Random;
  identity(): Promise<DeviceIdentity>;
  log(text: string): void;
}

/** Renewed when this part of its life is over: there is as much time again to reach the issuer. */
const RENEWAL_AT = 0.5;
/** A source that goes on returning what is over is not asked all the time. */
const MIN_LIFE_MS = 20_000;
const RETRY = { baseMs: 15_000, maxMs: 300_000 };

/** What this device shows of itself, renewed in time. */
export class OwnCredential {
  readonly #deps: OwnCredentialDeps;
  readonly #renewed: (token: string) => void;
  #token = '';
  #claims: CredentialClaims | null = null;
  #renewAtMs = Number.NEGATIVE_INFINITY;
  /** Why the source gave none, and when it is asked again. */
  #failure: { error: unknown; retryAtMs: number } | null = null;
  #refused: CredentialProblem | undefined;
  #failures = 0;
  #isRenewing = false;

  /** `renewed` is called with each credential that takes the place of another. */
  constructor(deps: OwnCredentialDeps, renewed: (token: string) => void) {
    this.#deps = deps;
    this.#renewed = renewed;
  }

  /** Empty as long as there is none. */
  get token(): string {
    return this.#token;
  }

  /** As its issuer wrote them; nobody but the others verifies them. */
  get claims(): CredentialClaims | null {
    return this.#claims;
  }

  /**
   * Gets one where there is none, or where it is time for another. Throws what the application's source throws, and
   * `CredentialError` where it returns no credential, unless there is one that has not run out: what one server has refused
   * may be good for another.
   */
  async prepare(): Promise<void> {
    if (!this.isDue) return;
    try {
      await this.#obtain();
    } catch (error) {
      if (!this.#hasTime) throw error;
      this.#noteFailure(error);
    }
  }

  /** Gets another one than that which was refused. Throws as `prepare`, and for a while without asking the source again. */
  async replace(): Promise<void> {
    if (this.#failure && !this.#mayRetry) throw this.#failure.error;
    try {
      await this.#obtain();
    } catch (error) {
      this.#noteFailure(error);
      throw error;
    }
  }

  /** A server refused it. Whether another one may be better. */
  refuse(problem: CredentialProblem): boolean {
    this.#refused = problem;
    return typeof this.#deps.source === 'function';
  }

  /** There is none, or it is time for another. */
  get isDue(): boolean {
    if (this.#deps.source === undefined) return false;
    return !this.#hasTime || (this.#isOver && this.#mayRetry);
  }

  /** From the application, or from a server in development mode. */
  take(token: string): void {
    const before = this.#token;
    const { claims } = readCredential(token);
    const nowMs = this.#deps.clock.nowMs();
    this.#token = token;
    this.#claims = claims;
    this.#refused = undefined;
    this.#failure = null;
    this.#failures = 0;
    // From now and not from `iat`: what is left is what counts, and the issuer's clock may be another.
    this.#renewAtMs = nowMs + Math.max(MIN_LIFE_MS, claims.exp * 1000 - nowMs) * RENEWAL_AT;
    if (before !== '' && before !== token) this.#renewed(token);
  }

  /** To be called every second or so: no timer outlasts a device that sleeps. */
  async renewWhenDue(): Promise<void> {
    if (typeof this.#deps.source !== 'function' || this.#token === '' || this.#isRenewing) return;
    if (!this.isDue || !this.#mayRetry) return;
    this.#isRenewing = true;
    try {
      await this.#obtain();
    } catch (error) {
      this.#noteFailure(error);
    } finally {
      this.#isRenewing = false;
    }
  }

  #noteFailure(error: unknown): void {
    const { log, clock, random } = this.#deps;
    log(`the credential was not renewed: ${error}`);
    this.#failure = { error, retryAtMs: clock.nowMs() + backoffDelayMs(this.#failures, RETRY, random) };
    this.#failures += 1;
  }

  get #mayRetry(): boolean {
    return this.#failure === null || this.#deps.clock.nowMs() >= this.#failure.retryAtMs;
  }

  get #isOver(): boolean {
    return this.#refused !== undefined || this.#deps.clock.nowMs() >= this.#renewAtMs;
  }

  get #hasTime(): boolean {
    return this.#claims !== null && this.#deps.clock.nowMs() < this.#claims.exp * 1000;
  }

  async #obtain(): Promise<void> {
    const { source, tenantId, deviceInfo, identity } = this.#deps;
    const refused = this.#refused;
    const token =
      typeof source === 'function'
        ? await source({ tenantId, deviceInfo, device: await identity(), ...(refused && { refused }) })
        : source;
    if (typeof token !== 'string') throw new CredentialError('missing', 'the application gave none');
    this.take(token);
  }
}
