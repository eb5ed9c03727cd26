import { type Random, randomUint32 } from '@innmesh/kit';
import { type FirstOffer as JoinOffer, NONCE_BYTES } from '@innmesh/protocol';
import { type Transport, WebRtcTransport } from '../link/transport.ts';
import { type Beginning, FirstOffer } from './first-offer.ts';
import { SpareConnection, type SpareConnectionDeps } from './spare-connection.ts';

export interface BeginningsDeps extends SpareConnectionDeps {
  random: Random;
  log(text: string): void;
}

/** What links are made of, some of it made in advance. */
export class Beginnings {
  readonly #deps: BeginningsDeps;
  readonly #connections: SpareConnection;
  #firstOffer: FirstOffer | null = null;

  constructor(deps: BeginningsDeps) {
    this.#deps = deps;
    this.#connections = new SpareConnection(deps);
  }

  /** Makes an offer while a server is being reached, in place of the one before. */
  prepareFirstOffer(): void {
    this.dropFirstOffer();
    try {
      this.#firstOffer = new FirstOffer(this.#new(), this.#deps.iceServers());
    } catch (error) {
      this.#deps.log(`no connection could be made: ${error}`);
    }
  }

  /** To be called when there is time. */
  prepareConnection(): void {
    try {
      this.#connections.prepare();
    } catch {
      // Whoever needs one is told.
    }
  }

  firstOffers(): JoinOffer[] {
    return this.#firstOffer?.toSend() ?? [];
  }

  takeFirstOffer(): FirstOffer | null {
    const firstOffer = this.#firstOffer;
    this.#firstOffer = null;
    return firstOffer;
  }

  dropFirstOffer(): void {
    this.takeFirstOffer()?.beginning.transport.close('closed.');
  }

  /** For an offer. Throws where the platform makes no connection. */
  next(): Beginning {
    if (this.#firstOffer?.iceServers !== this.#deps.iceServers()) return this.#new();
    return this.takeFirstOffer()?.beginning ?? this.#new();
  }

  /** For this attempt. Throws where the platform makes no connection. */
  for(attempt: number): Beginning {
    return this.with(new WebRtcTransport(this.#connections.take(), this.#deps.iceServers()), attempt);
  }

  with(transport: Transport, attempt: number): Beginning {
    return { attempt, nonce: new Uint8Array(this.#deps.random.bytes(NONCE_BYTES)), transport };
  }

  newAttempt(): number {
    return randomUint32(this.#deps.random);
  }

  close(): void {
    this.dropFirstOffer();
    this.#connections.close();
  }

  #new(): Beginning {
    return this.for(this.newAttempt());
  }
}
