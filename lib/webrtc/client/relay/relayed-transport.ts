import type { CancelTimer, Clock } from '@innmesh/kit';
import {
  contentKinds,
  decodeSealedContent,
  encodeSealedContent,
  laneOf,
  limits,
  MalformedFrameError,
  partKind,
  readRelayedDescription,
  type SealedContent,
  type UndeliveredReason,
  writeRelayedDescription,
} from '@innmesh/protocol';
import { RecordSender } from '../link/record-sender.ts';
import type { RelayMeter } from '../link/relay-meter.ts';
import { type Lane, lanes, type Relays, streams, type Transport, type TransportEvents } from '../link/transport.ts';
import { FrameSeal } from './frame-seal.ts';
import { IncomingLanes } from './incoming-lanes.ts';
import type { RelayPace } from './relay-pace.ts';
import { LANE_PACE, RelayedLane } from './relayed-lane.ts';
import { type AgreementKey, type Bytes, loadSealing, type Sealing } from './sealing.ts';

export { loadSealing };

export interface RelayedTransportDeps {
  /** Binds the frames to this attempt at a link. */
  attempt: number;
  clock: Clock;
  pace: Pick<RelayPace, 'isOffered' | 'take'>;
  /** Hands a sealed frame to the signaling server. */
  send(bytes: Bytes): void;
  /** What waits to be sent there, by whomever; `null` while there is no server. */
  bufferedBytes(): number | null;
  /** No frame is of use to it any more. */
  ended(): void;
  loadSealing?(): Promise<Sealing>;
}

const TAG_BYTES = 16;
/** The tag, and around the sealed bytes a code, a slot and an attempt. */
const AROUND_BYTES = 2 * TAG_BYTES;
/** A long transfer leaves the rest of the window to what is more urgent, and has little ahead of it on the way. */
const BULK_WINDOW_BYTES = limits.sealedWindowBytes / 2;
/** What may wait in this device's own socket, ahead of whatever comes next. */
const MAX_BUFFERED_BYTES = { [lanes.entries]: 64 * 1024, [lanes.bulk]: 8 * 1024 };
/** A WebSocket does not tell when it has room again. */
const LOOK_AGAIN_MS = 5;
const CONFIRM_EVERY_BYTES = limits.sealedWindowBytes / 4;
/** The window, and confirmations in between. */
const MAX_UNOPENED_BYTES = limits.sealedWindowBytes + limits.signalingFrameBytes;

const NOTHING: Bytes = new Uint8Array();
const NOT_OFFERED = 'the signaling server hands on no frames between devices.';
const UNDELIVERED: Record<UndeliveredReason, string> = {
  off: NOT_OFFERED,
  rate: 'the signaling server hands on no more frames at this rate.',
  'slow-receiver': 'the other device does not read what waits for it at the signaling server.',
};

/**
 * Carries a link's lanes as sealed frames through the signaling server, which sees their sizes and nothing else (SPEC.md,
 * F1–F8). The descriptions are ephemeral keys, so that the proofs of both ends are for exactly these.
 */
export class RelayedTransport implements Transport {
  readonly attempt: number;
  readonly isRelayed = true;
  readonly canRestart = false;
  readonly #deps: RelayedTransportDeps;
  readonly #lanes = { [lanes.entries]: this.#createLane(), [lanes.bulk]: this.#createLane() };
  readonly #senders = {
    [lanes.entries]: this.#createSender(lanes.entries),
    [lanes.bulk]: this.#createSender(lanes.bulk),
  };
  readonly #incoming = new IncomingLanes();
  readonly #agreed = Promise.withResolvers<FrameSeal>();
  #events: TransportEvents | null = null;
  #offer: Promise<{ key: AgreementKey; sdp: string }> | null = null;
  /** What the other side has said of itself. */
  #described: string | null = null;
  /** Once both ends know each other's keys. */
  #seal: FrameSeal | null = null;
  #isOpen = false;
  #meter: RelayMeter | null = null;
  #isClosed = false;
  /** What the other side has not said yet that it has taken. */
  #unconfirmedBytes = 0;
  /** What this side has taken and not yet said so. */
  #unsaidBytes = 0;
  #unopenedBytes = 0;
  #sending: Promise<void> = Promise.resolve();
  #receiving: Promise<void> = Promise.resolve();
  #isPumpDue = false;
  #cancelPump: CancelTimer = () => {};
  #bytes = { bytesSent: 0, bytesReceived: 0 };

  constructor(deps: RelayedTransportDeps) {
    this.#deps = deps;
    this.attempt = deps.attempt;
  }

  get isBroken(): boolean {
    return this.#deps.bufferedBytes() === null;
  }

  /** Not to be relied on before the link is open: its frames go to a socket that may be another one by then. */
  get hasPath(): boolean {
    return false;
  }

  listen(events: TransportEvents): void {
    this.#events = events;
  }

  async offer(): Promise<string> {
    this.#offer ??= this.#createKey();
    return (await this.#offer).sdp;
  }

  async restart(): Promise<string> {
    throw new Error('There is but one way through the signaling server.');
  }

  async answer(offer: string): Promise<string> {
    const otherKey = readRelayedDescription(offer);
    this.#describe(offer);
    const { key, sdp: answer } = await this.#createKey();
    this.#agree(await FrameSeal.agree('answerer', key, { ...this.#deps, offer, answer, otherKey }));
    return answer;
  }

  /** The answer is on its way, and what is sent from now on comes behind it. */
  trickle(): void {
    if (this.#seal) this.#open();
  }

  async acceptAnswer(answer: string): Promise<void> {
    const otherKey = readRelayedDescription(answer);
    if (!this.#offer) throw new MalformedFrameError('An answer to no offer.');
    if (answer === this.#described) return;
    this.#describe(answer);
    const { key, sdp: offer } = await this.#offer;
    this.#agree(await FrameSeal.agree('offerer', key, { ...this.#deps, offer, answer, otherKey }));
    this.#open();
  }

  /** There are none. */
  async addCandidate(): Promise<void> {}

  send(lane: Lane, head: Uint8Array, body?: Uint8Array, stream: number = streams.control): void {
    if (!this.#isClosed) this.#senders[lane].send(stream, head, body);
  }

  sendLast(lane: Lane, record: Uint8Array): void {
    if (!this.#isClosed) this.#senders[lane].sendLast(record);
  }

  allowLongRecords(what?: 'hello'): void {
    this.#incoming.allowLongRecords(what);
  }

  /** As those of a connection, with one line. */
  async stats(): Promise<RTCStatsReport> {
    return this.#count();
  }

  useRelays({ meter }: Relays): void {
    this.#meter = meter;
  }

  #count(): RTCStatsReport {
    const id = 'signaling-relay';
    const report = new Map([[id, { id, type: id, timestamp: this.#deps.clock.nowMs(), ...this.#bytes }]]);
    this.#meter?.read(this, report);
    return report;
  }

  close(reason: string): void {
    this.#end(reason, true);
  }

  /** A sealed frame of this attempt has come from the other side. */
  receive(sealed: Bytes): void {
    if (this.#isClosed) return;
    this.#unopenedBytes += sealed.length;
    if (this.#unopenedBytes > MAX_UNOPENED_BYTES) {
      this.#break('more is under way than it may be.');
      return;
    }
    const content = this.#agreed.promise.then((seal) => seal.open(sealed));
    this.#receiving = this.#receiving.then(() => this.#takeFrame(content, sealed.length));
    content.catch(() => {});
  }

  /** The server has dropped a frame of this side's. */
  undelivered(reason: UndeliveredReason): void {
    this.#end(UNDELIVERED[reason], false);
  }

  /** Once: frames that were sealed by the same keys from the beginning again would be anybody's to read. */
  #describe(sdp: string): void {
    if (this.#described !== null) throw new MalformedFrameError('The keys have been agreed on.');
    this.#described = sdp;
  }

  #createLane(): RelayedLane {
    return new RelayedLane(() => this.#pumpSoon());
  }

  #createSender(lane: Lane): RecordSender {
    return new RecordSender(this.#lanes[lane], (error) => this.#end(`${error}`, false), LANE_PACE);
  }

  async #createKey(): Promise<{ key: AgreementKey; sdp: string }> {
    if (!this.#deps.pace.isOffered) throw new Error(NOT_OFFERED);
    const key = await (await (this.#deps.loadSealing ?? loadSealing)()).createKey();
    return { key, sdp: writeRelayedDescription(key.publicKey) };
  }

  #agree(seal: FrameSeal): void {
    this.#seal = seal;
    this.#agreed.resolve(seal);
  }

  #open(): void {
    if (this.#isOpen || this.#isClosed) return;
    this.#isOpen = true;
    for (const lane of Object.values(lanes)) {
      this.#lanes[lane].readyState = 'open';
      this.#senders[lane].resume();
    }
    this.#events?.opened();
  }

  /** In a microtask, as senders fill lanes while they are being emptied. */
  #pumpSoon(): void {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    queueMicrotask(() => {
      this.#isPumpDue = false;
      this.#pump();
    });
  }

  /** Sends what may go now, what is urgent first. */
  #pump(): void {
    this.#cancelPump();
    if (!this.#isOpen || this.#isClosed) return;
    if (this.#deps.bufferedBytes() === null) {
      this.#end('the signaling server is out of reach.', false);
      return;
    }
    const waitMs = this.#carry(lanes.entries) || this.#confirm() || this.#carry(lanes.bulk);
    if (waitMs > 0) this.#cancelPump = this.#deps.clock.setTimer(() => this.#pump(), waitMs);
  }

  /** How long to wait before the lane may go on; 0 also where a confirmation will say when. */
  #carry(lane: Lane): number {
    const window = lane === lanes.bulk ? BULK_WINDOW_BYTES : limits.sealedWindowBytes;
    while (this.#lanes[lane].nextBytes > 0) {
      const bytes = this.#lanes[lane].nextBytes + AROUND_BYTES;
      if (this.#unconfirmedBytes + bytes > window) return 0;
      const waitMs = this.#waitMs(lane, bytes);
      if (waitMs > 0) return waitMs;
      const taken = this.#lanes[lane].take();
      if (taken) this.#unconfirmedBytes += this.#transmit(partKind(lane, taken.isLast), taken.part);
    }
    return 0;
  }

  /** Where nothing else has told the other side for a while what has been taken. */
  #confirm(): number {
    if (this.#unsaidBytes < CONFIRM_EVERY_BYTES) return 0;
    const waitMs = this.#waitMs(lanes.entries, AROUND_BYTES);
    if (waitMs === 0) this.#transmit(contentKinds.confirmation);
    return waitMs;
  }

  #waitMs(lane: Lane, bytes: number): number {
    if ((this.#deps.bufferedBytes() ?? 0) > MAX_BUFFERED_BYTES[lane]) return LOOK_AGAIN_MS;
    return this.#deps.pace.take(bytes + limits.sealedFrameCostBytes, lane === lanes.entries);
  }

  /** The length of the sealed frame. */
  #transmit(kind: number, part = NOTHING): number {
    const content = encodeSealedContent({ takenBytes: this.#unsaidBytes, kind, part });
    this.#unsaidBytes = 0;
    const sealed = this.#seal?.seal(content);
    this.#sending = this.#sending
      .then(async () => this.#deps.send((await sealed) ?? NOTHING))
      .catch((error) => this.#end(`a frame could not be sealed: ${error}`, false));
    this.#bytes.bytesSent += content.length + TAG_BYTES;
    return content.length + TAG_BYTES;
  }

  async #takeFrame(content: Promise<Bytes>, sealedBytes: number): Promise<void> {
    let opened: Bytes;
    try {
      opened = await content;
    } catch {
      this.#end('a frame does not open: it was changed, lost, repeated or out of order on its way.', true);
      return;
    }
    if (this.#isClosed) return;
    this.#unopenedBytes -= sealedBytes;
    this.#bytes.bytesReceived += sealedBytes;
    try {
      this.#take(decodeSealedContent(opened), sealedBytes);
    } catch (error) {
      const isTheirs = error instanceof MalformedFrameError;
      this.#break(isTheirs ? error.message : 'it could not be taken.');
      if (!isTheirs) throw error;
    }
  }

  #take({ takenBytes, kind, part }: SealedContent, sealedBytes: number): void {
    this.#unconfirmedBytes -= takenBytes;
    if (this.#unconfirmedBytes < 0) throw new MalformedFrameError('It has taken more than was sent.');
    if (takenBytes > 0) this.#pumpSoon();
    if (kind === contentKinds.confirmation) return;
    if (kind === contentKinds.goodbye) {
      this.#end('the other side closed it.', false);
      return;
    }
    this.#unsaidBytes += sealedBytes;
    if (this.#unsaidBytes > limits.sealedWindowBytes) throw new MalformedFrameError('More is under way than may be.');
    const { lane, isLast } = laneOf(kind);
    const records = this.#incoming.add(lane as Lane, part, isLast);
    if (records) this.#events?.received(lane as Lane, records);
    if (this.#unsaidBytes >= CONFIRM_EVERY_BYTES) this.#pumpSoon();
  }

  #break(problem: string): void {
    this.#end(`the other side broke the protocol: ${problem}`, true);
  }

  #end(reason: string, tells: boolean): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelPump();
    if (tells && this.#isOpen && this.#deps.bufferedBytes() !== null) this.#transmit(contentKinds.goodbye);
    this.#count();
    this.#deps.ended();
    this.#events?.closed(reason);
  }
}
