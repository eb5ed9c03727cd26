import { isRelayedDescription, limits, MAX_HELLO_BYTES, MalformedFrameError, RecordAssembler } from '@innmesh/protocol';
import { AnnouncedCandidates } from './announced-candidates.ts';
import { RecordSender } from './record-sender.ts';
import type { RelayMeter } from './relay-meter.ts';

/** The two data channels of a link. Long messages take the bulk lane, so that an order overtakes them. */
export const lanes = { entries: 0, bulk: 1 } as const;
export type Lane = (typeof lanes)[keyof typeof lanes];
export const LANE_COUNT = 2;

/**
 * Within a lane, each stream's records keep their order, and streams take turns. What a link says of itself waits for no
 * entry.
 */
export const streams = { control: 0, entries: 1 } as const;

/** A stranger has its credential to show, which the server took in a frame of that size, and a few bytes around it. */
export const MAX_STRANGERS_RECORD_BYTES = limits.signalingFrameBytes + 1024;

export interface TransportEvents {
  candidate(candidate: RTCIceCandidate): void;
  /** Both channels are open. */
  opened(): void;
  /** The records of one frame. */
  received(lane: Lane, records: Uint8Array<ArrayBuffer>[]): void;
  /** ICE misses answers, or has given its path up: it may find another one when it is restarted. */
  pathLost(isGivenUp: boolean): void;
  /** ICE has its path back, or another one. */
  pathFound(): void;
  /** Once; nothing comes after it. */
  closed(reason: string): void;
}

/** What a link has to do with relays. */
export interface Relays {
  /** For ICE to begin anew with; the same list until it changes. */
  iceServers(): readonly RTCIceServer[];
  /** Counts what crosses them. */
  meter: RelayMeter;
}

/** A way from one device to another that carries a link's lanes; it knows nothing of what the records say. */
export interface Transport {
  /** It goes through the signaling server: the last way of all. */
  readonly isRelayed: boolean;
  /** There is no path at this moment. */
  readonly isBroken: boolean;
  /** Packets cross both ways: whatever was to be said for it by way of others has arrived. */
  readonly hasPath: boolean;
  /** To be called once, before anything is expected of the other side. */
  listen(events: TransportEvents): void;
  /** To be called once, when it is known whom the link is to. */
  useRelays(relays: Relays): void;
  /** The session description to send to the other side; the same one however often it is asked for. */
  offer(): Promise<string>;
  /** It can look for its path anew. */
  readonly canRestart: boolean;
  /** Looks for its path anew, as the same end; the session description to offer. */
  restart(): Promise<string>;
  /** Takes the other side's offer, the first or one to restart; the session description to answer with. */
  answer(sdp: string): Promise<string>;
  /** The description is on its way to the other side: candidates may follow it, those so far at once. */
  trickle(): void;
  acceptAnswer(sdp: string): Promise<void>;
  /** A candidate may come before the description it belongs to is set; it waits for it. */
  addCandidate(candidate: RTCIceCandidateInit): Promise<void>;
  /**
   * A record in one part or two. Dropped without a word when the transport is closed: whoever needs to know listens to
   * `closed`.
   */
  send(lane: Lane, head: Uint8Array, body?: Uint8Array, stream?: number): void;
  /** The last record of the lane, behind whatever waits. */
  sendLast(lane: Lane, record: Uint8Array): void;
  /** It is known who the other side is; or it has shown itself, and may greet, `hello`, before that is verified. */
  allowLongRecords(what?: 'hello'): void;
  stats(): Promise<RTCStatsReport>;
  close(reason: string): void;
}

/** One RTCPeerConnection with its two channels. */
export class WebRtcTransport implements Transport {
  readonly isRelayed = false;
  readonly #connection: RTCPeerConnection;
  #iceServers: readonly RTCIceServer[];
  #events: TransportEvents | null = null;
  #offer: Promise<string> | null = null;
  /** Until `trickle()`. */
  #heldCandidates: RTCIceCandidate[] | null = [];
  #channels: RTCDataChannel[] = [];
  #senders: RecordSender[] = [];
  readonly #assemblers: RecordAssembler[] = [];
  #negotiation: Promise<void> = Promise.resolve();
  #wasOpen = false;
  #closed = false;
  #relays: Relays | null = null;
  /** One of the two ends has a relay, so that bytes may cross one. */
  #mayBeRelayed = false;
  readonly #announced = new AnnouncedCandidates();

  /** `iceServers`: what the connection was made with. */
  constructor(connection: RTCPeerConnection, iceServers: readonly RTCIceServer[] = []) {
    this.#connection = connection;
    this.#iceServers = iceServers;
    connection.onicecandidate = ({ candidate }) => {
      if (!candidate?.candidate || this.#closed) return;
      this.#noteRelay(candidate);
      if (this.#heldCandidates) this.#heldCandidates.push(candidate);
      else this.#events?.candidate(candidate);
    };
    connection.onconnectionstatechange = () => {
      const state = connection.connectionState;
      const isOver = state === 'closed' || (state === 'failed' && !this.#wasOpen);
      if (isOver) this.#end(`the connection ${state}.`);
      else if (state === 'failed' || state === 'disconnected') this.#events?.pathLost(state === 'failed');
      else if (state === 'connected' && this.#wasOpen) this.#events?.pathFound();
    };
  }

  get isBroken(): boolean {
    const state = this.#connection.connectionState;
    return state === 'disconnected' || state === 'failed';
  }

  get hasPath(): boolean {
    const state = this.#connection.iceConnectionState;
    return state === 'connected' || state === 'completed';
  }

  /** node-datachannel cannot. */
  get canRestart(): boolean {
    return typeof this.#connection.restartIce === 'function';
  }

  listen(events: TransportEvents): void {
    this.#events = events;
  }

  offer(): Promise<string> {
    this.#offer ??= this.#makeOffer();
    return this.#offer;
  }

  async #makeOffer(): Promise<string> {
    this.#openChannels();
    await this.#connection.setLocalDescription();
    return this.#localSdp();
  }

  async restart(): Promise<string> {
    this.#heldCandidates ??= [];
    await this.#beginAnew();
    this.#connection.restartIce();
    await this.#connection.setLocalDescription();
    return this.#localSdp();
  }

  async answer(sdp: string): Promise<string> {
    expectNotRelayed(sdp);
    // Each section costs time and makes the answer longer; data channels have one.
    if ((sdp.match(/^m=/gm)?.length ?? 0) > 1) throw new MalformedFrameError('It asks for more than data channels.');
    const accepted = this.#takeOffer(sdp);
    this.#negotiation = accepted.catch(() => {});
    await accepted;
    this.#heldCandidates ??= [];
    // Not before: node-datachannel makes an offer of its own as soon as it has a channel and no remote description.
    if (this.#channels.length === 0) this.#openChannels();
    await this.#connection.setLocalDescription();
    return this.#localSdp();
  }

  async #takeOffer(sdp: string): Promise<void> {
    if (this.#wasOpen) await this.#beginAnew();
    await this.#connection.setRemoteDescription({ type: 'offer', sdp });
  }

  /** Before an ICE restart: Firefox forgets the bytes of the path before it, and credentials may be others by now. */
  async #beginAnew(): Promise<void> {
    if (this.#mayBeRelayed) await this.stats().catch(() => {});
    const iceServers = this.#relays?.iceServers() ?? this.#iceServers;
    if (iceServers === this.#iceServers) return;
    this.#iceServers = iceServers;
    this.#connection.setConfiguration({ ...this.#connection.getConfiguration(), iceServers: [...iceServers] });
  }

  trickle(): void {
    for (const candidate of this.#heldCandidates ?? []) this.#events?.candidate(candidate);
    this.#heldCandidates = null;
  }

  async acceptAnswer(sdp: string): Promise<void> {
    expectNotRelayed(sdp);
    const accepted = this.#connection.setRemoteDescription({ type: 'answer', sdp });
    this.#negotiation = accepted.catch(() => {});
    await accepted;
  }

  async addCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    this.#noteRelay(candidate);
    this.#announced.note(candidate.candidate ?? '');
    await this.#negotiation;
    if (!this.#closed) await this.#connection.addIceCandidate(candidate);
  }

  send(lane: Lane, head: Uint8Array, body?: Uint8Array, stream: number = streams.control): void {
    if (this.#closed) return;
    if (lane === lanes.entries && stream !== streams.control) this.#senders[lanes.bulk]?.giveWay();
    this.#senders[lane]?.send(stream, head, body);
  }

  sendLast(lane: Lane, record: Uint8Array): void {
    if (!this.#closed) this.#senders[lane]?.sendLast(record);
  }

  allowLongRecords(what?: 'hello'): void {
    allowLongRecords(this.#assemblers, what);
  }

  useRelays(relays: Relays): void {
    this.#relays = relays;
  }

  async stats(): Promise<RTCStatsReport> {
    return this.#counted(await this.#connection.getStats());
  }

  #counted(report: RTCStatsReport): RTCStatsReport {
    const corrected = this.#announced.correct(report);
    this.#relays?.meter.read(this, corrected);
    return corrected;
  }

  close(reason: string): void {
    this.#end(reason);
  }

  #openChannels(): void {
    this.#channels = Object.entries(lanes).map(([label, lane]) => this.#openChannel(label, lane));
    this.#senders = this.#channels.map(
      (channel) => new RecordSender(channel, (error) => this.#end(`a channel takes no more: ${error}`)),
    );
  }

  #openChannel(label: string, id: number): RTCDataChannel {
    const channel = this.#connection.createDataChannel(label, { negotiated: true, id });
    channel.binaryType = 'arraybuffer';
    const assembler = new RecordAssembler(MAX_STRANGERS_RECORD_BYTES);
    this.#assemblers.push(assembler);
    channel.onopen = () => {
      this.#senders[id]?.resume();
      if (!this.#channels.every(({ readyState }) => readyState === 'open')) return;
      this.#wasOpen = true;
      this.#countAtChange();
      this.#events?.opened();
    };
    channel.onclose = () => {
      // Firefox closes them in the moment in which the device's address is gone.
      if (this.isBroken) this.#events?.pathLost(true);
      this.#end('the other side closed its channel.');
    };
    channel.onmessage = ({ data }) => this.#receive(id as Lane, assembler, data);
    return channel;
  }

  #receive(lane: Lane, assembler: RecordAssembler, data: unknown): void {
    if (this.#closed) return;
    try {
      if (!(data instanceof ArrayBuffer)) throw new MalformedFrameError('Expected binary frames, received text.');
      this.#events?.received(lane, assembler.receive(new Uint8Array(data)));
    } catch (error) {
      if (!(error instanceof MalformedFrameError)) throw error;
      this.#end(`the other side broke the protocol: ${error.message}`);
    }
  }

  #noteRelay({ candidate }: RTCIceCandidateInit): void {
    this.#mayBeRelayed ||= / typ relay/.test(candidate ?? '');
  }

  /** Chromium tells of a change of the way; the pair before is still in the statistics then. */
  #countAtChange(): void {
    const ice = this.#connection.sctp?.transport.iceTransport;
    ice?.addEventListener('selectedcandidatepairchange', () => {
      if (this.#mayBeRelayed && !this.#closed) this.stats();
    });
  }

  /** A closed connection has no statistics any more, and Firefox does not answer then what was asked before. */
  #closeCounted(): void {
    const close = () => this.#closeConnection();
    this.stats().then(close, close);
  }

  /** Chromium never collects one that is closed when it is about to tell that it gathers, which counts towards its limit. */
  #closeConnection(): void {
    const connection = this.#connection;
    const close = () => connection.close();
    if (this.canRestart && connection.localDescription && connection.iceGatheringState === 'new')
      connection.onicegatheringstatechange = close;
    else close();
  }

  #localSdp(): string {
    const sdp = this.#connection.localDescription?.sdp ?? '';
    return sdp.replace(/^a=(candidate:.*|end-of-candidates)\r?\n/gm, '');
  }

  #end(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    // Until it is collected, a closed connection counts towards Chromium's limit of 500; handlers would keep it alive.
    this.#connection.onicecandidate = null;
    this.#connection.onconnectionstatechange = null;
    for (const channel of this.#channels) {
      channel.onopen = null;
      channel.onclose = null;
      channel.onmessage = null;
      channel.onbufferedamountlow = null;
    }
    if (this.#mayBeRelayed) this.#closeCounted();
    else this.#closeConnection();
    this.#events?.closed(reason);
  }
}

/** By lane. A hello is on that of the entries. */
export function allowLongRecords(assemblers: readonly RecordAssembler[], what?: 'hello'): void {
  for (const [lane, assembler] of assemblers.entries()) {
    if (!what) assembler.maxBytes = limits.unfinishedBytes;
    else if (lane === lanes.entries) assembler.maxBytes = MAX_HELLO_BYTES;
  }
}

/** A browser would say what it makes of the text. */
function expectNotRelayed(sdp: string): void {
  if (isRelayedDescription(sdp)) throw new MalformedFrameError('It is for a link through the signaling server.');
}
