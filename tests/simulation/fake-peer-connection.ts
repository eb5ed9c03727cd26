import { FakeDataChannel } from './fake-data-channel.ts';
import type { FakeNetwork } from './fake-network.ts';
import { Pipe } from './pipe.ts';

interface Handlers {
  onicecandidate: ((event: { candidate: object | null }) => void) | null;
  onconnectionstatechange: (() => void) | null;
}

/** As much of RTCPeerConnection as a transport uses; the session descriptions hold nothing but who speaks to whom. */
export class FakePeerConnection implements Handlers {
  readonly id: string;
  readonly owner: string;
  readonly iceServers: readonly RTCIceServer[];
  onicecandidate: Handlers['onicecandidate'] = null;
  onconnectionstatechange: Handlers['onconnectionstatechange'] = null;
  connectionState: RTCPeerConnectionState = 'new';
  localDescription: RTCSessionDescriptionInit | null = null;
  /** The other end, as the remote description names it. */
  remoteId: string | null = null;
  hasRemoteCandidate = false;
  isCut = false;
  /** The offer that waits for an answer, and whose it is. */
  #negotiating: 'own' | 'remote' | null = null;
  readonly channels: FakeDataChannel[] = [];
  readonly #network: FakeNetwork;

  constructor(network: FakeNetwork, owner: string, id: string, iceServers: readonly RTCIceServer[]) {
    this.#network = network;
    this.owner = owner;
    this.id = id;
    this.iceServers = iceServers;
    network.open.set(id, this);
  }

  get peer(): FakePeerConnection | undefined {
    return this.remoteId === null ? undefined : this.#network.open.get(this.remoteId);
  }

  get iceConnectionState(): RTCIceConnectionState {
    if (this.connectionState === 'connecting') return 'checking';
    return this.connectionState;
  }

  get isBlocked(): boolean {
    const { isolated } = this.#network;
    // Without a restart ICE never looks for a path again.
    if (this.connectionState === 'failed' || this.peer?.connectionState === 'failed') return true;
    if (this.#network.areApart(this.owner, this.remoteId?.split('#')[0] ?? '')) return true;
    return this.isCut || isolated.has(this.owner) || isolated.has(this.remoteId?.split('#')[0] ?? '');
  }

  /** An offer, or the answer to the one that has come. */
  async setLocalDescription(): Promise<void> {
    await this.#takesTime();
    const type = this.#negotiating === 'remote' ? 'answer' : 'offer';
    this.#negotiating = type === 'offer' ? 'own' : null;
    const to = this.remoteId ?? 'anyone';
    const sdp = `from ${this.id} to ${to}\na=fingerprint:sha-256 ${this.id}\n`;
    await this.#takesTime();
    this.localDescription = { type, sdp };
    for (let index = 0; index < 2; index++) this.#network.later(() => this.#gather(index), 50);
    if (type === 'answer') this.#renewPath();
    this.#tryToConnect();
  }

  async setRemoteDescription({ type, sdp = '' }: RTCSessionDescriptionInit): Promise<void> {
    const [, from = '', to = ''] = /^from (\S+) to (\S+)/.exec(sdp) ?? [];
    await this.#takesTime();
    if (type === 'answer' && this.#negotiating !== 'own') throw new Error('InvalidStateError: no answer is expected');
    if (this.remoteId !== null && from !== this.remoteId)
      throw new Error('OperationError: it is of another connection');
    if (type === 'answer' && to !== this.id) throw new Error('OperationError: the answer is to another offer');
    this.#negotiating = type === 'offer' ? 'remote' : null;
    this.remoteId = from;
    if (type === 'answer') this.#renewPath();
    this.#tryToConnect();
  }

  async addIceCandidate({ candidate }: RTCIceCandidateInit): Promise<void> {
    await this.#takesTime();
    if (this.remoteId === null) throw new Error('InvalidStateError: no remote description');
    if (candidate !== `candidate of ${this.remoteId}`) throw new Error('OperationError: unknown ufrag');
    this.hasRemoteCandidate = true;
    this.#tryToConnect();
  }

  /** Of the gathering, of which there is nothing to tell. */
  addEventListener(): void {}

  /** With the next description. */
  restartIce(): void {}

  /** What was given up works again, where the network lets it. */
  #renewPath(): void {
    const { isolated } = this.#network;
    if (this.connectionState !== 'failed' || this.isCut || isolated.has(this.owner)) return;
    this.connectionState = 'connected';
    this.onconnectionstatechange?.();
  }

  createDataChannel(_label: string, { id }: { id: number }): FakeDataChannel {
    const channel = new FakeDataChannel(this, id, this.#pipe(40), (bytes) => {
      this.#network.bytesSent += bytes;
    });
    this.channels.push(channel);
    return channel;
  }

  async getStats(): Promise<Map<string, object>> {
    this.#network.statisticsRead += 1;
    await this.#takesTime();
    const pair = { id: 'pair', type: 'candidate-pair', selected: true, localCandidateId: 'l', remoteCandidateId: 'r' };
    const ends = ['l', 'r'].map((id) => ({ id, candidateType: 'host' }));
    return new Map([pair, ...ends].map((entry) => [entry.id, entry]));
  }

  close(): void {
    if (this.connectionState === 'closed') return;
    const { peer, isBlocked } = this;
    if (peer && !isBlocked) this.#network.later(() => peer.noticeEnd(), 60);
    this.vanish();
  }

  vanish(): void {
    this.peer?.expectConsent();
    this.connectionState = 'closed';
    this.#network.open.delete(this.id);
    for (const channel of this.channels) channel.shut();
  }

  /** Its packets go nowhere from now on; both ends find out by themselves. */
  cut(): void {
    for (const end of [this, this.peer]) {
      if (!end) continue;
      end.isCut = true;
      end.expectConsent();
    }
  }

  /** Both ends notice in the same moment that it does not work any more. */
  breakNow(): void {
    for (const end of [this, this.peer]) end?.fail();
  }

  /** Fails unless the other end is in reach when its consent runs out (RFC 7675: 30 s). */
  expectConsent(): void {
    this.#network.later(() => (this.isBlocked || !this.peer) && this.fail(), 30_000, 15_000);
  }

  noticeEnd(): void {
    for (const channel of this.channels) channel.end();
  }

  fail(): void {
    if (this.connectionState === 'closed') return;
    this.connectionState = 'failed';
    this.onconnectionstatechange?.();
  }

  /** Ends up nowhere when the connection is closed meanwhile, as the specification has it. */
  #takesTime(): Promise<void> {
    if (this.connectionState === 'closed') return Promise.reject(new Error('InvalidStateError: closed'));
    return new Promise((resolve) => {
      this.#network.later(() => this.connectionState !== 'closed' && resolve(), 5);
    });
  }

  #gather(sdpMLineIndex: number): void {
    const candidate = { candidate: `candidate of ${this.id}`, sdpMid: '0', sdpMLineIndex };
    if (this.connectionState !== 'closed') this.onicecandidate?.({ candidate });
  }

  #tryToConnect(): void {
    const { peer } = this;
    const ends = [this, peer];
    const isReady = ends.every((end) => end?.localDescription && end.hasRemoteCandidate && end.peer);
    if (!peer || !isReady || peer.peer !== this || this.connectionState !== 'new') return;
    for (const end of ends) if (end) end.connectionState = 'connecting';
    this.#network.later(() => this.#connect(peer), 150);
  }

  #connect(peer: FakePeerConnection): void {
    if (this.connectionState !== 'connecting' || peer.connectionState !== 'connecting') return;
    if (this.isBlocked) {
      this.#network.later(() => this.#connect(peer), 1_000);
      return;
    }
    for (const end of [this, peer]) {
      end.connectionState = 'connected';
      for (const channel of end.channels) this.#network.later(() => channel.open(), 30);
    }
  }

  #pipe(atMostMs: number): Pipe {
    return new Pipe(
      this.#network.clock,
      () => this.#network.delayMs(atMostMs),
      () => this.isBlocked,
    );
  }
}
