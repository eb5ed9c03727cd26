/** Where a socket comes from, as far as the core has to know. */
export interface Remote {
  /** What its address is counted under. */
  readonly key: string;
  /** The server's own name and port, as the request gave them (`Host`); a device signs for it. */
  readonly host: string;
  /** Its address for the log, truncated. */
  readonly label: string;
  /** Whether the address has not had too many refused joins of late. */
  mayTryJoin(): boolean;
  joinFailed(): void;
}

/** For sockets without an address, as in tests and simulations; they say what the devices dialled. */
export const anywhere: Remote = { key: '', host: '', label: 'unknown', mayTryJoin: () => true, joinFailed() {} };
