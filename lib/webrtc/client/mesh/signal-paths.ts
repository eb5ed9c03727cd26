import {
  decodeForDevice,
  encodeSignaling,
  isRelayFrame,
  MalformedFrameError,
  type RelayMessage,
} from '@innmesh/protocol';
import type { LinkSignal } from '../link/negotiation.ts';
import type { Peer } from './peer.ts';
import { type Neighbour, type Signal, SignalRelay, type SignalRelayDeps } from './signal-relay.ts';

export interface SignalPathsDeps extends Pick<SignalRelayDeps, 'clock' | 'random' | 'self'> {
  peers(): Peer[];
  peer(peerId: string): Peer | undefined;
  /** By way of the server; `false` where there is none. */
  signal(message: RelayMessage): boolean;
  /** What other peers have brought. Throws `MalformedFrameError` for what does not fit. */
  received(from: Peer, message: RelayMessage): void;
  log(text: string): void;
}

/** Brings a peer what it needs to hear for a link: by way of the server; and of the peers where that does not help. */
export class SignalPaths {
  readonly #deps: SignalPathsDeps;
  readonly #relay: SignalRelay;

  constructor(deps: SignalPathsDeps) {
    this.#deps = deps;
    this.#relay = new SignalRelay({
      ...deps,
      neighbours: () => this.#neighbours(),
      received: (from, frame) => this.#received(from, frame),
    });
  }

  send({ slot, peerId, failures, repair }: Peer, part: LinkSignal, attempt: number): void {
    const isSent = slot !== null && this.#deps.signal({ ...part, peer: slot, attempt });
    const isInTrouble = failures > 0 || (repair?.failures ?? 0) > 0;
    if (!isSent || isInTrouble) this.#relay.send(peerId, encodeSignaling({ ...part, peer: 0, attempt }));
  }

  /** A neighbour's word, or one that it hands on. */
  handle(signal: Signal, { peerId: from }: Peer): void {
    const by = this.#neighbours().find(({ peerId }) => peerId === from);
    if (by) this.#relay.handle(signal, by);
  }

  /** Whoever is linked hands signals on. */
  #neighbours(): Neighbour[] {
    return this.#deps.peers().flatMap(({ peerId, party: { role }, link, isReached: isSound }) => {
      return link?.isOpen ? [{ peerId, role, isSound, send: (signal) => link.passSignal(signal) }] : [];
    });
  }

  #received(from: string, frame: Uint8Array<ArrayBuffer>): void {
    const peer = this.#deps.peer(from);
    if (!peer || !isRelayFrame(frame)) return;
    try {
      this.#deps.received(peer, decodeForDevice(frame) as RelayMessage);
    } catch (error) {
      if (!(error instanceof MalformedFrameError)) throw error;
      this.#deps.log(`a signal of ${from} was dropped: ${error.message}`);
    }
  }
}
