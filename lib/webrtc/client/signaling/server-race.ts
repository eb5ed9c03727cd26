import type { CancelTimer } from '@innmesh/kit';
import { type CredentialProblem, isCredentialRefusal } from '@innmesh/protocol';
import type { ServerAttempt } from '../errors.ts';
import {
  type Challenge,
  type DenyMessage,
  type Join,
  type RoomMessage,
  SignalingSocket,
  type SignalingSocketDeps,
  type TurnMessage,
  type Welcome,
} from './signaling-socket.ts';

/** How long a server has before the next one is asked as well. */
const HEAD_START_MS = 300;
/** How long a server may think about a join while another waits for it. */
const PATIENCE_MS = 2_000;

export interface ServerRaceDeps extends SignalingSocketDeps {
  /** Has a credential ready before a server is asked; `null` where it is. */
  prepare(): Promise<void> | null;
  /** Has another credential than the one that was refused. */
  replaceCredential(): Promise<void>;
  /** A server is being asked to let the device in, with what nobody else has been given. */
  reaching(): void;
  /** What a server in development mode gives. Throws `MalformedFrameError` where that is nothing of use. */
  accept(welcome: Welcome): void;
  /** A server refused the credential. Whether another one may be better. */
  refuse(problem: CredentialProblem): boolean;
  log(text: string): void;
}

/** A place in a server's room. */
export interface Place {
  url: string;
  socket: SignalingSocket;
}

export interface ServerRaceEvents {
  /** In the same turn as the welcome, so that nothing that follows it is missed. */
  won(place: Place, welcome: Welcome): void;
  /** To the winner, from then on. */
  received(place: Place, message: RoomMessage | DenyMessage | TurnMessage): void;
  lost(place: Place, code: number, reason: string): void;
}

/** Why a server did not let the device in. */
export type Failure = Omit<ServerAttempt, 'url'>;

/** Of each server, and why no other credential could be had where one was refused. */
export interface Defeat {
  attempts: ServerAttempt[];
  credentialError: unknown;
}

/** What makes a try with another credential worth it. */
export function isWorthAnotherCredential({ closeCode, reason }: Failure, refuse: ServerRaceDeps['refuse']): boolean {
  return isCredentialRefusal(closeCode) && refuse((reason.split(':')[0] ?? '') as CredentialProblem);
}

interface Entrant {
  readonly url: string;
  socket: SignalingSocket | null;
  failure: Failure | null;
  hasAnotherCredential: boolean;
  /** Lets it answer the server's challenge; there while it waits for its turn. */
  mayJoin: (() => void) | null;
}

/**
 * Asks servers, each a moment after the one before or as soon as all before it have failed, until one lets the device in.
 * It joins one at a time: in each room it would otherwise be seen to come and go.
 */
export class ServerRace {
  readonly #deps: ServerRaceDeps;
  readonly #events: ServerRaceEvents;
  readonly #entrants: Entrant[];
  readonly #outcome = Promise.withResolvers<Defeat | null>();
  #asked = 0;
  #isOver = false;
  #credentialError: unknown;
  /** Whose answer to the join is awaited. */
  #joiner: Entrant | null = null;
  #joinedAtMs = 0;
  #cancelHeadStart: CancelTimer = () => {};
  #cancelPatience: CancelTimer = () => {};

  constructor(urls: readonly string[], deps: ServerRaceDeps, events: ServerRaceEvents) {
    this.#deps = deps;
    this.#events = events;
    const entrant = { socket: null, failure: null, hasAnotherCredential: false, mayJoin: null };
    this.#entrants = urls.map((url) => ({ url, ...entrant }));
  }

  /** A server has been asked to let the device in and has not answered yet. */
  get isJoining(): boolean {
    return this.#joiner !== null;
  }

  /** Resolves with `null` once one has let the device in, otherwise with why each did not. Rejects as `prepare` does. */
  async run(): Promise<Defeat | null> {
    const preparing = this.#deps.prepare();
    // A credential may wait for somebody to grant it.
    if (preparing) await Promise.race([preparing, this.#outcome.promise]);
    if (!this.#isOver) this.#askNext();
    if (!this.#isOver) this.#deps.reaching();
    return this.#outcome.promise;
  }

  /** The network is another one, or there again. */
  reopen(): void {
    for (const { socket } of this.#entrants) socket?.reopen();
  }

  /** Without a winner. */
  stop(): void {
    this.#end();
    this.#outcome.resolve({ attempts: [], credentialError: undefined });
  }

  #askNext(): void {
    this.#cancelHeadStart();
    const entrant = this.#entrants[this.#asked];
    if (!entrant) return;
    this.#asked += 1;
    if (this.#asked < this.#entrants.length) {
      this.#cancelHeadStart = this.#deps.clock.setTimer(() => this.#askNext(), HEAD_START_MS);
    }
    this.#ask(entrant);
  }

  #ask(entrant: Entrant): void {
    const { url } = entrant;
    let place: Place | null = null;
    const join = (challenge: Challenge, host: string) => this.#join(entrant, challenge, host);
    try {
      const socket: SignalingSocket = new SignalingSocket(
        url,
        { ...this.#deps, join },
        {
          welcomed: (welcome) => {
            this.#deps.accept(welcome);
            place = { url, socket };
            entrant.socket = null;
            this.#end();
            this.#events.won(place, welcome);
            this.#outcome.resolve(null);
          },
          received: (message) => place && this.#events.received(place, message),
          malformedRelay: (error) => this.#deps.log(`dropped a frame of another device: ${error.message}`),
          closed: (closeCode, reason) => {
            if (place) this.#events.lost(place, closeCode, reason);
            else this.#failed(entrant, { closeCode, reason });
          },
        },
      );
      entrant.socket = socket;
    } catch (error) {
      this.#failed(entrant, { closeCode: null, reason: error instanceof Error ? error.message : String(error) });
    }
  }

  #failed(entrant: Entrant, failure: Failure): void {
    if (this.#isOver) return;
    entrant.socket = null;
    entrant.mayJoin = null;
    if (!entrant.hasAnotherCredential && isWorthAnotherCredential(failure, this.#deps.refuse)) {
      this.#askAgain(entrant, failure);
      return;
    }
    entrant.failure = failure;
    this.#deps.log(`${entrant.url}: ${failure.reason}`);
    if (this.#entrants.every((each) => each.failure)) {
      this.#finish();
      return;
    }
    if (this.#joiner === entrant) this.#passTurn();
    if (this.#entrants.slice(0, this.#asked).every((each) => each.failure)) this.#askNext();
  }

  async #askAgain(entrant: Entrant, failure: Failure): Promise<void> {
    entrant.hasAnotherCredential = true;
    try {
      await this.#deps.replaceCredential();
    } catch (error) {
      this.#credentialError = error;
      this.#failed(entrant, failure);
      return;
    }
    if (!this.#isOver && !entrant.failure) this.#ask(entrant);
  }

  #finish(): void {
    this.#end();
    const attempts = this.#entrants.flatMap(({ url, failure }) => (failure ? [{ url, ...failure }] : []));
    this.#outcome.resolve({ attempts, credentialError: this.#credentialError });
  }

  #end(): void {
    this.#isOver = true;
    this.#joiner = null;
    this.#cancelHeadStart();
    this.#cancelPatience();
    for (const { socket } of this.#entrants) socket?.close();
  }

  /** The answer to a server's challenge, when it is this one's turn. */
  #join(entrant: Entrant, challenge: Challenge, host: string): Promise<Join> {
    const answer = () => this.#deps.join(challenge, host);
    if (this.#joiner && this.#joiner !== entrant) return this.#turnOf(entrant).then(answer);
    this.#giveTurn(entrant);
    return answer();
  }

  #turnOf(entrant: Entrant): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    entrant.mayJoin = resolve;
    this.#watchJoiner();
    return promise;
  }

  #giveTurn(entrant: Entrant): void {
    this.#joiner = entrant;
    this.#joinedAtMs = this.#deps.clock.monotonicMs();
    this.#watchJoiner();
  }

  #passTurn(): void {
    this.#joiner = null;
    this.#cancelPatience();
    // What the last join carried may be with somebody by now.
    this.#deps.reaching();
    const next = this.#entrants.find(({ mayJoin }) => mayJoin);
    if (!next?.mayJoin) return;
    const { mayJoin } = next;
    next.mayJoin = null;
    this.#giveTurn(next);
    mayJoin();
  }

  #watchJoiner(): void {
    this.#cancelPatience();
    const { clock } = this.#deps;
    if (!this.#entrants.some(({ mayJoin }) => mayJoin)) return;
    const leftMs = this.#joinedAtMs + PATIENCE_MS - clock.monotonicMs();
    this.#cancelPatience = clock.setTimer(() => this.#giveUpJoiner(), leftMs);
  }

  #giveUpJoiner(): void {
    const reason = 'it has not answered, and another one waits';
    if (this.#joiner?.socket) this.#joiner.socket.close(reason);
    else if (this.#joiner) this.#failed(this.#joiner, { closeCode: null, reason });
  }
}
