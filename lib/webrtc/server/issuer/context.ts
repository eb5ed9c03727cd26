import type { Clock, Random } from '@innmesh/kit';
import { AttemptLimiter } from './attempt-limiter.ts';
import type { KeyRing } from './key-ring.ts';
import { type IssuerLimits, SETUP_CODE_TRIES, USER_CODE_TRIES } from './options.ts';
import type { IssuerStore } from './store.ts';

/** What every act of the issuer stands on. */
export interface IssuerContext {
  readonly store: IssuerStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly keys: KeyRing;
  readonly limits: IssuerLimits;
  /** `iss` of what it signs: its address. */
  readonly issuer: string;
  readonly tries: IssuerTries;
  /** Told after each change of a tenant's deny list. */
  denyListChanged(tenantId: string, token: string): void;
  /** For the operator; never a secret. */
  log(line: string): void;
}

export interface IssuerTries {
  readonly userCodesByAddress: AttemptLimiter;
  readonly userCodesByTenant: AttemptLimiter;
  readonly setupCodes: AttemptLimiter;
}

export function issuerTries(clock: Clock): IssuerTries {
  return {
    userCodesByAddress: new AttemptLimiter(USER_CODE_TRIES.perAddress, clock),
    userCodesByTenant: new AttemptLimiter(USER_CODE_TRIES.perTenant, clock),
    setupCodes: new AttemptLimiter(SETUP_CODE_TRIES, clock),
  };
}
