/** The bounds that both ends check. A frame over one is refused whole, never cut. */
export const limits = {
  /** Device to server: a join or one offer is under 4 KiB; the rest is room for long candidate lists. */
  signalingFrameBytes: 16 * 1024,
  /** Server to device: a roster of 10,000 devices. */
  rosterFrameBytes: 4 * 1024 * 1024,
  /** The longest heartbeat interval: a dead socket is noticed within an hour at the worst. */
  heartbeatMs: 30 * 60 * 1000,
  tenantIdCharacters: 128,
  deviceNameCharacters: 128,
  capabilities: 64,
  capabilityCharacters: 64,
  /** Larger messages are refused by `send()`. */
  messageBytes: 16 * 1024 * 1024,
  /**
   * One frame on a data channel. Messages of one turn share a frame up to this size and longer ones are cut into
   * pieces of it: 16 KiB is what every WebRTC implementation takes (RFC 8831 §6.6).
   */
  channelFrameBytes: 16 * 1024,
  /** JSON deeper than this is taken for an attack on the parser's stack. */
  jsonDepth: 64,
} as const;
