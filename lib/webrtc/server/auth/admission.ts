import {
  type CredentialClaims,
  CredentialError,
  type DeviceInfo,
  type DeviceMessage,
  encodeJoinTranscript,
  NONCE_BYTES,
} from '@innmesh/protocol';
import type { Allowance } from '../limits/allowance.ts';
import type { JoinGate } from '../limits/join-gate.ts';
import { refusalOf, type SocketRefusal } from '../refusals.ts';
import type { Remote } from '../remote.ts';
import { type CredentialChecker, type Holder, requireRole } from './credential-checker.ts';
import type { DevelopmentIssuer } from './development-issuer.ts';
import { thumbprintOf, verifiesDevice } from './signatures.ts';

export type Join = Extract<DeviceMessage, { type: 'join' }>;
type Nonce = Uint8Array<ArrayBuffer>;

/** A device that may come in, as its credential has it. */
export interface Admitted extends Holder {
  device: DeviceInfo;
  claims: CredentialClaims;
  allowance: Allowance;
  /** In development mode, what the device is to be given; otherwise empty. */
  issued: Issued;
}

interface Issued {
  credential: string;
  issuerKeys: string;
}

export type Decision<T> = { refusal: SocketRefusal; granted?: undefined } | { refusal: null; granted: T };

export interface AdmissionDeps {
  gate: Pick<JoinGate, 'refuseToTry' | 'admit'>;
  checker: CredentialChecker;
  /** In development mode. */
  developmentIssuer: DevelopmentIssuer | null;
  /** What clients know the server by; empty: whatever their request named. */
  hosts: readonly string[];
  randomBytes(length: number): Uint8Array;
}

const NOTHING_ISSUED: Issued = { credential: '', issuerKeys: '' };

/** Decides who may come in. No step of it waits, so nothing can change between one and the next. */
export class Admission {
  readonly #deps: AdmissionDeps;

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
  }

  challenge(): { nonce: Nonce; development: boolean } {
    const { randomBytes, developmentIssuer } = this.#deps;
    return { nonce: new Uint8Array(randomBytes(NONCE_BYTES)), development: developmentIssuer !== null };
  }

  /** What is cheap comes first: an address that guesses is turned away before anything is verified for it. */
  admit(join: Join, challenge: Nonce, remote: Remote): Decision<Admitted> {
    const holder = { tenantId: join.tenantId, peerId: thumbprintOf(join.publicKey) };
    const entrant = { ...holder, remote };
    const tooManyFailures = this.#deps.gate.refuseToTry(entrant);
    if (tooManyFailures) return { refusal: tooManyFailures };
    const identified = decide(() => this.#identify(join, holder, challenge, remote));
    if (identified.refusal) return identified;
    const entry = this.#deps.gate.admit(entrant);
    if (!entry.admitted) return { refusal: entry.refusal };
    return { refusal: null, granted: { ...identified.granted, allowance: entry.allowance } };
  }

  /** A newer credential of a device that is in. */
  renew({ tenantId, peerId, device }: Admitted, credential: string): Decision<CredentialClaims> {
    return decide(() => {
      const claims = this.#deps.checker.check(credential, { tenantId, peerId });
      requireRole(claims, device.type);
      return claims;
    });
  }

  #identify(join: Join, holder: Holder, challenge: Nonce, { host }: Remote): Omit<Admitted, 'allowance'> {
    this.#requireSignature(join, challenge, host);
    const { claims, issued } = this.#credentialOf(join, holder);
    requireRole(claims, join.device.type);
    const capabilities = granted(join.device.capabilities, claims.caps);
    return { ...holder, claims, issued, device: { ...join.device, capabilities } };
  }

  #requireSignature({ tenantId, publicKey, signature }: Join, challenge: Nonce, dialled: string): void {
    const hosts = this.#deps.hosts.length > 0 ? this.#deps.hosts : [dialled];
    const isSigned = hosts.some((host) =>
      verifiesDevice(publicKey, signature, encodeJoinTranscript({ host, challenge, tenantId })),
    );
    if (isSigned) return;
    throw new CredentialError('signature', `not signed for "${hosts[0]}". Behind a proxy set auth.hosts`);
  }

  #credentialOf({ credential, device }: Join, holder: Holder): { claims: CredentialClaims; issued: Issued } {
    const { developmentIssuer, checker } = this.#deps;
    const issuerKeys = developmentIssuer?.publicKeys ?? '';
    if (credential !== '') {
      const claims = checker.check(credential, holder);
      return { claims, issued: { ...NOTHING_ISSUED, issuerKeys } };
    }
    if (!developmentIssuer) throw new CredentialError('missing', 'this server lets in only devices that have one');
    const { claims, token } = developmentIssuer.issue(holder, device);
    return { claims, issued: { credential: token, issuerKeys } };
  }
}

/** `*` is any, as in development mode. */
function granted(claimed: readonly string[], capabilities: readonly string[]): string[] {
  return capabilities.includes('*') ? [...claimed] : claimed.filter((each) => capabilities.includes(each));
}

function decide<T>(work: () => T): Decision<T> {
  try {
    return { refusal: null, granted: work() };
  } catch (error) {
    if (error instanceof CredentialError) return { refusal: refusalOf(error) };
    throw error;
  }
}
