import { InnmeshError } from '@innmesh/protocol';

/** The issuer does not answer. */
export class IssuerUnreachableError extends InnmeshError {
  override readonly name = 'IssuerUnreachableError';
  readonly code = 'ISSUER_UNREACHABLE';

  constructor(issuer: string, cause: unknown) {
    super(
      `The issuer at ${issuer} does not answer. Check the address and the network; this device goes on trying when asked.`,
      {
        cause,
      },
    );
  }

  override shouldRetry(): boolean {
    return true;
  }
}

/** What the issuer says of a refusal (RFC 9457). */
export interface ProblemBody {
  /** Stable: `invalid_setup_code`. See `docs/operations/issuer.md`. */
  code: string;
  status: number;
  /** For people. */
  detail: string;
  retryAfterSeconds?: number | undefined;
  serverTimeMs?: number | undefined;
}

/** The issuer refuses the request. */
export class IssuerRefusedError extends InnmeshError {
  override readonly name = 'IssuerRefusedError';
  readonly code = 'ISSUER_REFUSED';
  /** `invalid_setup_code`, `unknown_tenant`: the issuer's own code. */
  readonly problem: string;
  readonly status: number;
  /** When it may go better; `null` where it says nothing of that. */
  readonly retryAfterSeconds: number | null;

  constructor({ code, status, detail, retryAfterSeconds }: ProblemBody) {
    super(detail);
    this.problem = code;
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds ?? null;
  }

  override shouldRetry(): boolean {
    return this.retryAfterSeconds !== null || this.status >= 500;
  }
}

/** A manager has turned this device down. */
export class EnrolmentDeniedError extends InnmeshError {
  override readonly name = 'EnrolmentDeniedError';
  readonly code = 'ENROLMENT_DENIED';

  constructor() {
    super('A manager has turned this device down. Ask again if that was a mistake.');
  }
}
