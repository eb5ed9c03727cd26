/* What a device does something about stands apart from the rest, which a page thus leaves out. */
const UNAUTHORIZED = 4401;
const REVOKED = 4403;
const UNSUPPORTED_VERSION = 4406;
const REPLACED = 4409;

/** Why a signaling server closes a socket: WebSocket close codes, registered ones (RFC 6455 §7.4) and our 44xx. */
export const closeCodes = {
  /** The server stops; come back, there or elsewhere. */
  goingAway: 1001,
  frameTooLarge: 1009,
  malformedFrame: 4400,
  /** The credential, or the proof that came with it, is not accepted. */
  unauthorized: UNAUTHORIZED,
  /** The device was revoked. */
  revoked: REVOKED,
  unsupportedVersion: UNSUPPORTED_VERSION,
  /** No `join` in time, or silent for two heartbeats. */
  timedOut: 4408,
  /** The same device joined through another socket, which takes over. */
  replaced: REPLACED,
  /** More than a limit allows, of the device, its address or its tenant; later it may. */
  flooding: 4429,
  /** As many devices as a tenant may have are there; when one leaves, another may come. */
  roomFull: 4430,
} as const;

export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];

/** Coming back would end the same way. With a newer credential `unauthorized` might not. */
export function isFatalCloseCode(code: number): boolean {
  return code === UNSUPPORTED_VERSION || code === REPLACED || code === REVOKED;
}

/** The server answers, and does not believe what the device showed of itself, or the device was revoked. */
export function isCredentialRefusal(code: number | null): boolean {
  return code === UNAUTHORIZED || code === REVOKED;
}
