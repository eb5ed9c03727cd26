import { ManualClock, type Random } from '@innmesh/kit';
import {
  type CredentialClaims,
  CredentialError,
  NONCE_BYTES,
  PROTOCOL_VERSION,
  readCredential,
  readDenyList,
} from '@innmesh/protocol';
import { type Hello, Link, type LinkEnd } from '../../lib/webrtc/client/link/link.ts';
import { LinkAuthentication, type LinkAuthenticationDeps } from '../../lib/webrtc/client/link/link-authentication.ts';
import { type Lane, lanes, Transport } from '../../lib/webrtc/client/link/transport.ts';
import { below, happens, pick, pickWeighted } from './chance.ts';
import type { Findings } from './findings.ts';
import { FuzzedChannel } from './fuzzed-channel.ts';
import { type Authenticate, FuzzedJudge, FuzzedPeer } from './fuzzed-peer.ts';
import { type Frame, mutate } from './mutations.ts';

export interface FuzzedLinkDeps {
  random: Random;
  findings: Findings;
  credential: string;
  claims: CredentialClaims;
}

const SDP = 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\na=fingerprint:sha-256 AA:BB:CC\r\n';
const sdpBytes: Frame = new Uint8Array(Buffer.from(SDP));

/** A real link over a connection that exists only here, with the fuzzer as its other side. */
export class FuzzedLink {
  wasOpen = false;
  framesHeard = 0;
  readonly #deps: FuzzedLinkDeps;
  readonly #clock = new ManualClock(1_000_000);
  readonly #channels: FuzzedChannel[] = [];
  readonly #peer: FuzzedPeer;
  readonly #judge: FuzzedJudge;
  readonly #link: Link;
  readonly #connection: RTCPeerConnection;
  #end: LinkEnd | null = null;
  #isConnectionClosed = false;

  constructor(deps: FuzzedLinkDeps) {
    const { random, credential, claims } = deps;
    this.#deps = deps;
    this.#peer = new FuzzedPeer(random, credential);
    this.#judge = new FuzzedJudge(random, claims);
    this.#connection = this.#fakeConnection();
    this.#link = this.#makeLink();
  }

  get isOver(): boolean {
    return this.#end !== null;
  }

  get phase(): string {
    if (this.#end) return 'after its end';
    if (this.#link.isOpen) return 'open';
    if (this.#link.isStanding) return 'closing';
    return this.#channels.every(({ readyState }) => readyState === 'open') ? 'before its hello' : 'before its channels';
  }

  /** Offers or answers; there are channels a turn later. */
  begin(): void {
    if (happens(this.#deps.random, 0.5)) this.#link.offer();
    else this.#link.answer(this.#description());
  }

  /** The descriptions are exchanged and the channels are open, or the link has broken over it. */
  connect(): void {
    if (this.#link.isOffering) void this.#link.acceptAnswer(this.#description());
    for (const channel of this.#channels) channel.readyState = 'open';
    for (const channel of this.#channels) channel.onopen?.();
  }

  hear(): void {
    const { lane, frame } = this.#peer.next();
    this.framesHeard += 1;
    this.#channels[lane]?.hear(this.phase, frame);
  }

  /** What happens to a link besides frames. */
  disturb(): void {
    const { random, findings } = this.#deps;
    const channel = this.#channels[below(random, 2)];
    const link = this.#link;
    const lane = pick(random, [lanes.entries, lanes.bulk]);
    const disturb = pickWeighted<() => unknown>(random, [
      [40, () => this.#judge.decide()],
      [20, () => this.#clock.advance(below(random, 3_000))],
      [20, () => link.sendEntry(lane, below(random, 100), random.bytes(20) as Frame)],
      [2, () => link.sendEntry(lane, below(random, 100), new Uint8Array(40_000))],
      [4, () => link.renew(this.#deps.credential)],
      [4, () => link.deny('list')],
      [4, () => link.addCandidate({ candidate: 'candidate:1', sdpMid: '0' })],
      [2, () => link.checkPeer()],
      [2, () => !this.isOver && link.roundTrip.probe(1_000)],
      [3, () => channel && this.#congest(channel)],
      [4, () => link.close()],
      [1, () => link.drop('it is of no use.')],
      [1, () => channel?.hearText('text')],
      [1, () => channel && this.#breakOff(channel)],
    ]);
    findings.guard(`A link, disturbed ${this.phase},`, null, disturb);
  }

  /** Whatever it still waits for comes; it has to be over then. */
  close(): void {
    this.#link.close();
    this.#clock.advance(60_000);
    this.#judge.decide();
  }

  /** Some turns after its end nothing of it is left. */
  expectNothingLeft(): void {
    const { findings } = this.#deps;
    findings.expect(this.isOver, () => `A link does not end; it is ${this.phase}.`);
    const { pendingTimers } = this.#clock;
    findings.expect(pendingTimers === 0, () => `A link has left ${pendingTimers} timers behind.`);
    findings.expect(this.#isConnectionClosed, () => 'A link has left its connection open.');
  }

  #makeLink(): Link {
    const { random, claims } = this.#deps;
    const hello: Hello = {
      type: 'hello',
      journal: new Uint8Array(8),
      knownJournal: new Uint8Array(8),
      cursors: [1, 2],
    };
    const deps = {
      clock: this.#clock,
      transport: new Transport(this.#connection),
      keepaliveMs: 5_000,
      authentication: new LinkAuthentication({
        trust: this.#trust(),
        tenantId: claims.tenant,
        peerId: claims.sub,
        role: claims.role,
        nonce: random.bytes(NONCE_BYTES) as Frame,
      }),
      hello: () => hello,
      log: () => {},
    };
    return new Link(below(random, 2 ** 32), deps, {
      signal: () => this.#expectAlive('a signal'),
      opened: () => {
        this.#expectAlive('that it is open');
        this.wasOpen = true;
      },
      entry: (lane, seq, body) => this.#take(lane, seq, body),
      cursor: () => this.#expectOpened('a cursor'),
      denied: (list) => this.#readDenied(list),
      closed: (end) => {
        this.#expectAlive('its end');
        this.#end = end;
      },
    });
  }

  #take(lane: Lane, seq: number, body: Frame): void {
    this.#expectOpened('an entry');
    if (happens(this.#deps.random, 0.7)) this.#link.acknowledge(lane, seq, body.length);
  }

  #readDenied(list: string): void {
    this.#expectOpened('a deny list');
    refusable(() => readDenyList(list));
  }

  #expectAlive(what: string): void {
    this.#deps.findings.expect(!this.#end, () => `A link told ${what} after its end.`);
  }

  #expectOpened(what: string): void {
    this.#expectAlive(what);
    this.#deps.findings.expect(this.wasOpen, () => `A link told ${what} before it was open.`);
  }

  /** Of the same fingerprint as the other one, or with something wrong in it. */
  #description(): { sdp: string; nonce: Frame } {
    const { random } = this.#deps;
    const sdp = happens(random, 0.95) ? SDP : Buffer.from(mutate(sdpBytes, random, sdpBytes)).toString('latin1');
    return { sdp, nonce: random.bytes(NONCE_BYTES) as Frame };
  }

  #trust(): LinkAuthenticationDeps['trust'] {
    const proof: Authenticate = {
      type: 'authenticate',
      version: PROTOCOL_VERSION,
      credential: this.#deps.credential,
      publicKey: new Uint8Array(65),
      signature: new Uint8Array(64),
    };
    return {
      peerId: this.#deps.claims.sub,
      prove: async () => proof,
      verify: async ({ credential }) => {
        readCredential(credential);
        return this.#judge.judge();
      },
      verifyRenewal: async (token) => {
        readCredential(token);
        return this.#judge.judge();
      },
      check: () => this.#judge.check(),
    };
  }

  #congest(channel: FuzzedChannel): void {
    channel.bufferedAmount = channel.bufferedAmount > 0 ? 0 : 1_000_000;
    if (channel.bufferedAmount === 0) channel.onbufferedamountlow?.();
  }

  #breakOff(channel: FuzzedChannel): void {
    if (happens(this.#deps.random, 0.5)) channel.isBroken = true;
    else channel.onclose?.();
  }

  #fakeConnection(): RTCPeerConnection {
    const connection = {
      localDescription: { type: 'offer', sdp: SDP },
      setLocalDescription: async () => {},
      setRemoteDescription: async () => {},
      addIceCandidate: async () => {
        if (happens(this.#deps.random, 0.5)) throw new Error('it is of no use');
      },
      createDataChannel: () => {
        const channel = new FuzzedChannel(this.#deps.findings);
        this.#channels.push(channel);
        return channel;
      },
      close: () => {
        this.#isConnectionClosed = true;
        for (const channel of this.#channels) channel.readyState = 'closed';
      },
    };
    return connection as unknown as RTCPeerConnection;
  }
}

function refusable(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error;
  }
}
