import { openCredentialStore } from '#credential-store';
import { ageOf, type CredentialStore, credentialKey, type KeptCredential } from './credential-store.ts';
import { enrol } from './enrolling.ts';
import { IssuerRefusedError, IssuerUnreachableError } from './errors.ts';
import { keptOf } from './issued.ts';
import { type EnrolmentDeps, enrolmentDeps, IssuerApi } from './issuer-api.ts';
import type { CredentialRequest, EnrolmentCode } from './types.ts';

export interface EnrolledCredentialOptions {
  /** The address that `/v1/` is under: `https://id.example.com`. */
  issuer: string;
  /** Shows the code to whoever is in front of the device. Called again with a new one when it has expired. */
  onCode(code: EnrolmentCode): void;
  /** The operator's code, which makes this device the property's first manager. */
  setupCode?: string;
  /** Asks the issuer even where the kept credential is new: a page that shows the device's standing. Default: false. */
  alwaysRenew?: boolean;
  /** Ends the asking; the source then rejects with its reason. */
  signal?: AbortSignal;
  /** Default: IndexedDB in browsers, `~/.innmesh/credentials.json` (mode 0600) in Node. */
  store?: CredentialStore;
}

/** A device that has a good credential does not wait longer than this for a newer one. */
const RENEWAL_TIMEOUT_MS = 4_000;
/** The part of a credential's life after which it is renewed. */
const RENEW_AT_AGE = 0.5;

/**
 * A source of credentials for a device that a manager lets in. It returns the kept one while that has more than half of
 * its life before it and no server has refused it; renews it otherwise, or returns it as long as it is good where the
 * issuer does not answer; and where there is none, or it was revoked, asks a manager by way of `onCode`.
 *
 * The source rejects with `IssuerUnreachableError`, `IssuerRefusedError` or `EnrolmentDeniedError`.
 */
export function enrolledCredential(options: EnrolledCredentialOptions, deps: EnrolmentDeps = enrolmentDeps) {
  const store = options.store ?? openCredentialStore();
  let underWay: Promise<string> | undefined;
  return (request: CredentialRequest): Promise<string> => {
    underWay ??= new EnrolledDevice(options, store, request, deps).credential().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}

class EnrolledDevice {
  readonly #options: EnrolledCredentialOptions;
  readonly #store: CredentialStore;
  readonly #request: CredentialRequest;
  readonly #deps: EnrolmentDeps;
  readonly #api: IssuerApi;
  readonly #key: string;

  constructor(
    options: EnrolledCredentialOptions,
    store: CredentialStore,
    request: CredentialRequest,
    deps: EnrolmentDeps,
  ) {
    this.#options = options;
    this.#store = store;
    this.#request = request;
    this.#deps = deps;
    this.#api = new IssuerApi(options.issuer, request.device, deps);
    this.#key = credentialKey(options.issuer, request.tenantId, request.device.peerId);
  }

  async credential(): Promise<string> {
    const kept = await this.#store.read(this.#key);
    if (!kept) return this.#enrol();
    if (!this.#mustRenew() && ageOf(kept, this.#deps.clock.nowMs()) < RENEW_AT_AGE) {
      if (!kept.isConfirmed) this.#confirm(kept);
      return kept.credential;
    }
    return (await this.#renew(kept)) ?? this.#enrol();
  }

  /** One that a server has refused may be made good by what the issuer has changed since. */
  #mustRenew(): boolean {
    return this.#options.alwaysRenew === true || this.#request.refused !== undefined;
  }

  async #enrol(): Promise<string> {
    return this.#keep(await enrol(this.#api, this.#request, this.#options, this.#deps));
  }

  /** `null` when this device is not enrolled any more. */
  async #renew(kept: KeptCredential): Promise<string | null> {
    const { tenantId } = this.#request;
    const { signal } = this.#options;
    const isGood = !this.#request.refused && ageOf(kept, this.#deps.clock.nowMs()) < 1;
    const options = { signal, ...(isGood && { timeoutMs: RENEWAL_TIMEOUT_MS }) };
    try {
      const answer = await this.#api.post('/v1/renewals', { tenantId, renewalToken: kept.renewalToken ?? '' }, options);
      return await this.#keep(keptOf(answer, this.#deps.clock));
    } catch (error) {
      if (isOut(error)) return this.#forget();
      if (isGood && isPassing(error)) return kept.credential;
      throw error;
    }
  }

  async #forget(): Promise<null> {
    await this.#store.remove(this.#key);
    return null;
  }

  async #keep(kept: KeptCredential): Promise<string> {
    await this.#store.write(this.#key, kept);
    this.#confirm(kept);
    return kept.credential;
  }

  /** The issuer then takes the old token for what it is, should it turn up. In the background: it can be told later. */
  async #confirm(kept: KeptCredential): Promise<void> {
    const { tenantId } = this.#request;
    try {
      await this.#api.post('/v1/renewals/confirm', { tenantId, renewalToken: kept.renewalToken ?? '' });
      const now = await this.#store.read(this.#key);
      if (now?.renewalToken !== kept.renewalToken) return;
      await this.#store.write(this.#key, { ...kept, isConfirmed: true });
    } catch {
      // The next time that a credential is asked for.
    }
  }
}

/** Revoked, or enrolled anew as something else. */
function isOut(error: unknown): boolean {
  const codes = ['invalid_renewal_token', 'renewal_token_reused'];
  return error instanceof IssuerRefusedError && codes.includes(error.problem);
}

function isPassing(error: unknown): boolean {
  return error instanceof IssuerUnreachableError || (error instanceof IssuerRefusedError && error.shouldRetry());
}
