import type { Random } from '@innmesh/kit';
import {
  type CredentialClaims,
  CredentialError,
  encodeLinkMessage,
  JOURNAL_ID_BYTES,
  type LinkMessage,
  PROTOCOL_VERSION,
} from '@innmesh/protocol';
import { cutIntoPieces, packBatch } from '../../lib/protocol/test-support/frames.ts';
import { type Lane, lanes } from '../../lib/webrtc/client/link/transport.ts';
import { below, happens, pick } from './chance.ts';
import { type Frame, mutate } from './mutations.ts';

export type Authenticate = LinkMessage & { type: 'authenticate' };

export interface Utterance {
  lane: Lane;
  frame: Frame;
}

/** Longer than a frame. */
const longEntry = encodeLinkMessage({ type: 'entry', seq: 1, body: new Uint8Array(40_000).fill(7) });

/** The other side of a link: says what is due, almost that, or anything else. */
export class FuzzedPeer {
  readonly #random: Random;
  readonly #credential: string;
  readonly #due: Utterance[] = [];
  readonly #greeted = new Set<Lane>();
  #hasShown = false;

  constructor(random: Random, credential: string) {
    this.#random = random;
    this.#credential = credential;
  }

  next(): Utterance {
    const random = this.#random;
    const due = this.#due.shift();
    if (due && happens(random, 0.95)) return this.#spoiled(due, 0.03);
    if (this.#hasShown && happens(random, 0.02)) this.#sayAtLength();
    const lane = pick(random, [lanes.entries, lanes.bulk]);
    return happens(random, 0.03) ? this.#outOfTurn(lane) : this.#inTurn(lane);
  }

  #inTurn(lane: Lane): Utterance {
    const random = this.#random;
    // Few mistakes so far: a link ends with the first one, and most are meant for open ones.
    if (!this.#hasShown) {
      this.#hasShown = true;
      return this.#spoiled(utterance(lanes.entries, [this.#proof()]), 0.1);
    }
    if (!this.#greeted.has(lane)) {
      this.#greeted.add(lane);
      return this.#spoiled(utterance(lane, [this.#hello()]), 0.1);
    }
    const isFarewell = happens(random, 0.03);
    const messages = isFarewell
      ? this.#farewell()
      : Array.from({ length: 1 + below(random, 3) }, () => this.#message());
    return this.#spoiled(utterance(lane, messages), 0.15);
  }

  /** It ends amid a frame, and what stands behind that in the frame comes too late. */
  #farewell(): LinkMessage[] {
    const bye: LinkMessage = { type: 'bye' };
    return [bye, this.#message(), bye, this.#message(), bye, this.#message(), this.#message()];
  }

  #outOfTurn(lane: Lane): Utterance {
    const messages = [this.#proof(), this.#hello(), this.#message()];
    return this.#spoiled(utterance(lane, [pick(this.#random, messages), pick(this.#random, messages)]), 0.3);
  }

  /** In the frame, or in one of its records, the frame around it being right. */
  #spoiled({ lane, frame }: Utterance, probability: number): Utterance {
    const random = this.#random;
    if (!happens(random, probability)) return { lane, frame };
    const stranger = encodeLinkMessage(this.#message());
    if (happens(random, 0.5)) return { lane, frame: mutate(frame, random, packBatch([stranger])) };
    return { lane, frame: packBatch([mutate(encodeLinkMessage(this.#message()), random, stranger)]) };
  }

  #sayAtLength(): void {
    const lane = pick(this.#random, [lanes.entries, lanes.bulk]);
    for (const frame of cutIntoPieces(longEntry)) this.#due.push({ lane, frame });
  }

  #proof(): Authenticate {
    const random = this.#random;
    const version = happens(random, 0.97) ? PROTOCOL_VERSION : below(random, 2 ** 32);
    const [publicKey, signature] = [random.bytes(65) as Frame, random.bytes(64) as Frame];
    return { type: 'authenticate', version, credential: this.#credential, publicKey, signature };
  }

  #hello(): LinkMessage {
    const journal = () => this.#random.bytes(JOURNAL_ID_BYTES) as Frame;
    return { type: 'hello', journal: journal(), knownJournal: journal(), cursors: [0, below(this.#random, 1_000)] };
  }

  #message(): LinkMessage {
    const random = this.#random;
    const seq = 1 + (happens(random, 0.9) ? below(random, 1_000) : pick(random, [2 ** 32, 2 ** 53 - 2]));
    if (happens(random, 0.05)) return { type: 'bye' };
    return pick<LinkMessage>(random, [
      { type: 'entry', seq, body: random.bytes(below(random, 30)) as Frame },
      { type: 'cursor', lane: below(random, 3), seq },
      { type: 'ping', nonce: below(random, 2 ** 32) },
      { type: 'pong', nonce: below(random, 5) },
      { type: 'renew', credential: this.#credential },
      { type: 'deny', list: this.#credential },
    ]);
  }
}

function utterance(lane: Lane, messages: readonly LinkMessage[]): Utterance {
  return { lane, frame: packBatch(messages.map(encodeLinkMessage)) };
}

/** Believes, refuses, or takes its time. */
export class FuzzedJudge {
  readonly #random: Random;
  readonly #claims: CredentialClaims;
  readonly #undecided: (() => void)[] = [];

  constructor(random: Random, claims: CredentialClaims) {
    this.#random = random;
    this.#claims = claims;
  }

  judge(): Promise<CredentialClaims> {
    if (happens(this.#random, 0.5)) return Promise.resolve().then(() => this.#verdict());
    return new Promise((resolve, reject) => {
      this.#undecided.push(() =>
        Promise.resolve()
          .then(() => this.#verdict())
          .then(resolve, reject),
      );
    });
  }

  decide(): void {
    for (const decide of this.#undecided.splice(0)) decide();
  }

  /** Throws now and then. */
  check(): void {
    if (happens(this.#random, 0.1)) throw new CredentialError('expired', 'its time is over');
  }

  #verdict(): CredentialClaims {
    if (happens(this.#random, 0.1)) throw new CredentialError('signature', 'the issuer did not sign it');
    return this.#claims;
  }
}
