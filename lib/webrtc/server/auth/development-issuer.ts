import type { Clock } from '@innmesh/kit';
import { CREDENTIAL_TYPE, type CredentialClaims, type DeviceInfo, type JsonWebKeySet } from '@innmesh/protocol';
import type { Holder } from './credential-checker.ts';
import type { IssuerKeySource } from './issuer-key-source.ts';
import { generateSigningKey, type SigningKey, signJws } from './signatures.ts';

const LIFETIME_S = 12 * 60 * 60;
const NO_KEYS: JsonWebKeySet = { keys: [] };

/**
 * Gives whoever asks the credential that they ask for, so that devices check each other in development as they do for
 * real. Its key lives as long as the process: after a restart, devices ask again.
 */
export class DevelopmentIssuer implements IssuerKeySource {
  readonly #clock: Clock;
  #key: SigningKey | null = null;
  #keys = NO_KEYS;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  current(): JsonWebKeySet {
    return this.#keys;
  }

  lookAgain(): void {}
  close(): void {}

  /** The JWK set that devices check each other with. */
  get publicKeys(): string {
    this.#signingKey();
    return JSON.stringify(this.#keys);
  }

  issue({ tenantId, peerId }: Holder, { type, capabilities }: DeviceInfo): { claims: CredentialClaims; token: string } {
    const nowS = Math.floor(this.#clock.nowMs() / 1000);
    const claims: CredentialClaims = {
      iss: 'innmesh:development',
      sub: peerId,
      cnf: { jkt: peerId },
      tenant: tenantId,
      role: type,
      caps: capabilities,
      ...(type === 'guest' && { table: '*' }),
      gen: 0,
      iat: nowS,
      exp: nowS + LIFETIME_S,
    };
    return { claims, token: signJws(CREDENTIAL_TYPE, this.#signingKey(), claims) };
  }

  /** Made when it is needed: a server that checks its devices never does. */
  #signingKey(): SigningKey {
    if (!this.#key) {
      this.#key = generateSigningKey().key;
      this.#keys = { keys: [this.#key.jwk] };
    }
    return this.#key;
  }
}
