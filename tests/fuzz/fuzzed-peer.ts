import type { Random } from '@innmesh/kit';
import {
  type Audience,
  allSeries,
  type CredentialClaims,
  CredentialError,
  encodeEntry,
  encodeLinkMessage,
  encodeMessage,
  isShared,
  JOURNAL_ID_BYTES,
  type LinkMessage,
  PROTOCOL_VERSION,
  type Series,
  series,
} from '@innmesh/protocol';
import { cutIntoPieces, packBatch } from '../../lib/protocol/test-support/frames.ts';
import { type Lane, lanes } from '../../lib/webrtc/client/link/transport.ts';
import { below, happens, pick, pickWeighted } from './chance.ts';
import { OWN_ID } from './fuzzed-journals.ts';
import { type Frame, mutate } from './mutations.ts';

export type Authenticate = LinkMessage & { type: 'authenticate' };

export interface Utterance {
  lane: Lane;
  frame: Frame;
}

type Message<Type extends LinkMessage['type']> = Extract<LinkMessage, { type: Type }>;

/** A writer that is not at the other end. */
const ABSENT_ID = `absent${'A'.repeat(37)}`;

const isOf = (origin: string) => (stream: Message<'stream'>) => stream.origin === origin;
const isHandedOn = ({ origin, series }: Message<'stream'>) => origin !== OWN_ID && isShared(series as Series);

/** The other side of a link: says what is due, almost that, or anything else. */
export class FuzzedPeer {
  readonly #random: Random;
  readonly #credential: string;
  readonly #due: Utterance[] = [];
  readonly #peerId: string;
  /** By number. */
  readonly #streams: Message<'stream'>[] = [];
  #hasShown = false;
  #hasGreeted = false;
  #lastSeq = 0;
  /** By stream. */
  readonly #lastSeqs = new Map<number, number>();

  constructor(random: Random, credential: string, peerId: string) {
    this.#random = random;
    this.#credential = credential;
    this.#peerId = peerId;
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
    if (!this.#hasGreeted && happens(random, 0.9)) {
      this.#hasGreeted = true;
      return this.#spoiled(utterance(lanes.entries, [this.#hello()]), 0.1);
    }
    const isFarewell = happens(random, 0.03);
    const messages = isFarewell
      ? this.#farewell()
      : Array.from({ length: 1 + below(random, 3) }, () => this.#message());
    return this.#spoiled(utterance(this.#hasGreeted ? lane : lanes.bulk, messages), 0.05);
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
    const stream = this.#stream(this.#peerId);
    const record = this.#entry(stream.stream, new Uint8Array(40_000).fill(7));
    this.#due.push(utterance(lane, [stream]));
    for (const frame of cutIntoPieces(encodeLinkMessage(record))) this.#due.push({ lane, frame });
  }

  #proof(): Authenticate {
    const random = this.#random;
    const version = happens(random, 0.97) ? PROTOCOL_VERSION : below(random, 2 ** 32);
    const [publicKey, signature] = [random.bytes(65) as Frame, random.bytes(64) as Frame];
    return { type: 'authenticate', version, credential: this.#credential, publicKey, signature };
  }

  #hello(): LinkMessage {
    const journals = Array.from({ length: below(this.#random, 4) }, () => ({
      ...this.#journal(pick(this.#random, [OWN_ID, this.#peerId, ABSENT_ID])),
      cursors: Array.from({ length: below(this.#random, 8) }, () => below(this.#random, 100)),
    }));
    return { type: 'hello', journals };
  }

  #message(): LinkMessage {
    const random = this.#random;
    if (happens(random, 0.03)) return { type: 'bye' };
    return pickWeighted<() => LinkMessage>(random, [
      [2, () => this.#stream(happens(random, 0.97) ? this.#peerId : pick(random, [ABSENT_ID, OWN_ID]))],
      [16, () => this.#about(isOf(this.#peerId), (stream) => this.#entry(stream, this.#entryBytes()))],
      [4, () => this.#about(isOf(this.#peerId), (stream) => this.#seal(stream))],
      [3, () => this.#about(isHandedOn, (stream) => this.#sealed(stream))],
      [
        3,
        () =>
          this.#about(
            () => true,
            (stream) => ({ type: 'cursor', stream, seq: this.#seq() }),
          ),
      ],
      [1, () => this.#introduction()],
      [1, () => this.#about(isOf(OWN_ID), (stream) => ({ type: 'want', stream, after: this.#seq() }))],
      [
        1,
        () =>
          this.#about(
            () => true,
            (stream) => ({ type: 'enough', stream }),
          ),
      ],
      [2, () => ({ type: 'ping', nonce: below(random, 2 ** 32) })],
      [2, () => ({ type: 'pong', nonce: below(random, 5) })],
      [2, () => ({ type: 'renew', credential: this.#credential })],
      [2, () => ({ type: 'deny', list: this.#credential })],
    ])();
  }

  /** By the number of a stream that was named and of which that may be said, nearly always. */
  #about(mayBe: (stream: Message<'stream'>) => boolean, say: (stream: number) => LinkMessage): LinkMessage {
    const random = this.#random;
    if (happens(random, 0.01)) return say(below(random, 4));
    const fitting = this.#streams.filter(mayBe);
    return fitting.length > 0 ? say(pick(random, fitting).stream) : this.#stream(this.#peerId);
  }

  /** Of few journals, so that the same ones come again. */
  #journal(origin: string): { origin: string; journal: Frame } {
    return { origin, journal: new Uint8Array(JOURNAL_ID_BYTES).fill(below(this.#random, 2)) };
  }

  #stream(origin: string): Message<'stream'> {
    const random = this.#random;
    const number = happens(random, 0.9) ? this.#streams.length : below(random, 100_001);
    const stream: Message<'stream'> = {
      ...{ type: 'stream', stream: number, ...this.#journal(origin) },
      series: happens(random, 0.7) ? series.shared : pick(random, allSeries),
    };
    this.#streams.push(stream);
    return stream;
  }

  #introduction(): LinkMessage {
    const { bytes } = this.#random;
    return { type: 'origin', origin: ABSENT_ID, publicKey: bytes(65) as Frame, credential: this.#credential };
  }

  /** Mostly the next one. */
  #seq(): number {
    const random = this.#random;
    if (happens(random, 0.8)) return ++this.#lastSeq;
    return happens(random, 0.98) ? below(random, 100) : pick(random, [2 ** 32, 2 ** 53 - 2]);
  }

  #entryBytes(): Frame {
    const random = this.#random;
    if (happens(random, 0.05)) return random.bytes(below(random, 30)) as Frame;
    const type = pick(random, ['x-note', 'x-note', 'ping', 'order', 'receipt', 'newer']);
    const audience = pick<Audience>(random, [
      { to: 'all' },
      { to: 'devices', names: [OWN_ID] },
      { to: 'first', names: ['staff'] },
      { to: 'capability', names: ['bar'] },
    ]);
    const body = happens(random, 0.8) ? encodeMessage({ type: 'x-note', data: 1 }) : (random.bytes(20) as Frame);
    return encodeEntry({ writtenAt: this.#seq(), lifetimeMs: below(random, 100_000), type, audience, body });
  }

  #entry(stream: number, bytes: Frame): LinkMessage {
    const random = this.#random;
    const seq = this.#seq();
    return { type: 'entry', stream, seq, distance: this.#distance(stream, seq), ageMs: below(random, 50_000), bytes };
  }

  /** Mostly from the entry before it in its stream, so that no gap shows. */
  #distance(stream: number, seq: number): number {
    const random = this.#random;
    const before = this.#lastSeqs.get(stream) ?? 0;
    this.#lastSeqs.set(stream, seq);
    if (happens(random, 0.9)) return Math.max(1, seq - before);
    return happens(random, 0.9) ? 1 + below(random, 100) : 2 ** 53 - 2;
  }

  #seal(stream: number): LinkMessage {
    const between = this.#between();
    const groups = [{ seqs: this.#seqsIn(between), signature: this.#random.bytes(64) as Frame }];
    return { type: 'seal', stream, ...between, groups };
  }

  #sealed(stream: number): LinkMessage {
    const between = this.#between();
    const entries = this.#seqsIn(between).map((seq) => {
      return { seq, ageMs: below(this.#random, 50_000), bytes: this.#entryBytes() };
    });
    return { type: 'sealed', stream, ...between, groups: [{ entries, signature: this.#random.bytes(64) as Frame }] };
  }

  /** Those, or some others. */
  #seqsIn({ after, upTo }: { after: number; upTo: number }): number[] {
    const random = this.#random;
    if (happens(random, 0.1)) return Array.from({ length: below(random, 3) }, () => this.#seq());
    return Array.from({ length: Math.max(0, Math.min(upTo - after, 5)) }, (_, index) => after + 1 + index);
  }

  /** In order or not. */
  #between(): { after: number; upTo: number } {
    const after = below(this.#random, this.#lastSeq + 1);
    return { after, upTo: happens(this.#random, 0.9) ? after + below(this.#random, 5) : this.#seq() };
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
