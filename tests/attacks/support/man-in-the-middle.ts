import { decodeLinkMessage, type LinkMessage, type RelayMessage } from '@innmesh/protocol';
import { createPeerConnection } from '../../../lib/webrtc/client/link/peer-connection.node.ts';
import { type Lane, type Transport, WebRtcTransport } from '../../../lib/webrtc/client/link/transport.ts';
import type { HostileServer, Seated } from './hostile-server.ts';

type Part<Type> = Extract<RelayMessage, { type: Type }>;

/**
 * The hostile server has a connection of its own to each of two devices that believe they talk to each other: it puts
 * its own certificates into their descriptions, and passes on, and reads, all that they say. Nonces pass unchanged.
 */
export class ManInTheMiddle {
  readonly read: LinkMessage[] = [];
  readonly #server: HostileServer;
  readonly #ends = new Map<Seated, Transport>();
  /** What came for an end that has no open channel yet. */
  readonly #waiting = new Map<Transport, [Lane, Uint8Array][]>();

  constructor(server: HostileServer) {
    this.#server = server;
    server.relay = (message, from, to) => {
      if (message.type === 'offer') this.#takeOffer(message, from, to);
      else if (message.type === 'answer') this.#takeAnswer(message, from, to);
      else if (message.type === 'candidate')
        this.#endTo(from).addCandidate({ candidate: message.candidate, sdpMid: message.mid });
    };
  }

  get kindsRead(): string[] {
    return [...new Set(this.read.map(({ type }) => type))];
  }

  close(): void {
    for (const end of this.#ends.values()) end.close('it is over.');
  }

  #offer: Part<'offer'> | null = null;

  async #takeOffer(offer: Part<'offer'>, from: Seated, to: Seated): Promise<void> {
    this.#offer = offer;
    this.#open(from, to, offer.attempt);
    this.#open(to, from, offer.attempt);
    this.#server.pass({ ...offer, sdp: await this.#endTo(to).offer() }, from, to);
    this.#endTo(to).trickle();
  }

  async #takeAnswer(answer: Part<'answer'>, from: Seated, to: Seated): Promise<void> {
    await this.#endTo(from).acceptAnswer(answer.sdp);
    const sdp = await this.#endTo(to).answer(this.#offer?.sdp ?? '');
    this.#server.pass({ ...answer, sdp }, from, to);
    this.#endTo(to).trickle();
  }

  #endTo(seat: Seated): Transport {
    const end = this.#ends.get(seat);
    if (!end) throw new Error('There is no such end.');
    return end;
  }

  #open(seat: Seated, other: Seated, attempt: number): void {
    const end = new WebRtcTransport(createPeerConnection({ iceServers: [] }));
    this.#ends.set(seat, end);
    this.#waiting.set(end, []);
    end.listen({
      candidate: ({ candidate, sdpMid }) =>
        this.#server.pass({ type: 'candidate', peer: 0, attempt, candidate, mid: sdpMid ?? '0' }, other, seat),
      opened: () => {
        for (const [lane, record] of this.#waiting.get(end) ?? []) end.send(lane, record);
        this.#waiting.delete(end);
      },
      pathLost: () => {},
      pathFound: () => {},
      received: (lane, records) => {
        for (const record of records) this.#passOn(this.#endTo(other), lane, record);
      },
      closed: () => {},
    });
  }

  #passOn(end: Transport, lane: Lane, record: Uint8Array<ArrayBuffer>): void {
    this.read.push(decodeLinkMessage(record));
    const waiting = this.#waiting.get(end);
    if (waiting) waiting.push([lane, record.slice()]);
    else end.send(lane, record);
  }
}
