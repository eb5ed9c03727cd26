import { type CloseCode, type CredentialError, closeCodes } from '@innmesh/protocol';

/**
 * Why the server turned something away: a label of the metrics and a field of the log, so the list is short and never
 * holds anything that a client sent.
 */
export const refusalKinds = [
  'unauthorized',
  'revoked',
  'malformed_frame',
  'frame_too_large',
  'unsupported_version',
  'join_timeout',
  'heartbeat_lost',
  'slow_reader',
  'flooding',
  'frames_before_join',
  'device_joins',
  'device_frames',
  'device_bytes',
  'tenant_joins',
  'tenant_frames',
  'tenant_bytes',
  'relay_off',
  'device_sealed_bytes',
  'tenant_sealed_bytes',
  'slow_receiver',
  'room_full',
  'protocol_error',
  'server_connections',
  'address_connections',
  'address_sockets',
  'address_new_sockets',
  'address_failed_joins',
  'origin',
  'token_in_url',
  'metrics_token',
  'malformed_request',
  'slow_request',
  'headers_too_large',
  'body_too_large',
] as const;

export type RefusalKind = (typeof refusalKinds)[number];

/** A refusal of a socket that is open: it is closed with this. */
export interface SocketRefusal {
  kind: RefusalKind;
  code: CloseCode;
  /** For the other side. At most 123 bytes of it arrive (RFC 6455 §5.5). */
  reason: string;
}

interface Meaning {
  /** Where the place that closes says nothing closer. */
  kind: RefusalKind;
  /** Before the join, whether this is what becomes of a guesser; a full room is no guess. */
  isFailedJoin: boolean;
}

const meanings: Record<Exclude<CloseCode, NotRefused>, Meaning> = {
  [closeCodes.frameTooLarge]: { kind: 'frame_too_large', isFailedJoin: true },
  [closeCodes.malformedFrame]: { kind: 'malformed_frame', isFailedJoin: true },
  [closeCodes.unauthorized]: { kind: 'unauthorized', isFailedJoin: true },
  [closeCodes.revoked]: { kind: 'revoked', isFailedJoin: true },
  [closeCodes.unsupportedVersion]: { kind: 'unsupported_version', isFailedJoin: false },
  [closeCodes.timedOut]: { kind: 'join_timeout', isFailedJoin: false },
  [closeCodes.flooding]: { kind: 'flooding', isFailedJoin: false },
  [closeCodes.roomFull]: { kind: 'room_full', isFailedJoin: false },
};

/** Codes that blame nobody. */
type NotRefused = typeof closeCodes.goingAway | typeof closeCodes.replaced;

const meaningOf = (code: number): Meaning | undefined => (meanings as Partial<Record<number, Meaning>>)[code];

export function refusalKindOf(code: number): RefusalKind {
  return meaningOf(code)?.kind ?? 'protocol_error';
}

export function isFailedJoin(code: number): boolean {
  return meaningOf(code)?.isFailedJoin ?? false;
}

/** `expired: its time is over`: a client reads the problem up to the colon. */
export function refusalOf({ problem, message }: CredentialError): SocketRefusal {
  const code = problem === 'revoked' ? closeCodes.revoked : closeCodes.unauthorized;
  const explanation = message.slice(message.indexOf('): ') + 3);
  return { code, kind: refusalKindOf(code), reason: `${problem}: ${explanation}` };
}
