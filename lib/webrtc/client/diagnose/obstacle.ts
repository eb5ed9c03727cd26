import { closeCodes, isCredentialRefusal } from '@innmesh/protocol';

/** Why this device is not in its room. Tabs hand it to each other. */
export interface Obstacle {
  /** The error's own; empty for what an application's source of credentials throws. */
  code: string;
  /** With which a server closed the socket; `null` where none did. */
  closeCode: number | null;
  /** What is wrong with the credential (docs/errors.md); empty where that is not it. */
  problem: string;
  words: string;
}

/** By its code: with `instanceof`, pages would load their errors from a file of its own. */
type Failure = {
  code?: unknown;
  message?: string;
  closeCode?: number;
  problem?: string;
  attempts?: readonly { closeCode: number | null; reason: string }[];
};

/** From here on, close codes are this protocol's own. */
const FIRST_REFUSAL = closeCodes.malformedFrame;

/** Of what `connect()`, or a try to come back, failed with; `null` where that says nothing. */
export function obstacleOf(failure: unknown): Obstacle | null {
  const { code, message, closeCode = null, problem = '', attempts } = (failure ?? {}) as Failure;
  if (attempts) {
    const attempt = attempts.find((each) => (each.closeCode ?? 0) >= FIRST_REFUSAL) ?? attempts[0];
    return attempt ? ofAttempt(attempt.closeCode, attempt.reason) : null;
  }
  if (failure === null || failure === undefined) return null;
  return {
    code: typeof code === 'string' ? code : '',
    closeCode,
    problem: code === 'CREDENTIAL_REFUSED' ? problem : '',
    words: message ?? String(failure),
  };
}

function ofAttempt(closeCode: number | null, words: string): Obstacle {
  const problem = isCredentialRefusal(closeCode) ? (words.split(':')[0] ?? '') : '';
  return { code: 'SIGNALING_UNREACHABLE', closeCode, problem, words };
}
