import type { Clock } from '@innmesh/kit';
import type { LinkAuthentication } from './link-authentication.ts';
import type { Transport } from './transport.ts';

export type Description = { sdp: string; nonce: Uint8Array<ArrayBuffer> };

/** What the other side needs to hear through the signaling server for the link to open. */
export type LinkSignal =
  | ({ type: 'offer' | 'answer' } & Description)
  | { type: 'candidate'; candidate: string; mid: string };

/** A restart whose answer is not here by then was lost with its offer: the other side's is not in its way. */
const RESTART_MS = 2_000;

export interface NegotiationDeps {
  clock: Clock;
  transport: Transport;
  authentication: LinkAuthentication;
  signal(signal: LinkSignal): void;
  /** No description could be made, or the other side's does not fit. */
  failed(reason: string): void;
  log(text: string): void;
}

/** The two ends tell each other how they can be reached: offer, answer and candidates, and again when ICE is restarted. */
export class Negotiation {
  readonly #deps: NegotiationDeps;
  /** What the answer is to that this side awaits: its first offer, or one to restart ICE, since then. */
  #awaited: { to: 'beginning' } | { to: 'restart'; sinceMs: number } | null = null;
  #localOffer = '';
  #hasOffered = false;
  #isOver = false;

  constructor(deps: NegotiationDeps) {
    this.#deps = deps;
  }

  /** The connection began with this side's offer. */
  get hasOffered(): boolean {
    return this.#hasOffered;
  }

  /** This side has offered, and has no answer yet. */
  get awaitsAnswer(): boolean {
    return this.#awaited !== null;
  }

  /** This side has offered to restart ICE, and the answer may still come. */
  get isRestarting(): boolean {
    const { clock } = this.#deps;
    return this.#awaited?.to === 'restart' && clock.monotonicMs() - this.#awaited.sinceMs < RESTART_MS;
  }

  offer(): void {
    this.#begin();
    this.#describe('offer', async () => {
      this.#localOffer = await this.#deps.transport.offer();
      return this.#localOffer;
    });
  }

  /** The other side has that offer already. */
  offered(sdp: string): void {
    this.#begin();
    this.#localOffer = sdp;
    this.#deps.transport.trickle();
  }

  answer({ sdp, nonce }: Description): void {
    const { transport, authentication } = this.#deps;
    this.#describe('answer', async () => {
      const localSdp = await transport.answer(sdp);
      authentication.agree('answerer', localSdp, sdp, nonce);
      return localSdp;
    });
  }

  async acceptAnswer({ sdp, nonce }: Description): Promise<void> {
    // It may come by two ways.
    if (!this.#awaited) return;
    const { transport, authentication, failed } = this.#deps;
    try {
      if (this.#awaited.to === 'restart') authentication.expectSame(sdp);
      else authentication.agree('offerer', this.#localOffer, sdp, nonce);
      // A forged one is not what is awaited.
      this.#awaited = null;
      await transport.acceptAnswer(sdp);
    } catch (error) {
      failed(`the answer does not fit: ${error}`);
    }
  }

  /** Has ICE look for a path anew. */
  restart(): void {
    this.#awaited = { to: 'restart', sinceMs: this.#deps.clock.monotonicMs() };
    this.#describe('offer', () => this.#deps.transport.restart());
  }

  /** The other side has ICE look for a path anew. */
  answerRestart({ sdp }: Description): void {
    const { transport, authentication } = this.#deps;
    this.#describe('answer', () => {
      authentication.expectSame(sdp);
      // The browser takes its own back for it.
      this.#awaited = null;
      return transport.answer(sdp);
    });
  }

  /** One address that is of no use is no reason to give up the others. */
  addCandidate(candidate: RTCIceCandidateInit): void {
    const { transport, log } = this.#deps;
    transport.addCandidate(candidate).catch((error) => log(`a candidate was refused: ${error}`));
  }

  #begin(): void {
    this.#hasOffered = true;
    this.#awaited = { to: 'beginning' };
  }

  /** Nothing is signaled any more. */
  stop(): void {
    this.#isOver = true;
  }

  async #describe(type: 'offer' | 'answer', describe: () => Promise<string>): Promise<void> {
    const { transport, authentication, signal, failed } = this.#deps;
    try {
      const sdp = await describe();
      // Some implementations finish even where the connection was closed meanwhile; the other side must not take it up.
      if (this.#isOver) return;
      signal({ type, sdp, nonce: authentication.nonce });
      transport.trickle();
    } catch (error) {
      failed(`no ${type} could be made: ${error}`);
    }
  }
}
