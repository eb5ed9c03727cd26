import type { Clock } from '@innmesh/kit';
import {
  type CredentialClaims,
  decodeLinkMessage,
  encodeLinkMessage,
  type LinkMessage,
  MalformedFrameError,
  type ReplicationMessage,
} from '@innmesh/protocol';
import { EarlyMessages } from './early-messages.ts';
import { Handshake, type Hello, type Shown } from './handshake.ts';
import type { LinkAuthentication } from './link-authentication.ts';
import { type Description, type LinkSignal, Negotiation } from './negotiation.ts';
import { RoundTrip } from './round-trip.ts';
import { SilenceWatch } from './silence-watch.ts';
import { LANE_COUNT, type Lane, lanes, type Transport } from './transport.ts';

/** How long a link may take from the offer to the other side's hello. */
const OPENING_TIMEOUT_MS = 15_000;
/** How long to wait for the other side to close after saying bye; messages queued at `close()` may be lost. */
const CLOSING_TIMEOUT_MS = 1_000;
export interface LinkDeps {
  clock: Clock;
  /** Nobody else's; it may have made its offer already. */
  transport: Transport;
  keepaliveMs: number;
  authentication: LinkAuthentication;
  /** What this side begins with. */
  hello(): Hello;
  log(text: string): void;
}

type Signal = Extract<LinkMessage, { type: 'signal' }>;

export type { LinkSignal };

export interface LinkEvents {
  signal(signal: LinkSignal): void;
  /** The other side is who it should be, and its hello has come: journals may be brought up to date. */
  opened(hello: Hello): void;
  /** What the other side says of journals. Throws `MalformedFrameError` for what no device says. */
  replicated(message: ReplicationMessage): void;
  /** This side is about to say bye: what is due goes first. */
  closing(): void;
  /** Resolves when what has come is kept. */
  settled(): Promise<void>;
  /** The peer hands on whom the issuer has put out. */
  denied(list: string): void;
  /** What another device has to say to somebody for a link. */
  signaled(signal: Signal): void;
  /** Something has come. */
  heard(): void;
  /** While the link is open, its path seems to be dead; `isGivenUp`: ICE says so. */
  doubted(isGivenUp: boolean): void;
  /** It has a path again; what was sent meanwhile may take its time. */
  pathFound(): void;
  /** Once; nothing comes after it. */
  closed(end: LinkEnd): void;
}

export interface LinkEnd {
  reason: string;
  /** What went wrong, where it has a name. */
  cause?: unknown;
  /** One of the two wanted it so. */
  onPurpose: boolean;
  wasOpen: boolean;
}

const tellsOfCursors: ReadonlySet<string> = new Set(['stream', 'cursor']);
/** What the other side confirms. */
const brings: ReadonlySet<string> = new Set(['entry', 'sealed']);
const NOTHING = new Uint8Array();

type State =
  | { phase: 'opening' }
  | { phase: 'open' }
  /** This side has said bye and waits for the other to close. */
  | { phase: 'closing' }
  | { phase: 'closed' };

/** One attempt at a connection to one peer, and, when it succeeds, the conversation on it. */
export class Link {
  /** Tells this attempt's signaling from that of earlier ones. */
  readonly attempt: number;
  readonly roundTrip: RoundTrip;
  readonly #deps: LinkDeps;
  readonly #events: LinkEvents;
  readonly #transport: Transport;
  readonly #negotiation: Negotiation;
  readonly #handshake: Handshake;
  readonly #silence: SilenceWatch;
  #state: State = { phase: 'opening' };
  readonly #early = new EarlyMessages();
  #byesHeard = 0;
  #cause: unknown;
  readonly #begunAtMs: number;
  #onPurpose = false;
  #cancelTimeout: () => void;

  constructor(attempt: number, deps: LinkDeps, events: LinkEvents) {
    this.attempt = attempt;
    this.#deps = deps;
    this.#begunAtMs = deps.clock.monotonicMs();
    this.#events = events;
    this.#transport = deps.transport;
    this.#negotiation = new Negotiation({
      ...deps,
      signal: (signal) => events.signal(signal),
      failed: (reason) => this.#notDescribed(reason),
    });
    this.#handshake = this.#createHandshake();
    this.#transport.listen({
      candidate: ({ candidate, sdpMid }) => events.signal({ type: 'candidate', candidate, mid: sdpMid ?? '0' }),
      opened: () => this.#handshake.introduce(),
      received: (lane, records) => this.#receive(lane, records),
      pathLost: (isGivenUp) => this.#doubt(isGivenUp),
      pathFound: () => this.isOpen && events.pathFound(),
      closed: (reason) => this.#ended(reason),
    });
    this.#silence = new SilenceWatch(deps.clock, {
      ask: () => this.roundTrip.ping(),
      silent: () => this.#doubt(false),
    });
    this.roundTrip = new RoundTrip({
      ...deps,
      sendPing: (nonce) => this.#send({ type: 'ping', nonce }),
      dead: () => this.#transport.close('no answer to two pings.'),
    });
    this.#cancelTimeout = deps.clock.setTimer(() => {
      this.#transport.close(`it did not open within ${OPENING_TIMEOUT_MS / 1000} s.`);
    }, OPENING_TIMEOUT_MS);
  }

  #createHandshake(): Handshake {
    return new Handshake({
      ...this.#deps,
      send: (message) => this.#send(message),
      shown: () => this.#transport.allowLongRecords('hello'),
      verified: () => this.#transport.allowLongRecords(),
      greeted: (hello) => this.#hearHello(lanes.entries, hello),
      refused: (reason, cause) => {
        this.#cause = cause;
        this.drop(reason);
      },
    });
  }

  /** It goes through the signaling server. */
  get isRelayed(): boolean {
    return this.#transport.isRelayed;
  }

  /** This side made the offer. */
  get hasOffered(): boolean {
    return this.#negotiation.hasOffered;
  }

  /** Since the attempt was begun. */
  get ageMs(): number {
    return this.#deps.clock.monotonicMs() - this.#begunAtMs;
  }

  /** This side offered, and has no answer yet. */
  get isOffering(): boolean {
    return this.#negotiation.awaitsAnswer && this.isOpening;
  }

  get isOpening(): boolean {
    return this.#state.phase === 'opening';
  }

  /** It has a path, and opens as soon as both ends have shown who they are. */
  get isAboutToOpen(): boolean {
    return this.isOpening && this.#transport.hasPath;
  }

  /** This side has greeted the other: it may be open there by now. */
  get hasGreeted(): boolean {
    return this.claims !== null;
  }

  get isOpen(): boolean {
    return this.#state.phase === 'open';
  }

  /** It was open and has not ended: open still, or saying goodbye. */
  get isStanding(): boolean {
    return this.#state.phase === 'open' || this.#state.phase === 'closing';
  }

  /** What the issuer says of the other side; `null` until the link is open. */
  get claims(): CredentialClaims | null {
    return this.#handshake.claims;
  }

  /** By what the other side is known; `null` until the link is open. */
  get shown(): Shown | null {
    return this.#handshake.shown;
  }

  /** Begins the link from this side. */
  offer(): void {
    this.#negotiation.offer();
  }

  /** Goes on with an offer that the other side has already. */
  offered(sdp: string): void {
    this.#negotiation.offered(sdp);
  }

  /** Takes up the other side's offer. */
  answer(offer: Description): void {
    this.#negotiation.answer(offer);
  }

  acceptAnswer(answer: Description): Promise<void> {
    return this.#negotiation.acceptAnswer(answer);
  }

  addCandidate(candidate: RTCIceCandidateInit): void {
    this.#negotiation.addCandidate(candidate);
  }

  /** How it stands with its path. */
  get condition(): { isBroken: boolean; silentMs: number; canRestart: boolean } {
    const { isBroken, canRestart } = this.#transport;
    return { isBroken, silentMs: this.#silence.silentMs, canRestart };
  }

  /** Asks for a sign of life; the answer is `heard`. */
  ping(): void {
    this.roundTrip.ping();
  }

  /** Has ICE look for a path anew. */
  restart(): void {
    if (this.isOpen) this.#negotiation.restart();
  }

  /** This side has offered to restart ICE, and the answer is not here. */
  get isRestarting(): boolean {
    return this.#negotiation.isRestarting;
  }

  /** The other side has ICE look for a path anew. */
  answerRestart(offer: Description): void {
    if (this.isOpen) this.#negotiation.answerRestart(offer);
  }

  /** A newer credential of this device. */
  renew(credential: string): void {
    if (this.isOpen) this.#send({ type: 'renew', credential });
  }

  /** Whom the issuer has put out, for the peer to know. */
  deny(list: string): void {
    if (this.isOpen) this.#send({ type: 'deny', list });
  }

  /** For the peer, or to be handed on. */
  passSignal(signal: Signal): void {
    if (this.isOpen) this.#send(signal);
  }

  /** Time has gone on, or somebody was put out: closes where the other side may not stay. */
  checkPeer(): void {
    if (this.isStanding) this.#handshake.check();
  }

  /** Says something of journals, where the link is open; `stream`: of which, so that what is said of one keeps its order. */
  replicate(lane: Lane, message: ReplicationMessage, stream: number): void {
    if (!this.isStanding) return;
    if (brings.has(message.type)) this.#silence.used();
    if (message.type !== 'entry') {
      this.#transport.send(lane, encodeLinkMessage(message), undefined, stream);
      return;
    }
    // The same bytes as with the entry's in it, which would be copied.
    const head = encodeLinkMessage({ ...message, bytes: NOTHING });
    this.#transport.send(lane, head, message.bytes, stream);
  }

  stats(): Promise<RTCStatsReport> {
    return this.#transport.stats();
  }

  /** Says bye behind all that is still to be sent, and closes when the other side has it all. */
  close(): void {
    if (this.#state.phase !== 'open') {
      this.discard('it was closed before it was open.');
      return;
    }
    this.#sayBye();
  }

  /** Closes at once, because it does not work. */
  drop(reason: string): void {
    this.#transport.close(reason);
  }

  /** Closes at once, because it is not wanted any more. */
  discard(reason: string): void {
    this.#onPurpose = true;
    this.#transport.close(reason);
  }

  /** A link that stands goes on as it is: what restarts it may be anybody's who can signal. */
  #notDescribed(reason: string): void {
    if (this.isStanding) this.#deps.log(`ICE was not restarted: ${reason}`);
    else this.drop(reason);
  }

  #doubt(isGivenUp: boolean): void {
    if (this.isOpen) this.#events.doubted(isGivenUp);
  }

  #receive(lane: Lane, records: Uint8Array<ArrayBuffer>[]): void {
    this.#silence.heard();
    this.#events.heard();
    for (const record of records) {
      if (this.#state.phase === 'closed') return;
      if (this.claims) this.#handle(lane, decodeLinkMessage(record), record.length);
      else this.#handshake.hearStranger(lane, record);
    }
  }

  #handle(lane: Lane, message: LinkMessage, sizeBytes: number): void {
    if (this.#state.phase === 'opening') EarlyMessages.expect(lane, message);
    switch (message.type) {
      case 'ping':
        this.#send({ type: 'pong', nonce: message.nonce });
        return;
      case 'pong':
        this.roundTrip.answered(message.nonce);
        return;
      case 'bye':
        this.#hearBye();
        return;
      case 'renew':
        this.#handshake.renew(message.credential);
        return;
      case 'deny':
        this.#events.denied(message.list);
        return;
      case 'signal':
        this.#events.signaled(message);
        return;
      case 'authenticate':
        throw new MalformedFrameError('A second "authenticate".');
      case 'hello':
        this.#hearHello(lane, message);
        return;
      default:
        this.#hearReplication(message, sizeBytes);
    }
  }

  #hearReplication(message: ReplicationMessage, sizeBytes: number): void {
    const { phase } = this.#state;
    // Whoever has said bye takes nothing more: the sender keeps what is not confirmed.
    if (brings.has(message.type)) this.#silence.used();
    const isHeard = phase === 'open' || (phase === 'closing' && tellsOfCursors.has(message.type));
    if (isHeard) this.#events.replicated(message);
    else if (phase === 'opening') this.#early.hold(message, sizeBytes);
  }

  #hearHello(lane: Lane, hello: Hello): void {
    if (lane !== lanes.entries || this.#state.phase !== 'opening') {
      throw new MalformedFrameError('A second "hello", or one on the bulk lane.');
    }
    this.#cancelTimeout();
    this.#state = { phase: 'open' };
    this.roundTrip.start();
    this.#events.opened(hello);
    for (const message of this.#early.release()) this.#events.replicated(message);
  }

  #hearBye(): void {
    this.#byesHeard += 1;
    if (this.#byesHeard < LANE_COUNT) return;
    if (this.#state.phase === 'closing') this.discard('both sides said bye.');
    else this.#answerBye();
  }

  /** The other side waits to hear what has arrived. */
  async #answerBye(): Promise<void> {
    await this.#events.settled();
    if (this.#state.phase === 'open') this.#sayBye();
    else if (this.#state.phase === 'closing') this.discard('both sides said bye.');
  }

  #sayBye(): void {
    this.#events.closing();
    this.#onPurpose = true;
    this.#state = { phase: 'closing' };
    for (const lane of Object.values(lanes)) this.#transport.sendLast(lane, encodeLinkMessage({ type: 'bye' }));
    this.#cancelTimeout = this.#deps.clock.setTimer(
      () => this.drop('the other side did not close.'),
      CLOSING_TIMEOUT_MS,
    );
  }

  #send(message: LinkMessage): void {
    this.#transport.send(lanes.entries, encodeLinkMessage(message));
  }

  #ended(reason: string): void {
    const wasOpen = this.isStanding;
    this.#state = { phase: 'closed' };
    this.#cancelTimeout();
    this.roundTrip.stop();
    this.#negotiation.stop();
    this.#handshake.stop();
    this.#silence.stop();
    const cause = this.#cause;
    this.#events.closed({ reason, onPurpose: this.#onPurpose, wasOpen, ...(cause !== undefined && { cause }) });
  }
}
