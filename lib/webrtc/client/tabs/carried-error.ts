import {
  CredentialError,
  InnmeshError,
  InvalidMessageError,
  MessageTooLargeError,
  NotEntitledError,
} from '@innmesh/protocol';
import {
  DeliveryError,
  LinkError,
  NotConnectedError,
  OutboxFullError,
  PeerMessageError,
  SignalingLostError,
  SignalingRefusedError,
  SignalingUnreachableError,
  StorageFullError,
  StorageTakenOverError,
  TabSharingError,
  TurnError,
  UnknownPeerError,
} from '../errors.ts';

/** An error as it crosses between tabs: structured clone keeps neither class nor own fields. */
export interface CarriedError {
  message: string;
  /** The instance's own fields, `code` and `name` among them. */
  fields: Record<string, unknown>;
  cause: CarriedError | null;
}

/** What a session throws or reports, by the stable code that crosses. */
export const carriedClasses: Record<string, { prototype: InnmeshError }> = {
  INVALID_MESSAGE: InvalidMessageError,
  MESSAGE_TOO_LARGE: MessageTooLargeError,
  SIGNALING_UNREACHABLE: SignalingUnreachableError,
  SIGNALING_REFUSED: SignalingRefusedError,
  SIGNALING_LOST: SignalingLostError,
  NOT_CONNECTED: NotConnectedError,
  UNKNOWN_PEER: UnknownPeerError,
  OUTBOX_FULL: OutboxFullError,
  NOT_DELIVERED: DeliveryError,
  INVALID_PEER_MESSAGE: PeerMessageError,
  LINK_FAILED: LinkError,
  TURN_FAILED: TurnError,
  CREDENTIAL_REFUSED: CredentialError,
  NOT_ENTITLED: NotEntitledError,
  STORAGE_FULL: StorageFullError,
  STORAGE_TAKEN_OVER: StorageTakenOverError,
  TAB_SHARING_FAILED: TabSharingError,
};

export function carryError(error: unknown): CarriedError {
  if (!(error instanceof Error)) return { message: String(error), fields: {}, cause: null };
  const fields = error instanceof InnmeshError ? { ...error } : { name: error.name };
  return { message: error.message, fields, cause: error.cause === undefined ? null : carryError(error.cause) };
}

/** The same class with the same fields; its stack is this tab's. */
export function rebuildError({ message, fields, cause }: CarriedError): Error {
  const error = new Error(message, cause ? { cause: rebuildError(cause) } : undefined);
  const known = carriedClasses[String(fields.code)];
  if (known) Object.setPrototypeOf(error, known.prototype);
  return Object.assign(error, fields);
}
