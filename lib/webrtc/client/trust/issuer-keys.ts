import type { Clock } from '@innmesh/kit';
import { CredentialError, type JsonWebKeySet, readKeySet } from '@innmesh/protocol';
import type { Device } from '../identity/device.ts';

export interface IssuerKeysDeps {
  clock: Clock;
  device: Pick<Device, 'recall' | 'remember'>;
  fetchJson(url: string): Promise<unknown>;
}

/** A key that nobody knows makes no more requests than one in this time. */
const MIN_REFRESH_INTERVAL_MS = 10_000;
const MAX_DEVELOPMENT_KEYS = 8;

/** The public keys of the property's issuer, by which every other device's credential is checked. */
export class IssuerKeys {
  readonly #deps: IssuerKeysDeps;
  #url: string | null = null;
  #development: JsonWebKeySet['keys'] = [];
  #keys: Promise<JsonWebKeySet> | null = null;
  #fetchedAtMs = Number.NEGATIVE_INFINITY;

  /** `configured`: the keys, or where they are. */
  constructor(configured: JsonWebKeySet | string | undefined, deps: IssuerKeysDeps) {
    this.#deps = deps;
    if (typeof configured === 'string') this.#url = configured;
    else if (configured) this.#keys = Promise.resolve(configured);
  }

  /** Nobody has said whom to trust. */
  get areUnknown(): boolean {
    return !this.#keys && !this.#url;
  }

  /** Where the keys of this device's own issuer are, for an application that did not say. */
  trust(url: string): void {
    this.#url ??= url;
  }

  /** Those of a server in development mode. A device that has not come back since its restart still shows the older. */
  trustAlso({ keys }: JsonWebKeySet): void {
    this.#development = [...keys, ...this.#development].slice(0, MAX_DEVELOPMENT_KEYS);
    this.#keys = Promise.resolve({ keys: this.#development });
  }

  /** Those kept from an earlier run, or else fetched. */
  current(): Promise<JsonWebKeySet> {
    const url = this.#url;
    if (!this.#keys && url === null) return Promise.reject(unknown('this device knows no issuer'));
    this.#keys ??= this.#recall(String(url));
    return this.#keys;
  }

  /** Anew from where they are, at most every 10 seconds; as they are where that fails. */
  refresh(): Promise<JsonWebKeySet> {
    const nowMs = this.#deps.clock.monotonicMs();
    const url = this.#url;
    if (url === null || nowMs - this.#fetchedAtMs < MIN_REFRESH_INTERVAL_MS) return this.current();
    this.#fetchedAtMs = nowMs;
    const before = this.#keys;
    this.#keys = this.#fetch(url).catch((error) => before ?? Promise.reject(error));
    return this.#keys;
  }

  async #recall(url: string): Promise<JsonWebKeySet> {
    const kept = await this.#deps.device.recall(`issuer-keys ${url}`).catch(() => undefined);
    if (kept === undefined) return this.#fetch(url);
    const keys = readKeySet(JSON.parse(kept));
    // One that the issuer has taken back is not good for ever.
    this.#keys = Promise.resolve(keys);
    this.refresh();
    return keys;
  }

  async #fetch(url: string): Promise<JsonWebKeySet> {
    try {
      const keys = readKeySet(await this.#deps.fetchJson(url), url);
      this.#deps.device.remember(`issuer-keys ${url}`, JSON.stringify(keys)).catch(() => {});
      return keys;
    } catch (cause) {
      this.#keys = null;
      throw unknown(`the issuer's keys could not be had from ${url} (${(cause as Error).message})`);
    }
  }
}

const unknown = (explanation: string) => new CredentialError('unknown-key', explanation);
