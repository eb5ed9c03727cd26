import type { Clock } from '@innmesh/kit';
import { CREDENTIAL_TYPE, type CredentialClaims, DENY_LIST_TYPE, type JsonWebKeySet } from '@innmesh/protocol';
import type { Trust } from '../auth/assemble-auth.ts';
import { fixedKeys } from '../auth/issuer-key-source.ts';
import { generateSigningKey, type SigningKey, signJws } from '../auth/signatures.ts';
import { idOf, type Seat } from './device-keys.ts';

/** Signs whatever a test wants signed. */
export class TestIssuer {
  readonly key: SigningKey;
  readonly #clock: Clock;

  constructor(clock: Clock, key = generateSigningKey().key) {
    this.#clock = clock;
    this.key = key;
  }

  get keySet(): JsonWebKeySet {
    return { keys: [this.key.jwk] };
  }

  /** Of a server that believes this issuer. */
  trust(more: Partial<Trust> = {}): Trust {
    return { keys: fixedKeys(this.keySet), hosts: [], ...more };
  }

  claims({ tenantId = 'hotel', name = 'peer', type = 'staff' }: Seat = {}): CredentialClaims {
    const nowS = Math.floor(this.#clock.nowMs() / 1000);
    const peerId = idOf(name);
    const subject = { sub: peerId, cnf: { jkt: peerId }, tenant: tenantId, role: type };
    return { iss: 'https://id.test', ...subject, caps: ['orders', 'printing'], gen: 0, iat: nowS, exp: nowS + 3_600 };
  }

  /** A credential of the device in this seat; what `otherwise` says goes before. */
  credential(seat: Seat = {}, otherwise: Partial<CredentialClaims> = {}): string {
    return signJws(CREDENTIAL_TYPE, this.key, { ...this.claims(seat), ...otherwise });
  }

  /** The seat with its credential. */
  enrolled(seat: Seat = {}, otherwise: Partial<CredentialClaims> = {}): Seat {
    return { ...seat, credential: this.credential(seat, otherwise) };
  }

  /** By name, the first generation that is still good. */
  denyList(seq: number, denied: Record<string, number>, tenantId = 'hotel'): string {
    const byId = Object.fromEntries(Object.entries(denied).map(([name, firstGood]) => [idOf(name), firstGood]));
    const iat = Math.floor(this.#clock.nowMs() / 1000);
    return signJws(DENY_LIST_TYPE, this.key, { iss: 'https://id.test', tenant: tenantId, seq, iat, denied: byId });
  }
}
