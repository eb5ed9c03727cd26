import { InnmeshError, isCredentialRefusal, isFatalCloseCode } from '@innmesh/protocol';

export { StorageFullError, StorageTakenOverError } from './journal/store/errors.ts';

export interface ServerAttempt {
  url: string;
  reason: string;
  /** The WebSocket close code; `null` where the platform would not even open the socket. */
  closeCode: number | null;
}

/** No signaling server let the device in. */
export class SignalingUnreachableError extends InnmeshError {
  override readonly name = 'SignalingUnreachableError';
  readonly code = 'SIGNALING_UNREACHABLE';
  /** Each server that was tried, in order, and why it failed. */
  readonly attempts: readonly ServerAttempt[];

  constructor(attempts: readonly ServerAttempt[]) {
    const list = attempts.map(({ url, reason }) => `${url} (${reason.replace(/\.$/, '')})`).join('; ');
    const advice = attempts.every(({ closeCode }) => isCredentialRefusal(closeCode))
      ? 'It needs another credential.'
      : 'Check the addresses, and that a server runs there.';
    super(`No signaling server let this device in: ${list}. ${advice}`);
    this.attempts = attempts;
  }

  /** Not where every server has refused the device for good. */
  override shouldRetry(): boolean {
    return this.attempts.some(({ closeCode }) => closeCode === null || !isFatalCloseCode(closeCode));
  }
}

/** The server closed the connection for good: another version, or this device came in elsewhere. */
export class SignalingRefusedError extends InnmeshError {
  override readonly name = 'SignalingRefusedError';
  readonly code = 'SIGNALING_REFUSED';
  /** The WebSocket close code. */
  readonly closeCode: number;

  constructor(url: string, closeCode: number, reason: string) {
    super(`${url} ended the connection for good: ${reason || 'no reason given'} (${closeCode}).`);
    this.closeCode = closeCode;
  }
}

/**
 * The signaling server is lost: `autoReconnect` is off, or the server broke the protocol or this device a limit. Links to
 * peers stand on their own.
 */
export class SignalingLostError extends InnmeshError {
  override readonly name = 'SignalingLostError';
  readonly code = 'SIGNALING_LOST';

  constructor(url: string, reason: string) {
    super(`The connection to ${url} is lost: ${reason}. Call connect() to come back; autoReconnect does so by itself.`);
  }

  override shouldRetry(): boolean {
    return true;
  }
}

/** The call needs a connection, and `connect()` was not called or `disconnect()` was. */
export class NotConnectedError extends InnmeshError {
  override readonly name = 'NotConnectedError';
  readonly code = 'NOT_CONNECTED';

  constructor(doing: string) {
    super(`${doing} needs a connection: await connect() first.`);
  }
}

/** A message is for a peer that this device has never met. */
export class UnknownPeerError extends InnmeshError {
  override readonly name = 'UnknownPeerError';
  readonly code = 'UNKNOWN_PEER';
  readonly peerId: string;

  constructor(peerId: string) {
    super(`No device with the id "${peerId}" has been in this room. getPeers() tells who is.`);
    this.peerId = peerId;
  }
}

/** Too much waits to be delivered. */
export class OutboxFullError extends InnmeshError {
  override readonly name = 'OutboxFullError';
  readonly code = 'OUTBOX_FULL';

  constructor(entries: number, bytes: number) {
    super(
      `${entries} messages (${bytes} bytes) wait to be delivered; this device keeps no more. Await "delivered" of earlier ones.`,
    );
  }

  override shouldRetry(): boolean {
    return true;
  }
}

/** Why a message was not delivered. */
export type DeliveryFailure = 'expired' | 'disconnected';

const FAILURES: Record<DeliveryFailure, string> = {
  expired: 'its time to live ran out before a device took it',
  disconnected: 'disconnect() was called, or the tab that held it was closed, before a device was known to have it',
};

/** What a `Delivery` rejects with. */
export class DeliveryError extends InnmeshError {
  override readonly name = 'DeliveryError';
  readonly code = 'NOT_DELIVERED';
  readonly reason: DeliveryFailure;

  constructor(type: string, reason: DeliveryFailure) {
    super(`The "${type}" message was not delivered: ${FAILURES[reason]}.`);
    this.reason = reason;
  }

  override shouldRetry(): boolean {
    return true;
  }
}

/** A peer sent what is no valid message. It was not delivered. */
export class PeerMessageError extends InnmeshError {
  override readonly name = 'PeerMessageError';
  readonly code = 'INVALID_PEER_MESSAGE';
  readonly peerId: string;

  constructor(peerId: string, cause: Error) {
    super(`Peer ${peerId} sent something invalid, which was not delivered. ${cause.message}`, { cause });
    this.peerId = peerId;
  }
}

/** A link to a peer could not be opened, or broke. Innmesh tries again by itself while the peer is in the room. */
export class LinkError extends InnmeshError {
  override readonly name = 'LinkError';
  readonly code = 'LINK_FAILED';
  readonly peerId: string;

  /** `cause`: a CredentialError or a NotEntitledError where the peer is not accepted. */
  constructor(peerId: string, problem: string, options?: { cause?: unknown }) {
    super(`The link to ${peerId} failed: ${problem}`, options);
    this.peerId = peerId;
  }

  override shouldRetry(): boolean {
    return true;
  }
}

/** None of the relays (TURN servers) takes this device. Links that find a direct way are none the worse for it. */
export class TurnError extends InnmeshError {
  override readonly name = 'TurnError';
  readonly code = 'TURN_FAILED';
  /** The one that was tried last. */
  readonly url: string;
  /** What it answered (RFC 8656 §19): 401 where it does not accept the credential; 701 where there is none, 0 where it was not even asked. */
  readonly errorCode: number;

  constructor(url: string, errorCode: number, errorText: string) {
    const advice =
      errorCode === 401
        ? 'Compare the secrets and clocks of the relay and of who gave the credential.'
        : 'Check its address, that it can be reached from here, and the secret.';
    super(
      `No relay (TURN server) takes this device. ${url}: ${errorText || 'no reason given'} (${errorCode}). ${advice}`,
    );
    this.url = url;
    this.errorCode = errorCode;
  }

  override shouldRetry(): boolean {
    return true;
  }
}

/** The tab of this browser that holds the connection does not answer, or the code for sharing it could not be loaded. */
export class TabSharingError extends InnmeshError {
  override readonly name = 'TabSharingError';
  readonly code = 'TAB_SHARING_FAILED';

  constructor(problem: string, options?: { cause: unknown }) {
    super(`This tab shares its connection with others of this browser: ${problem}`, options);
  }

  override shouldRetry(): boolean {
    return true;
  }
}

/** An application's event handler threw; `cause` is what it threw. */
export class HandlerError extends InnmeshError {
  override readonly name = 'HandlerError';
  readonly code = 'HANDLER_FAILED';

  constructor(event: string, cause: unknown) {
    super(`A handler of "${event}" threw: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
