import type { Clock, Random } from '@innmesh/kit';
import {
  type CredentialClaims,
  CredentialError,
  type CredentialProblem,
  type DeviceInfo,
  type DeviceMessage,
  type Entitlements,
  encodeJoinTranscript,
  encodeLinkTranscript,
  encodeSealTranscript,
  type JsonWebKeySet,
  type LinkMessage,
  type LinkSide,
  type LinkTranscript,
  MalformedFrameError,
  NotEntitledError,
  PROTOCOL_VERSION,
  type Role,
  readKeySet,
  type SealTranscript,
  type ServerMessage,
} from '@innmesh/protocol';
import { type Cryptography, thumbprintOf } from '../identity/cryptography.ts';
import type { Device } from '../identity/device.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import type { Introduction, Origin } from '../journal/origins.ts';
import type { CredentialSource } from '../public-types.ts';
import { CredentialVerifier } from './credential-verifier.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { OwnCredential } from './own-credential.ts';

type Challenge = Extract<ServerMessage, { type: 'challenge' }>;
type Join = Extract<DeviceMessage, { type: 'join' }>;
export type Authenticate = Extract<LinkMessage, { type: 'authenticate' }>;

export interface TrustDeps {
  tenantId: string;
  deviceInfo: DeviceInfo;
  credential?: CredentialSource | undefined;
  issuerKeys?: JsonWebKeySet | string | undefined;
  entitlements: Entitlements;
  /** Called again and again. */
  identity(): Promise<DeviceIdentity>;
  loadCryptography(): Promise<Cryptography>;
  device: Pick<Device, 'recall' | 'remember'>;
  fetchJson(url: string): Promise<unknown>;
  clock: Clock;
  random: Random;
  log(text: string): void;
}

/** What this device proves of itself, and what it believes of others: SPEC.md's rules J, L and D from this side. */
export class Trust {
  readonly entitlements: Entitlements;
  readonly #deps: TrustDeps;
  readonly #keys: IssuerKeys;
  readonly #own: OwnCredential;
  readonly #verifier: CredentialVerifier;
  /** In development mode the server's word is all there is. An application that named an issuer never takes it. */
  readonly #isDevelopment: boolean;
  #peerId: string | null = null;

  /** `renewed` is called with each credential of this device that takes the place of another. */
  constructor(deps: TrustDeps, renewed: (token: string) => void) {
    const { credential, issuerKeys } = deps;
    this.entitlements = deps.entitlements;
    this.#deps = deps;
    this.#isDevelopment = credential === undefined && issuerKeys === undefined;
    this.#keys = new IssuerKeys(issuerKeys, deps);
    this.#own = new OwnCredential({ ...deps, source: credential }, renewed);
    this.#verifier = new CredentialVerifier({ ...deps, keys: this.#keys });
  }

  /** Of this device; there once it is identified. */
  get peerId(): string {
    return this.#peerId ?? '';
  }

  get role(): Role {
    return this.#own.claims?.role ?? this.#deps.deviceInfo.type;
  }

  /** A guest's. */
  get table(): string | undefined {
    return this.#own.claims?.table;
  }

  /** Empty as long as there is none. */
  get denyList(): string {
    return this.#verifier.denyList?.jws.token ?? '';
  }

  /** Has a credential ready where the application gives one; `null` where it is. Rejects with what its source throws. */
  prepare(): Promise<void> | null {
    return this.#own.isDue ? this.#prepare() : null;
  }

  async #prepare(): Promise<void> {
    await this.#own.prepare();
    const issuer = this.#own.claims?.iss;
    if (!this.#isDevelopment && this.#keys.areUnknown && issuer) this.#keys.trust(`${issuer}/v1/issuer-keys`);
  }

  /** Who this device is. Rejects where that cannot be found out. */
  async identify(): Promise<string> {
    const { peerId } = await this.#deps.identity();
    this.#peerId = peerId;
    return peerId;
  }

  /** The answer to a server's challenge. `host`: as this device dialled it. */
  async join({ nonce, development }: Challenge, host: string): Promise<Omit<Join, 'offers'>> {
    const { tenantId, deviceInfo } = this.#deps;
    const { publicKey, sign } = await this.#deps.identity();
    const signature = await sign(encodeJoinTranscript({ host, challenge: nonce, tenantId }));
    // A server in development mode knows the credentials that it has given since its last start, and gives another one.
    const credential = this.#isDevelopment && development ? '' : this.#own.token;
    return { type: 'join', tenantId, device: deviceInfo, credential, publicKey, signature };
  }

  /** Another credential in place of one that was refused. Throws where none can be had. */
  replaceCredential(): Promise<void> {
    return this.#own.replace();
  }

  /** A server refused the credential. Whether another one may be better. */
  refuse(problem: CredentialProblem): boolean {
    return this.#own.refuse(problem);
  }

  /**
   * What a server in development mode gives to a device that nobody gave anything else.
   * Throws `MalformedFrameError` where it is neither a credential nor keys.
   */
  takeDevelopment(credential: string, issuerKeys: string): void {
    if (!this.#isDevelopment || credential === '') return;
    try {
      this.#keys.trustAlso(readKeySet(JSON.parse(issuerKeys)));
      this.#own.take(credential);
    } catch (error) {
      throw new MalformedFrameError(`It gives nothing of use: ${error}`);
    }
  }

  renewWhenDue(): Promise<void> {
    return this.#own.renewWhenDue();
  }

  /** What this device shows at the beginning of a link. */
  async prove(transcript: LinkTranscript, side: LinkSide): Promise<Authenticate> {
    const { publicKey, sign } = await this.#deps.identity();
    const signature = await sign(encodeLinkTranscript(transcript, side));
    return { type: 'authenticate', version: PROTOCOL_VERSION, credential: this.#own.token, publicKey, signature };
  }

  /**
   * What a peer has shown at the beginning of a link. `side`: the peer's. Throws `CredentialError` where it is not whom
   * the link was made for, and `NotEntitledError` where the two have nothing to say to each other.
   */
  async verify(proof: Authenticate, transcript: LinkTranscript, side: LinkSide): Promise<CredentialClaims> {
    const { publicKey, signature, credential } = proof;
    const peerId = side === 'offerer' ? transcript.offererId : transcript.answererId;
    const cryptography = await this.#deps.loadCryptography();
    const signed = encodeLinkTranscript(transcript, side);
    const [id, isSigned, claims] = await Promise.all([
      thumbprintOf(publicKey, cryptography),
      cryptography.verifyDevice(publicKey, signature, signed),
      this.#verifier.verify(credential, peerId),
    ]);
    if (id !== peerId) {
      throw new CredentialError('other-device', 'the key is not that of the device the link was made for');
    }
    if (!isSigned) throw new CredentialError('signature', 'the device has not signed this very connection');
    this.#expectLinked(claims.role);
    return claims;
  }

  /** A newer credential of a peer that was verified. Throws `CredentialError`. */
  async verifyRenewal(token: string, before: CredentialClaims): Promise<CredentialClaims> {
    const claims = await this.#verifier.verify(token, before.sub);
    if (claims.role !== before.role || claims.table !== before.table) {
      throw new CredentialError('other-role', 'it is for another role than the link');
    }
    return claims;
  }

  /** This device's signature for entries of its journal. */
  async seal(transcript: Omit<SealTranscript, 'tenantId'>): Promise<Uint8Array<ArrayBuffer>> {
    const { sign } = await this.#deps.identity();
    return sign(encodeSealTranscript({ tenantId: this.#deps.tenantId, ...transcript }));
  }

  /** Whether the holder of this key has sealed that. */
  async verifySeal(
    publicKey: Uint8Array<ArrayBuffer>,
    signature: Uint8Array<ArrayBuffer>,
    transcript: Omit<SealTranscript, 'tenantId'>,
  ): Promise<boolean> {
    const cryptography = await this.#deps.loadCryptography();
    const signed = encodeSealTranscript({ tenantId: this.#deps.tenantId, ...transcript });
    return cryptography.verifyDevice(publicKey, signature, signed);
  }

  /**
   * Who wrote what another device hands on, as that one says. Its credential may be over, or denied, by now: whoever took
   * the entry from it has looked. Throws `CredentialError`.
   */
  async verifyOrigin({ peerId, publicKey, credential }: Introduction): Promise<Origin> {
    const cryptography = await this.#deps.loadCryptography();
    const [id, { role, table }] = await Promise.all([
      thumbprintOf(publicKey, cryptography),
      this.#verifier.verifyGenuine(credential, peerId, this.#isDevelopment),
    ]);
    if (id !== peerId) throw new CredentialError('other-device', 'the key is not that of the device that is named');
    return { peerId, publicKey, credential, role, table };
  }

  /** What this device shows of itself, and by which others judge what it writes. */
  async introduction(): Promise<Origin> {
    const { publicKey, peerId } = await this.#deps.identity();
    const { role, table } = this;
    return { peerId, publicKey, credential: this.#own.token, role, table };
  }

  /** Whether verified claims still hold: time goes on, and devices are put out. Throws `CredentialError`. */
  check(claims: CredentialClaims): void {
    this.#verifier.check(claims, claims.sub);
  }

  /** Whether it is newer than this device's. Throws `CredentialError` for what the issuer did not sign. */
  takeDenyList(token: string): Promise<boolean> {
    return this.#verifier.takeDenyList(token);
  }

  mayLink(role: Role): boolean {
    return this.entitlements.mayLink(this.role, role);
  }

  #expectLinked(role: Role): void {
    if (this.mayLink(role)) return;
    throw new NotEntitledError(`A device of role "${role}" and one of role "${this.role}" do not link.`);
  }
}
