/** Where a socket comes from, as far as the core has to know. */
export interface Remote {
  /** What its address is counted under. */
  readonly key: string;
  /** Its address for the log, truncated. */
  readonly label: string;
  /** Whether the address has not had too many refused joins of late. */
  mayTryJoin(): boolean;
  joinFailed(): void;
}

/** For sockets without an address, as in tests and simulations. */
export const anywhere: Remote = { key: '', label: 'unknown', mayTryJoin: () => true, joinFailed() {} };
