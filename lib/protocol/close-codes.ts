/* What a device does something about stands apart from the rest, which a page thus leaves out. */
const UNAUTHORIZED = 4401;
const REVOKED = 4403;
const UNSUPPORTED_VERSION = 4406;
const REPLACED = 4409;
const FLOODING = 4429;
const ROOM_FULL = 4430;
const MALFORMED_FRAME = 4400;
export const TIMED_OUT = 4408;

/** Why a signaling server closes a socket: WebSocket close codes, registered ones (RFC 6455 §7.4) and our 44xx. */
export const closeCodes = {
  /** The server stops; come back, there or elsewhere. */
  goingAway: 1001,
  frameTooLarge: 1009,
  malformedFrame: MALFORMED_FRAME,
  /** The credential, or the proof that came with it, is not accepted. */
  unauthorized: UNAUTHORIZED,
  /** The device was revoked. */
  revoked: REVOKED,
  unsupportedVersion: UNSUPPORTED_VERSION,
  /** No `join` in time, or silent for two heartbeats. */
  timedOut: TIMED_OUT,
  /** The same device joined through another socket, which takes over. */
  replaced: REPLACED,
  /** More than a limit allows, of the device, its address or its tenant; later it may. */
  flooding: FLOODING,
  /** As many devices as a tenant may have are there; when one leaves, another may come. */
  roomFull: ROOM_FULL,
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

/** The same device joined through another socket. */
export function isReplaced(code: number): boolean {
  return code === REPLACED;
}

/** The server lets in no more for now. */
export function isOverLimit(code: number | null): boolean {
  return code === FLOODING || code === ROOM_FULL;
}

/** The server has more to do than it can, or lets in no more for now: whoever comes back at once only adds to it. */
export function asksForPatience(code: number | null): boolean {
  return code === TIMED_OUT || isOverLimit(code);
}

/** One end did what the protocol or a limit forbids; neither the network nor a server that stops is to blame. */
export function isFault(code: number): boolean {
  return [1002, 1007, 1008, 1009, MALFORMED_FRAME, FLOODING, ROOM_FULL].includes(code);
}
