import {
  type CredentialClaims,
  decodeLinkMessage,
  isHelloRecord,
  type LinkMessage,
  MalformedFrameError,
  PROTOCOL_VERSION,
} from '@innmesh/protocol';
import type { Authenticate } from '../trust/trust.ts';
import type { LinkAuthentication } from './link-authentication.ts';
import { type Lane, lanes } from './transport.ts';

export type Hello = Extract<LinkMessage, { type: 'hello' }>;

/** By what a device makes itself known. */
export type Shown = Pick<Authenticate, 'publicKey' | 'credential'>;

export interface HandshakeDeps {
  authentication: LinkAuthentication;
  /** What this side begins with. */
  hello(): Hello;
  /** On the lane of the entries. */
  send(message: LinkMessage): void;
  /** The other side has said who it is: its hello may come, however long verifying that takes. */
  shown(): void;
  /** The other side is who it should be. */
  verified(): void;
  greeted(hello: Hello): void;
  /** The other side may not be linked, or not any more. */
  refused(reason: string, cause?: unknown): void;
  log(text: string): void;
}

/** Who is at the other end (SPEC.md, L5–L10): each side shows itself, and greets the other when it has verified it. */
export class Handshake {
  readonly #deps: HandshakeDeps;
  /** What the issuer says of the other side; `null` until that is verified. */
  #claims: CredentialClaims | null = null;
  /** By what the other side is known, with its newest credential. */
  #shown: Shown | null = null;
  #introduction: Promise<void> | null = null;
  #isVerifying = false;
  /** What came before the other side was verified, as it came: read, it would take ten times the room. */
  #heldHello: Uint8Array<ArrayBuffer> | null = null;
  #isOver = false;

  constructor(deps: HandshakeDeps) {
    this.#deps = deps;
  }

  get claims(): CredentialClaims | null {
    return this.#claims;
  }

  get shown(): Shown | null {
    return this.#shown;
  }

  /** First of all, whether this side's channels open first or the other's word comes first. */
  introduce(): Promise<void> {
    this.#introduction ??= this.#deps.authentication.proof().then(
      (proof) => this.#deps.send(proof),
      (error) => this.#refuse(error),
    );
    return this.#introduction;
  }

  /** The other side may have verified this one already, and greet; nothing else is listened to. */
  hearStranger(lane: Lane, record: Uint8Array<ArrayBuffer>): void {
    if (lane === lanes.entries && isHelloRecord(record) && this.#isVerifying && !this.#heldHello) {
      this.#heldHello = record;
      return;
    }
    const message = decodeLinkMessage(record);
    if (message.type === 'authenticate' && lane === lanes.entries && !this.#isVerifying) {
      this.#isVerifying = true;
      this.#deps.shown();
      this.#verify(message);
    } else {
      throw new MalformedFrameError(`"${message.type}" from a device that has not shown who it is.`);
    }
  }

  async renew(credential: string): Promise<void> {
    if (!this.#claims || !this.#shown) return;
    try {
      this.#claims = await this.#deps.authentication.renew(credential, this.#claims);
      this.#shown = { ...this.#shown, credential };
    } catch (error) {
      // The one before is good for as long as it says.
      this.#deps.log(`a renewed credential was refused: ${error}`);
    }
  }

  /** Time has gone on, or somebody was put out. */
  check(): void {
    if (!this.#claims) return;
    try {
      this.#deps.authentication.check(this.#claims);
    } catch (error) {
      this.#refuse(error);
    }
  }

  stop(): void {
    this.#isOver = true;
  }

  async #verify(proof: Authenticate): Promise<void> {
    const { authentication, verified, send, hello, greeted, refused } = this.#deps;
    if (proof.version !== PROTOCOL_VERSION) {
      refused(`it speaks version ${proof.version}, this device version ${PROTOCOL_VERSION}.`);
      return;
    }
    try {
      const claims = await authentication.verify(proof);
      await this.introduce();
      if (this.#isOver) return;
      this.#claims = claims;
      this.#shown = proof;
      verified();
      send(hello());
      if (this.#heldHello) greeted(decodeLinkMessage(this.#heldHello) as Hello);
      this.#heldHello = null;
    } catch (error) {
      this.#refuse(error);
    }
  }

  #refuse(error: unknown): void {
    this.#deps.refused(error instanceof Error ? error.message : String(error), error);
  }
}
