import type { Clock } from '@innmesh/kit';
import type { RelayMessage, ServerMessage } from '@innmesh/protocol';
import type { Transport } from '../link/transport.ts';
import type { Welcome } from '../signaling/signaling-socket.ts';
import { RelayPace } from './relay-pace.ts';
import type { RelayedTransport } from './relayed-transport.ts';
import type { Sealing } from './sealing.ts';

type Frame = Extract<RelayMessage, { type: 'frame' }>;
type Undelivered = Extract<ServerMessage, { type: 'undelivered' }>;

export interface RelayDeps {
  clock: Clock;
  signal(frame: Frame): void;
  /** What waits to be sent to the signaling server, in bytes; `null` while there is none. */
  bufferedBytes(): number | null;
  /** Default: the platform's cryptography. */
  loadSealing?(): Promise<Sealing>;
}

export interface RelayedPeer {
  readonly peerId: string;
  /** `null` while it is not in the room. */
  readonly slot: number | null;
}

/** Ways from this device to others through the signaling server, for where there is no other. */
export class Relay {
  readonly #deps: RelayDeps;
  readonly #pace: RelayPace;
  readonly #transports = new Map<string, RelayedTransport>();

  constructor(deps: RelayDeps) {
    this.#deps = deps;
    this.#pace = new RelayPace(deps.clock);
  }

  /** Whether the present server hands sealed frames on. */
  get isOffered(): boolean {
    return this.#pace.isOffered && this.#deps.bufferedBytes() !== null;
  }

  welcomed({ relay }: Welcome): void {
    this.#pace.keepTo(relay[0] ?? null);
  }

  pause(pauseMs: number): void {
    this.#pace.pause(pauseMs);
  }

  /** Loads what `load` does ahead of its time: where it is needed, the network it comes from may be out. */
  async prepare(): Promise<void> {
    if (!this.isOffered) return;
    const { loadSealing } = await import('./relayed-transport.ts');
    await (this.#deps.loadSealing ?? loadSealing)();
  }

  /** What begins one attempt at a link. */
  async load(): Promise<(peer: RelayedPeer, attempt: number) => Transport> {
    const { RelayedTransport } = await import('./relayed-transport.ts');
    return (peer, attempt) => {
      const key = keyOf(peer, attempt);
      const transport = new RelayedTransport({
        ...this.#deps,
        attempt,
        pace: this.#pace,
        send: (bytes) => {
          if (peer.slot !== null) this.#deps.signal({ type: 'frame', peer: peer.slot, attempt, bytes });
        },
        ended: () => this.#transports.delete(key),
      });
      this.#transports.set(key, transport);
      return transport;
    };
  }

  /** What has come from the peer, or of what was sent to it. Of attempts that are over, it is dropped. */
  handle(peer: RelayedPeer, message: Frame | Undelivered): void {
    const transport = this.#transports.get(keyOf(peer, message.attempt));
    if (message.type === 'frame') transport?.receive(message.bytes);
    else transport?.undelivered(message.reason);
  }
}

/** By the peer, too: an attempt's number is its offerer's to choose. */
const keyOf = ({ peerId }: RelayedPeer, attempt: number): string => `${peerId} ${attempt}`;
