import { type CredentialProblem, closeCodes } from '@innmesh/protocol';
import type { Obstacle } from '../obstacle.ts';

/** What mends it (docs/errors.md). */
export function adviceAgainst({ code, closeCode, problem }: Obstacle): string {
  return (
    BY_PROBLEM[problem as CredentialProblem] ?? BY_CLOSE_CODE[closeCode ?? 0] ?? BY_CODE[code] ?? LOOK_FOR_CREDENTIAL
  );
}

export const SAME_VERSION =
  'Bring the server and this page to the same version: reload the page, or update the server.';
const CLOCKS = 'Set the date and time of this device, and of the server: a minute of difference is allowed.';
const ENROL = 'Enrol the device again, for this hotel and for what it does here.';
const FAULTY = 'Enrol the device again. If that does not help, look at what gives this page its credential.';
const PUT_OUT = 'A manager has put it out, and may let it in again.';
const LOOK_AGAIN = 'Look again in a minute. If it has not come back by itself, reload the page.';
const LOOK_FOR_CREDENTIAL =
  'Look again in a minute, and reload the page. If it stays so, look at what gives this page its credential.';

const BY_PROBLEM: Record<CredentialProblem, string> = {
  missing: 'Enrol this device: it has no credential, and the server lets nobody in without one.',
  malformed: FAULTY,
  algorithm: FAULTY,
  'unknown-key':
    'It is tried again by itself. If it stays so, compare the issuer of this device with the one that the server trusts (INNMESH_ISSUER_KEYS).',
  signature:
    'If a proxy stands before the server, have it leave the Host header as it is, or name its hosts to the server (INNMESH_PUBLIC_HOSTS). If none does, enrol the device again.',
  expired: `${CLOCKS} If they are right, see that this device reaches the issuer, which renews its credential.`,
  'not-yet-valid': CLOCKS,
  'other-tenant': ENROL,
  'other-device': ENROL,
  'other-role': ENROL,
  revoked: PUT_OUT,
};

const BY_CLOSE_CODE: Record<number, string> = {
  [closeCodes.malformedFrame]: SAME_VERSION,
  [closeCodes.unsupportedVersion]: SAME_VERSION,
  [closeCodes.revoked]: PUT_OUT,
  [closeCodes.timedOut]:
    'Wait a minute: the server has more to do than it can. If it stays so, look into its log, and at what keeps its machine busy.',
  [closeCodes.replaced]: 'Close this device where else it is open, or reload this page to have it here.',
  [closeCodes.flooding]:
    'Wait a minute: it is a limit of the server. If it stays so, look into the server’s log, and raise the limit or find what asks so much of it.',
  [closeCodes.roomFull]:
    'It is let in when another device has left: it is a limit of the server (tenant.devices), which can be raised.',
};

const BY_CODE: Record<string, string> = {
  SIGNALING_UNREACHABLE: LOOK_AGAIN,
  SIGNALING_LOST: LOOK_AGAIN,
  TAB_SHARING_FAILED: 'Show that tab, or close it: this one then takes its place.',
  ISSUER_UNREACHABLE:
    'See that the issuer runs, and that this device reaches its address: it has no credential that is still good, and asks for one again by itself.',
  ISSUER_REFUSED: 'Enrol the device again, or ask a manager to let it in.',
  ENROLMENT_DENIED: 'Ask a manager to let it in.',
};
