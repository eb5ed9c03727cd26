import { InnmeshError } from '@innmesh/protocol';

/** Each refusal's HTTP status. The codes are stable; `docs/operations/issuer.md` explains each. */
const statuses = {
  // RFC 8628 §3.5: answers to a device that polls.
  authorization_pending: 400,
  slow_down: 400,
  access_denied: 400,
  expired_token: 400,
  // The request itself.
  invalid_request: 400,
  unsupported_media_type: 415,
  body_too_large: 413,
  not_found: 404,
  method_not_allowed: 405,
  too_many_requests: 429,
  // Who asks.
  invalid_dpop_proof: 401,
  stale_dpop_proof: 401,
  invalid_credential: 401,
  not_allowed: 403,
  // What is asked for.
  unknown_tenant: 404,
  invalid_setup_code: 403,
  tenant_exists: 409,
  unknown_user_code: 404,
  too_many_pending: 429,
  unknown_device: 404,
  last_manager: 409,
  invalid_renewal_token: 403,
  renewal_token_reused: 403,
  unknown_table: 404,
  invalid_table_key: 403,
  table_closed: 403,
  table_full: 403,
  internal_error: 500,
} as const;

export type ProblemCode = keyof typeof statuses;
export const problemCodes = Object.keys(statuses) as ProblemCode[];

/** What of a problem is for programs: RFC 9457 §3.2 calls them extension members. */
export interface ProblemDetails {
  /** When to ask again. */
  retryAfterSeconds?: number;
  /** The server's time, for a device whose clock is wrong. */
  serverTimeMs?: number;
  /** The wrong field: `device.name`. */
  path?: string;
}

/** The issuer refuses a request. `message` says what happened and what to do. */
export class IssuerProblem extends InnmeshError {
  override readonly name = 'IssuerProblem';
  readonly code: ProblemCode;
  readonly details: ProblemDetails;

  constructor(code: ProblemCode, message: string, details: ProblemDetails = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return statuses[this.code];
  }

  override shouldRetry(): boolean {
    return this.details.retryAfterSeconds !== undefined || this.code === 'stale_dpop_proof';
  }
}
