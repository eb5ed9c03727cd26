/** Why a signaling server closes a socket: WebSocket close codes, registered ones (RFC 6455 §7.4) and our 44xx. */
export const closeCodes = {
  /** The server stops; come back, there or elsewhere. */
  goingAway: 1001,
  frameTooLarge: 1009,
  malformedFrame: 4400,
  /** The credential, or the proof that came with it, is not accepted. */
  unauthorized: 4401,
  /** The device was revoked. */
  revoked: 4403,
  unsupportedVersion: 4406,
  /** No `join` in time, or silent for two heartbeats. */
  timedOut: 4408,
  /** The same device joined through another socket, which takes over. */
  replaced: 4409,
  /** More than a limit allows, of the device, its address or its tenant; later it may. */
  flooding: 4429,
  /** As many devices as a tenant may have are there; when one leaves, another may come. */
  roomFull: 4430,
} as const;

export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];

const fatalCodes = new Set<number>([closeCodes.unsupportedVersion, closeCodes.replaced, closeCodes.revoked]);

/** Coming back would end the same way. With a newer credential `unauthorized` might not. */
export function isFatalCloseCode(code: number): boolean {
  return fatalCodes.has(code);
}

/** The server answers, and does not believe what the device showed of itself, or the device was revoked. */
export function isCredentialRefusal(code: number | null): boolean {
  return code === closeCodes.unauthorized || code === closeCodes.revoked;
}
