/** All that the core knows of a connection; an adapter makes one of whatever its runtime has. */
export interface Socket {
  readonly isOpen: boolean;
  /** Bytes that were sent and that the other side has not taken yet. */
  readonly bufferedBytes: number;
  send(frame: Uint8Array<ArrayBuffer>): void;
  /** Says why, then closes. `reason` is at most 123 bytes long (RFC 6455 §5.5). */
  close(code: number, reason: string): void;
  /** Cuts the connection without a word, for one that does not answer any more. */
  terminate(): void;
}

/** What an adapter tells the core of a socket. */
export interface SocketEvents {
  /** `null` for a text message, which this protocol does not have. */
  received(frame: Uint8Array<ArrayBuffer> | null): void;
  /** Whether the ping (RFC 6455 §5.5.2) may be answered: it counts as a frame, lest a flood of them goes unseen. */
  pinged(sizeBytes: number): boolean;
  closed(): void;
}
