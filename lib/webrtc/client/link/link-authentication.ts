import {
  type CredentialClaims,
  CredentialError,
  fingerprintOf,
  type LinkSide,
  type LinkTranscript,
  type Role,
} from '@innmesh/protocol';
import type { Authenticate, Trust } from '../trust/trust.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface LinkAuthenticationDeps {
  trust: Pick<Trust, 'peerId' | 'prove' | 'verify' | 'verifyRenewal' | 'check'>;
  tenantId: string;
  /** Whom the link is for. */
  peerId: string;
  /** What the server says that it is. */
  role: Role;
  /** Random, new for each link. */
  nonce: Bytes;
}

/** The two ends of a link show each other who they are, bound to this very connection (SPEC.md, L2–L9). */
export class LinkAuthentication {
  readonly nonce: Bytes;
  readonly #deps: LinkAuthenticationDeps;
  #agreed: { transcript: LinkTranscript; side: LinkSide; proof: Promise<Authenticate> } | null = null;

  constructor(deps: LinkAuthenticationDeps) {
    this.nonce = deps.nonce;
    this.#deps = deps;
  }

  /**
   * Both descriptions are known. The proof is made now, while the connection opens. Once: what comes later names the same
   * certificates (`expectSame`). Throws `CredentialError` for a second time, and for a description that names no certificate.
   */
  agree(side: LinkSide, localSdp: string, remoteSdp: string, remoteNonce: Bytes): void {
    if (this.#agreed)
      throw new CredentialError('other-device', 'the certificates of this link are agreed upon already');
    const { trust, tenantId, peerId } = this.#deps;
    const own = { id: trust.peerId, fingerprint: fingerprintOf(localSdp), nonce: this.nonce };
    const other = { id: peerId, fingerprint: fingerprintOf(remoteSdp), nonce: remoteNonce };
    if (!own.fingerprint || !other.fingerprint)
      throw new CredentialError('missing', 'a description has no fingerprint');
    const [offerer, answerer] = side === 'offerer' ? [own, other] : [other, own];
    const transcript: LinkTranscript = {
      tenantId,
      offererId: offerer.id,
      answererId: answerer.id,
      offererFingerprint: offerer.fingerprint,
      answererFingerprint: answerer.fingerprint,
      offererNonce: offerer.nonce,
      answererNonce: answerer.nonce,
    };
    const proof = trust.prove(transcript, side);
    // Whoever awaits it is told.
    proof.catch(() => {});
    this.#agreed = { transcript, side, proof };
  }

  /**
   * A description that restarts ICE. Throws `CredentialError` where it names another certificate than the one that was
   * authenticated: somebody else could take the link over.
   */
  expectSame(remoteSdp: string): void {
    if (!this.#agreed) throw notAgreed();
    const { side, transcript } = this.#agreed;
    const known = side === 'offerer' ? transcript.answererFingerprint : transcript.offererFingerprint;
    if (fingerprintOf(remoteSdp) === known) return;
    throw new CredentialError('other-device', 'a description that restarts the link names another certificate');
  }

  /** What this side shows. */
  proof(): Promise<Authenticate> {
    return this.#agreed?.proof ?? Promise.reject(notAgreed());
  }

  /** What the other side has shown. Throws `CredentialError` or `NotEntitledError`. */
  async verify(proof: Authenticate): Promise<CredentialClaims> {
    if (!this.#agreed) throw notAgreed();
    const { transcript, side } = this.#agreed;
    const claims = await this.#deps.trust.verify(proof, transcript, side === 'offerer' ? 'answerer' : 'offerer');
    if (claims.role !== this.#deps.role) {
      throw new CredentialError('other-role', `the server calls it "${this.#deps.role}", its issuer "${claims.role}"`);
    }
    return claims;
  }

  renew(token: string, before: CredentialClaims): Promise<CredentialClaims> {
    return this.#deps.trust.verifyRenewal(token, before);
  }

  /** Whether the other side may stay. Throws `CredentialError`. */
  check(claims: CredentialClaims): void {
    this.#deps.trust.check(claims);
  }
}

const notAgreed = () => new CredentialError('signature', 'the other side spoke before the descriptions were exchanged');
