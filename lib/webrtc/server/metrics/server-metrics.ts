import type { RefusalKind } from '../refusals.ts';

/** What the server counts. Nothing that a client sent goes in, so that the number of series is bounded. */
export interface ServerMetrics {
  refused(kind: RefusalKind): void;
  /** A device is in its room, so long after its socket was opened. */
  joined(tookMs: number): void;
  /** A frame was handed on to another device. Called for each one, so it allocates nothing. */
  relayed(sizeBytes: number): void;
  /** One of them was sealed: two devices talk through the server. */
  relayedSealed(sizeBytes: number): void;
}

export const noMetrics: ServerMetrics = { refused() {}, joined() {}, relayed() {}, relayedSealed() {} };
