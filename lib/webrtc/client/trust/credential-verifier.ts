import { type Clock, dropOldest } from '@innmesh/kit';
import {
  type Credential,
  type CredentialClaims,
  CredentialError,
  checkClaims,
  type DenyList,
  type Jws,
  readCredential,
  readDenyList,
  signingKeyOf,
} from '@innmesh/protocol';
import type { Cryptography } from '../identity/cryptography.ts';
import type { IssuerKeys } from './issuer-keys.ts';

export interface CredentialVerifierDeps {
  tenantId: string;
  keys: IssuerKeys;
  clock: Clock;
  loadCryptography(): Promise<Cryptography>;
}

/** Devices whose credential is not verified anew when their link is. */
const MAX_KNOWN = 1_000;

/** Checks by itself, without any server, what the issuer is said to have signed. */
export class CredentialVerifier {
  readonly #deps: CredentialVerifierDeps;
  /** By the credential's text. Only what a genuine signature said; times and deny list are looked at each time. */
  readonly #genuine = new Map<string, Credential>();
  #denyList: DenyList | null = null;

  constructor(deps: CredentialVerifierDeps) {
    this.#deps = deps;
  }

  /** The newest that this device has seen. */
  get denyList(): DenyList | null {
    return this.#denyList;
  }

  /** What the issuer says of the device. Throws `CredentialError`. */
  async verify(token: string, peerId: string): Promise<CredentialClaims> {
    const { claims } = this.#genuine.get(token) ?? (await this.#verifyCredential(token));
    this.check(claims, peerId);
    return claims;
  }

  /**
   * What the issuer said of the device once, whether it still holds or not. Throws `CredentialError`. `isDevelopment`: a
   * server in development mode forgets its key when it restarts, and vouches for whatever anybody says anyway.
   */
  async verifyGenuine(token: string, peerId: string, isDevelopment: boolean): Promise<CredentialClaims> {
    const known = this.#genuine.get(token) ?? (isDevelopment ? readCredential(token) : undefined);
    const { claims } = known ?? (await this.#verifyCredential(token));
    checkClaims(claims, { nowMs: claims.iat * 1000, tenantId: this.#deps.tenantId, peerId });
    return claims;
  }

  /** Whether verified claims still hold. Throws `CredentialError`. */
  check(claims: CredentialClaims, peerId: string): void {
    const { clock, tenantId } = this.#deps;
    checkClaims(claims, { nowMs: clock.nowMs(), tenantId, peerId, denied: this.#denyList?.generations });
  }

  /** Whether it is a newer one, which counts from now on. Throws `CredentialError` for what the issuer did not sign. */
  async takeDenyList(token: string): Promise<boolean> {
    const list = readDenyList(token);
    if (!this.#isNewer(list)) return false;
    await this.#verifySignature(list.jws);
    // Another one may have come meanwhile.
    if (!this.#isNewer(list)) return false;
    this.#denyList = list;
    return true;
  }

  #isNewer({ tenantId, seq }: DenyList): boolean {
    return tenantId === this.#deps.tenantId && seq > (this.#denyList?.seq ?? -1);
  }

  async #verifyCredential(token: string): Promise<Credential> {
    const credential = readCredential(token);
    await this.#verifySignature(credential.jws);
    this.#genuine.set(token, credential);
    dropOldest(this.#genuine, MAX_KNOWN);
    return credential;
  }

  async #verifySignature(jws: Jws): Promise<void> {
    const [cryptography, key] = await Promise.all([this.#deps.loadCryptography(), this.#keyOf(jws)]);
    const isGenuine = await cryptography.verifyIssuer(key, jws);
    if (!isGenuine) throw new CredentialError('signature', 'the issuer did not sign it');
  }

  /** A key that is not known may be newer than those that are. */
  async #keyOf(jws: Jws) {
    const { keys } = this.#deps;
    try {
      return signingKeyOf(jws, await keys.current());
    } catch (error) {
      if (!(error instanceof CredentialError) || error.problem !== 'unknown-key') throw error;
      return signingKeyOf(jws, await keys.refresh());
    }
  }
}
