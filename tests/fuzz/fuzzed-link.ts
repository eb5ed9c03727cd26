import { ManualClock, type Random } from '@innmesh/kit';
import {
  type CredentialClaims,
  CredentialError,
  NONCE_BYTES,
  PROTOCOL_VERSION,
  type Reader,
  readCredential,
  readDenyList,
} from '@innmesh/protocol';
import { Link, type LinkEnd } from '../../lib/webrtc/client/link/link.ts';
import { LinkAuthentication, type LinkAuthenticationDeps } from '../../lib/webrtc/client/link/link-authentication.ts';
import { WebRtcTransport } from '../../lib/webrtc/client/link/transport.ts';
import { below, happens, pickWeighted } from './chance.ts';
import type { Findings } from './findings.ts';
import { FuzzedChannel } from './fuzzed-channel.ts';
import { FuzzedJournals } from './fuzzed-journals.ts';
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
  readonly #clock: ManualClock;
  readonly #channels: FuzzedChannel[] = [];
  readonly #peer: FuzzedPeer;
  readonly #judge: FuzzedJudge;
  readonly #link: Link;
  readonly #journals: FuzzedJournals;
  readonly #connection: RTCPeerConnection;
  #end: LinkEnd | null = null;
  #isConnectionClosed = false;

  private constructor(deps: FuzzedLinkDeps, clock: ManualClock, journals: FuzzedJournals) {
    const { random, credential, claims } = deps;
    this.#deps = deps;
    this.#clock = clock;
    this.#journals = journals;
    this.#peer = new FuzzedPeer(random, credential, claims.sub);
    this.#judge = new FuzzedJudge(random, claims);
    this.#connection = this.#fakeConnection();
    this.#link = this.#makeLink();
  }

  /** Every second peer is a guest. */
  static async open(deps: FuzzedLinkDeps): Promise<FuzzedLink> {
    const clock = new ManualClock(1_000_000);
    const claims = happens(deps.random, 0.5) ? deps.claims : { ...deps.claims, role: 'guest' as const };
    return new FuzzedLink({ ...deps, claims }, clock, await FuzzedJournals.open({ ...deps, clock }));
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

  get messagesTaken(): number {
    return this.#journals.delivered;
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
    const disturb = pickWeighted<() => unknown>(random, [
      [40, () => this.#judge.decide()],
      [20, () => this.#clock.advance(below(random, 3_000))],
      [25, () => this.#journals.disturb(this.#deps.claims.sub)],
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
    const deps = {
      clock: this.#clock,
      transport: new WebRtcTransport(this.#connection),
      keepaliveMs: 5_000,
      authentication: new LinkAuthentication({
        trust: this.#trust(),
        tenantId: claims.tenant,
        peerId: claims.sub,
        role: claims.role,
        nonce: random.bytes(NONCE_BYTES) as Frame,
      }),
      hello: () => this.#journals.hello({ peerId: claims.sub, role: claims.role }),
      log: () => {},
    };
    return new Link(below(random, 2 ** 32), deps, {
      signal: () => this.#expectAlive('a signal'),
      signaled: () => {},
      heard: () => {},
      doubted: () => {},
      pathFound: () => {},
      opened: (hello) => {
        this.#expectAlive('that it is open');
        this.wasOpen = true;
        this.#journals.linked(this.#link, this.#reader, hello);
      },
      replicated: (message) => {
        this.#expectOpened(`"${message.type}"`);
        this.#journals.heard(claims.sub, message);
      },
      closing: () => this.#journals.closing(claims.sub),
      settled: () => this.#journals.settled(),
      denied: (list) => this.#readDenied(list),
      closed: (end) => {
        this.#expectAlive('its end');
        this.#end = end;
        this.#journals.close(claims.sub);
      },
    });
  }

  get #reader(): Reader {
    const { sub: peerId, role, caps: capabilities, table } = this.#deps.claims;
    return { peerId, role, capabilities, table };
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
