import type { ReceivedMessage } from '@innmesh/protocol';
import type { EntryInfo, NetworkTopology, PeerInfo } from '../public-types.ts';
import type { SessionEvents } from '../session.ts';

/** What this tab's application has been told of the room, whichever tab led at the time. */
export class RoomView implements SessionEvents {
  /** Everyone who was here, through whichever tab. */
  readonly met = new Set<string>();
  readonly #events: SessionEvents;
  readonly #entered: () => void;
  readonly #peers = new Map<string, PeerInfo>();
  #phase: 'outside' | 'inside' | 'between leaders' = 'outside';

  /** `entered` comes before the application hears of it. */
  constructor(events: SessionEvents, entered: () => void) {
    this.#events = events;
    this.#entered = entered;
  }

  /** The application knows these, by a leader that is none any more. */
  takeOver(peers: PeerInfo[]): void {
    for (const peer of peers) this.#peers.set(peer.peerId, peer);
    for (const { peerId } of peers) this.met.add(peerId);
    this.#phase = 'inside';
    this.leaderLost();
  }

  get isInside(): boolean {
    return this.#phase === 'inside';
  }

  /** Whether the application has been told that it is connected. */
  get wasInside(): boolean {
    return this.#phase !== 'outside';
  }

  peers(): PeerInfo[] {
    return [...this.#peers.values()];
  }

  linkedPeerIds(): string[] {
    return this.peers().flatMap(({ peerId, status }) => (status === 'connected' ? [peerId] : []));
  }

  discovered(peers: PeerInfo[]): void {
    if (this.#phase === 'between leaders') this.#forgetAllBut(peers);
    this.#phase = 'inside';
    for (const peer of peers) this.#place(peer);
    this.#entered();
    this.#events.discovered(peers);
  }

  peerJoined(peer: PeerInfo): void {
    this.#place(peer);
    this.#events.peerJoined(peer);
  }

  peerLeft(peerId: string): void {
    if (this.#peers.delete(peerId)) this.#events.peerLeft(peerId);
  }

  linked(peer: PeerInfo): void {
    this.met.add(peer.peerId);
    this.#peers.set(peer.peerId, { ...peer, status: 'connected' });
    this.#events.linked(peer);
  }

  unlinked(peerId: string): void {
    const peer = this.#peers.get(peerId);
    if (peer?.status !== 'connected') return;
    this.#peers.set(peerId, { ...peer, status: 'discovered' });
    this.#events.unlinked(peerId);
  }

  message(message: ReceivedMessage, fromPeerId: string, info: EntryInfo): void | Promise<void> {
    return this.#events.message(message, fromPeerId, info);
  }

  pendingChanged(): void {
    this.#events.pendingChanged();
  }

  storageFull(): void {
    this.#events.storageFull();
  }

  topology(topology: NetworkTopology): void {
    this.#events.topology(topology);
  }

  wantsTopology(): boolean {
    return this.#events.wantsTopology();
  }

  reconnecting(): void {
    this.#events.reconnecting();
  }

  failed(error: Error): void {
    this.#events.failed(error);
  }

  /** Every link went with the tab that led. Who else is in the room is told when another has joined it. */
  leaderLost(): void {
    if (this.#phase !== 'inside') return;
    this.#phase = 'between leaders';
    for (const peerId of this.linkedPeerIds()) this.unlinked(peerId);
    this.#events.reconnecting();
  }

  #place(peer: PeerInfo): void {
    const status = this.#peers.get(peer.peerId)?.status ?? 'discovered';
    this.met.add(peer.peerId);
    this.#peers.set(peer.peerId, { ...peer, status });
  }

  #forgetAllBut(peers: PeerInfo[]): void {
    const present = new Set(peers.map(({ peerId }) => peerId));
    for (const peerId of [...this.#peers.keys()]) if (!present.has(peerId)) this.peerLeft(peerId);
  }
}
