/** Everything that Innmesh throws or reports. `code` is stable; `docs/errors.md` explains each. */
export abstract class InnmeshError extends Error {
  abstract readonly code: string;
  /** Written out in each class, as a bundler shortens the classes' own names. */
  abstract override readonly name: string;

  /** Whether the same call may succeed later without a change of its input. */
  shouldRetry(): boolean {
    return false;
  }
}

/** A message does not fit its schema. */
export class InvalidMessageError extends InnmeshError {
  override readonly name = 'InvalidMessageError';
  readonly code = 'INVALID_MESSAGE';
  /** The wrong field, from the message's root: `order.items[0].quantity`. Empty for the message as a whole. */
  readonly path: string;

  constructor(path: string, problem: string) {
    super(`Invalid message: ${path ? `"${path}" ` : ''}${problem}`);
    this.path = path;
  }
}

/** Bytes from the other end are no frame of this protocol version. */
export class MalformedFrameError extends InnmeshError {
  override readonly name = 'MalformedFrameError';
  readonly code = 'MALFORMED_FRAME';
}

/** An encoded message is over `limits.messageBytes`. */
export class MessageTooLargeError extends InnmeshError {
  override readonly name = 'MessageTooLargeError';
  readonly code = 'MESSAGE_TOO_LARGE';

  constructor(sizeBytes: number, limitBytes: number) {
    super(
      `The message is ${sizeBytes} bytes long; the limit is ${limitBytes}. Send it in parts, or a reference to it.`,
    );
  }
}

/** A field of a configuration is missing or wrong. */
export class ConfigurationError extends InnmeshError {
  override readonly name = 'ConfigurationError';
  readonly code = 'INVALID_CONFIGURATION';
  /** `deviceInfo.type`, `signalingServers[0]`. */
  readonly path: string;

  constructor(path: string, problem: string) {
    super(`Invalid configuration: "${path}" ${problem}.`);
    this.path = path;
  }
}

/** What is wrong with a credential. `expired`, `unknown-key` and `not-yet-valid` may mend themselves, the others not. */
export type CredentialProblem =
  | 'missing'
  | 'malformed'
  | 'algorithm'
  | 'unknown-key'
  | 'signature'
  | 'expired'
  | 'not-yet-valid'
  | 'other-tenant'
  | 'other-device'
  | 'other-role'
  | 'revoked';

/** A credential, or the proof that came with it, is not accepted: this device's at a server, or a peer's here. */
export class CredentialError extends InnmeshError {
  override readonly name = 'CredentialError';
  readonly code = 'CREDENTIAL_REFUSED';
  readonly problem: CredentialProblem;

  /** `explanation` goes on from "it was refused:". */
  constructor(problem: CredentialProblem, explanation: string) {
    super(`The credential was refused (${problem}): ${explanation}.`);
    this.problem = problem;
  }

  /** After a renewal, a fetch of the issuer's keys, or a look at the clock. */
  override shouldRetry(): boolean {
    return ['expired', 'unknown-key', 'not-yet-valid'].includes(this.problem);
  }
}

/** The entitlement table does not let a device of this role write that message, or send it there. */
export class NotEntitledError extends InnmeshError {
  override readonly name = 'NotEntitledError';
  readonly code = 'NOT_ENTITLED';
}
