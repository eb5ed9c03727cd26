import {
  decodeLinkMessage,
  encodeEntry,
  encodeLinkMessage,
  encodeLinkTranscript,
  encodeMessage,
  fingerprintOf,
  type LinkMessage,
  type LinkSide,
  PROTOCOL_VERSION,
  type ReceivedMessage,
  type RelayMessage,
  series,
} from '@innmesh/protocol';
import { createPeerConnection } from '../../../lib/webrtc/client/link/peer-connection.node.ts';
import { WebRtcTransport } from '../../../lib/webrtc/client/link/transport.ts';
import { keyOf } from '../../../lib/webrtc/server/test-support/device-keys.ts';
import type { HostileServer, Seated } from './hostile-server.ts';

export type Authenticate = Extract<LinkMessage, { type: 'authenticate' }>;

const NONCE = new Uint8Array(16).fill(5);
const JOURNAL = new Uint8Array(8).fill(6);

/** What the impostor knows of the link when it has to show itself. */
export interface Moment {
  tenantId: string;
  ownId: string;
  victimId: string;
  ownSdp: string;
  victimSdp: string;
  victimNonce: Uint8Array<ArrayBuffer>;
  /** What the victim has shown. */
  shown: Authenticate;
}

/** The attacker's end of a real connection to a victim, which the hostile server has introduced to it. */
export class Impostor {
  readonly heard: LinkMessage[] = [];
  readonly #peerId: string;
  #trickle: (candidate: RTCIceCandidate) => void = () => {};
  readonly #transport = new WebRtcTransport(createPeerConnection({ iceServers: [] }));

  /** Answers whatever the victim offers to this seat. `show`: what to authenticate with. */
  constructor(server: HostileServer, seat: Seated, show: (moment: Moment) => Authenticate) {
    this.#peerId = seat.peerId;
    const offered = Promise.withResolvers<Omit<Moment, 'shown'>>();
    server.relay = (message, from, to) => {
      if (to !== seat) server.pass(message, from, to);
      else if (message.type === 'candidate') this.#addCandidate(message);
      else if (message.type === 'offer') {
        this.#answer(server, seat, from, message).then(offered.resolve, offered.reject);
      }
    };
    this.#transport.listen({
      candidate: (candidate) => this.#trickle(candidate),
      pathLost: () => {},
      pathFound: () => {},
      opened: () => {},
      received: async (_, records) => {
        for (const record of records.map(decodeLinkMessage)) {
          this.heard.push(record);
          if (record.type === 'authenticate') this.#say(0, show({ ...(await offered.promise), shown: record }));
          if (record.type === 'hello') this.#say(0, { type: 'hello', journals: [] });
        }
      },
      closed: () => {},
    });
  }

  /** As its own, and only after the victim has believed it. */
  send(message: ReceivedMessage): void {
    const { type } = message;
    const audience = { to: 'all' } as const;
    const bytes = encodeEntry({ writtenAt: 1, lifetimeMs: 60_000, type, audience, body: encodeMessage(message) });
    this.#say(0, { type: 'stream', stream: 0, origin: this.#peerId, journal: JOURNAL, series: series.shared });
    this.#say(0, { type: 'entry', stream: 0, seq: 1, distance: 1, ageMs: 0, bytes });
  }

  close(): void {
    this.#transport.close('it is over.');
  }

  #say(lane: 0 | 1, message: LinkMessage): void {
    this.#transport.send(lane, encodeLinkMessage(message));
  }

  #addCandidate({ candidate, mid }: Extract<RelayMessage, { type: 'candidate' }>): void {
    this.#transport.addCandidate({ candidate, sdpMid: mid });
  }

  async #answer(server: HostileServer, seat: Seated, victim: Seated, offer: Extract<RelayMessage, { type: 'offer' }>) {
    const { attempt, sdp: victimSdp, nonce: victimNonce } = offer;
    const ownSdp = await this.#transport.answer(victimSdp);
    server.pass({ type: 'answer', peer: 0, attempt, nonce: NONCE, sdp: ownSdp }, seat, victim);
    this.#trickle = ({ candidate, sdpMid }) =>
      server.pass({ type: 'candidate', peer: 0, attempt, candidate, mid: sdpMid ?? '0' }, seat, victim);
    this.#transport.trickle();
    return { tenantId: 'hotel', ownId: seat.peerId, victimId: victim.peerId, ownSdp, victimSdp, victimNonce };
  }
}

/** Signs what a device in order would sign, with the key of this name. */
export function authenticateAs(name: string, credential: string, moment: Moment, signer: LinkSide = 'answerer') {
  const signature = keyOf(name).sign(
    encodeLinkTranscript(
      {
        tenantId: moment.tenantId,
        offererId: moment.victimId,
        answererId: moment.ownId,
        offererFingerprint: fingerprintOf(moment.victimSdp),
        answererFingerprint: fingerprintOf(moment.ownSdp),
        offererNonce: moment.victimNonce,
        answererNonce: NONCE,
      },
      signer,
    ),
  );
  const { publicKey } = keyOf(name);
  return { type: 'authenticate' as const, version: PROTOCOL_VERSION, credential, publicKey, signature };
}
