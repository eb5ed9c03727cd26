import type { FirstOffer as JoinOffer } from '@innmesh/protocol';
import type { Transport } from '../link/transport.ts';

/** What a link is made of before it is known whom it is for. */
export interface Beginning {
  attempt: number;
  nonce: Uint8Array<ArrayBuffer>;
  transport: Transport;
}

/** A beginning with its offer, made while a server is being reached, which takes about as long. */
export class FirstOffer {
  readonly beginning: Beginning;
  /** What it looks for its way with. */
  readonly iceServers: readonly RTCIceServer[];
  /** Empty until it is made. */
  sdp = '';

  constructor(beginning: Beginning, iceServers: readonly RTCIceServer[]) {
    this.beginning = beginning;
    this.iceServers = iceServers;
    this.#make();
  }

  /** For the join to carry; none before it is made. */
  toSend(): JoinOffer[] {
    const { attempt, nonce } = this.beginning;
    return this.sdp === '' ? [] : [{ attempt, nonce, sdp: this.sdp }];
  }

  async #make(): Promise<void> {
    try {
      this.sdp = await this.beginning.transport.offer();
    } catch {
      // The link that comes of it is told.
    }
  }
}
