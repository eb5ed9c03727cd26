const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Times and bounds of an issuer. Each default has its reason. */
export interface IssuerLimits {
  /**
   * A staff device's credential, in milliseconds. Devices renew it at half of that, so half a day without the internet
   * does no harm; and a device that is lost while nobody hears of the deny list is out within a day. Default: 24 hours.
   */
  credentialMs: number;
  /** A table's session where staff name no end: long enough for a dinner. Default: 4 hours. */
  sessionMs: number;
  /** The longest session, and so the longest credential of a guest. Default: 12 hours. */
  longestSessionMs: number;
  /** Phones at one table in one session; a bound on what a table's key is worth in wrong hands. Default: 24. */
  guestsPerSession: number;
  /** How long a device's code is good for. Default: 15 minutes. */
  enrolmentMs: number;
  /** How often a device may ask whether it was approved, in seconds. Default: 3 (RFC 8628 suggests 5). */
  pollIntervalSeconds: number;
  /** Devices that wait for a manager, per tenant. Default: 50. */
  pendingPerTenant: number;
  /** Of those, from one address: somebody on the guests' WiFi must not take all places. Default: 20. */
  pendingPerAddress: number;
  /** A setup code. Default: 24 hours. */
  setupCodeMs: number;
  /**
   * How long a used renewal token still yields its successor, the same one, to the same device's key, after the device has
   * confirmed that; before it does so always. Default: 60 seconds.
   */
  renewalGraceMs: number;
  /**
   * A device that has not renewed for this long asks a manager again: it may have been sold. Default: 400 days, as a
   * seasonal house is closed for half of a year.
   */
  idleMs: number;
  /** How far a proof's time may be off ours, in milliseconds. Default: 60 seconds. */
  proofSkewMs: number;
  /** How long one key signs; the next one is published for all that time. Default: 90 days. */
  keyLifetimeMs: number;
}

export const defaultLimits: IssuerLimits = {
  credentialMs: 24 * HOUR_MS,
  sessionMs: 4 * HOUR_MS,
  longestSessionMs: 12 * HOUR_MS,
  guestsPerSession: 24,
  enrolmentMs: 15 * MINUTE_MS,
  pollIntervalSeconds: 3,
  pendingPerTenant: 50,
  pendingPerAddress: 20,
  setupCodeMs: DAY_MS,
  renewalGraceMs: MINUTE_MS,
  idleMs: 400 * DAY_MS,
  proofSkewMs: MINUTE_MS,
  keyLifetimeMs: 90 * DAY_MS,
};

/** What may open and close tables: the roles of whoever serves them. A manager may too. */
export const TABLE_ROLES: readonly string[] = ['staff', 'pos'];
/** The capability that makes a device a manager's. */
export const MANAGE_DEVICES = 'manage-devices';

/**
 * Guessing a user code. A code is open for `enrolmentMs`, in which a tenant has at most 100 wrong tries, all managers'
 * together, against at most 50 open codes out of 20⁸: 100 × 50 / 2.56 × 10¹⁰ ≈ 2 × 10⁻⁷ (RFC 8628 §5.1 asks to bound
 * it). Only managers can try, so nobody from outside can lock them out.
 */
export const USER_CODE_TRIES = {
  perAddress: { failures: 10, windowMs: 15 * MINUTE_MS },
  perTenant: { failures: 100, windowMs: 15 * MINUTE_MS },
};

/** Guessing a setup code: 10 tries a quarter of an hour from one address, against 20¹⁶ ≈ 6.6 × 10²⁰. */
export const SETUP_CODE_TRIES = { failures: 10, windowMs: 15 * MINUTE_MS };
