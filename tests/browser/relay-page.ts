/* What the pages of relay.test.ts have: a device that links to another through the signaling server and in no other way. */
import { randomUint32, systemClock, systemRandom } from '@innmesh/kit';
import { type DeviceInfo, Entitlements, isRelayedDescription, NONCE_BYTES, type RosterEntry } from '@innmesh/protocol';
import { loadCryptography, thumbprintOf } from '../../lib/webrtc/client/identity/cryptography.ts';
import { Link, type LinkSignal } from '../../lib/webrtc/client/link/link.ts';
import { LinkAuthentication } from '../../lib/webrtc/client/link/link-authentication.ts';
import type { Lane } from '../../lib/webrtc/client/link/transport.ts';
import { Relay } from '../../lib/webrtc/client/relay/relay.ts';
import { SignalingClient } from '../../lib/webrtc/client/signaling/signaling-client.ts';
import type { RoomMessage } from '../../lib/webrtc/client/signaling/signaling-socket.ts';
import { Trust } from '../../lib/webrtc/client/trust/trust.ts';

const TENANT = 'hotel';
const STREAM = 1;
type Attempted = Extract<RoomMessage, { attempt: number; peer: number }>;

export class RelayedDevice {
  /** Of each entry its number and length, in the order of arrival. */
  readonly heard: [seq: number, length: number][] = [];
  readonly ends: string[] = [];
  readonly problems: string[] = [];
  whenHeard: (seq: number) => void = () => {};
  readonly #info: DeviceInfo;
  readonly #trust: Trust;
  readonly #signaling: SignalingClient;
  readonly #relay: Relay;
  readonly #peers = new Map<number, RosterEntry>();
  #link: Link | null = null;

  private constructor(url: string, trust: Trust, info: DeviceInfo) {
    this.#trust = trust;
    this.#info = info;
    this.#signaling = this.#createSignaling(url);
    this.#relay = new Relay({
      clock: systemClock,
      signal: (frame) => this.#signaling.send(frame),
      bufferedBytes: () => this.#signaling.bufferedBytes,
    });
  }

  static async join(url: string, name: string): Promise<RelayedDevice> {
    const cryptography = await loadCryptography();
    const { publicKey, secret } = await cryptography.createKeyPair();
    const peerId = await thumbprintOf(publicKey, cryptography);
    const info: DeviceInfo = { type: 'staff', name, capabilities: [] };
    const trust = new Trust(
      {
        tenantId: TENANT,
        deviceInfo: info,
        entitlements: new Entitlements(),
        identity: async () => ({ peerId, publicKey, sign: (bytes) => cryptography.sign(secret, bytes) }),
        loadCryptography,
        device: { recall: async () => undefined, remember: async () => {} },
        fetchJson: () => Promise.reject(new Error('It needs none.')),
        clock: systemClock,
        random: systemRandom,
        log: () => {},
      },
      () => {},
    );
    const device = new RelayedDevice(url, trust, info);
    await device.#signaling.join();
    return device;
  }

  get isOpen(): boolean {
    return this.#link?.isOpen ?? false;
  }

  get isOffered(): boolean {
    return this.#relay.isOffered;
  }

  /** Offers to whoever is there. */
  async linkToFirst(): Promise<void> {
    const [peer] = this.#peers.values();
    if (!peer) throw new Error('Nobody is there.');
    (await this.#createLink(peer, randomUint32(systemRandom))).offer();
  }

  say(lane: Lane, seq: number, length: number): void {
    const bytes = new Uint8Array(length);
    this.#link?.replicate(lane, { type: 'entry', stream: 0, seq, distance: 1, ageMs: 0, bytes }, STREAM);
  }

  sayBye(): void {
    this.#link?.close();
  }

  leave(): void {
    this.#signaling.stop();
  }

  #createSignaling(url: string): SignalingClient {
    const trust = this.#trust;
    return new SignalingClient(
      { urls: [url], autoReconnect: false, reconnectIntervalMs: 1_000 },
      {
        clock: systemClock,
        random: systemRandom,
        openWebSocket: (address, subprotocol) => new WebSocket(address, subprotocol),
        mayAsk: () => false,
        answersAt: async () => false,
        join: async (challenge, host) => {
          await trust.identify();
          return { ...(await trust.join(challenge, host)), offers: [] };
        },
        prepare: () => trust.prepare(),
        replaceCredential: () => trust.replaceCredential(),
        reaching: () => {},
        accept: ({ credential, issuerKeys }) => trust.takeDevelopment(credential, issuerKeys),
        refuse: (problem) => trust.refuse(problem),
        log: () => {},
      },
      {
        joined: (welcome) => {
          this.#relay.welcomed(welcome);
          for (const entry of welcome.roster) this.#peers.set(entry.slot, entry);
        },
        received: (message) => this.#handle(message as RoomMessage),
        reconnecting: () => {},
        failed: (error) => this.problems.push(error.message),
      },
    );
  }

  #handle(message: RoomMessage): void {
    if (message.type === 'joined') this.#peers.set(message.peer.slot, message.peer);
    else if (message.type === 'pause') this.#relay.pause(message.pauseMs);
    else if ('attempt' in message) this.#handleAttempt(message);
  }

  #handleAttempt(message: Attempted): void {
    const peer = this.#peers.get(message.peer);
    if (!peer) return;
    if (message.type === 'frame' || message.type === 'undelivered') this.#relay.handle(peer, message);
    else if (message.type === 'answer') this.#link?.acceptAnswer(message);
    else if (message.type === 'offer' && isRelayedDescription(message.sdp)) {
      this.#createLink(peer, message.attempt).then((link) => link.answer(message));
    }
  }

  async #createLink(peer: RosterEntry, attempt: number): Promise<Link> {
    const nonce = new Uint8Array(systemRandom.bytes(NONCE_BYTES));
    const { peerId } = peer;
    const role = this.#info.type;
    const authentication = new LinkAuthentication({ trust: this.#trust, tenantId: TENANT, peerId, role, nonce });
    const deps = {
      clock: systemClock,
      transport: (await this.#relay.load())(peer, attempt),
      keepaliveMs: 30_000,
      authentication,
      hello: () => ({ type: 'hello' as const, journals: [] }),
      log: () => {},
    };
    this.#link = new Link(attempt, deps, {
      signal: (signal: LinkSignal) => this.#signaling.send({ ...signal, peer: peer.slot, attempt }),
      opened: () => {},
      replicated: (message) => {
        if (message.type !== 'entry') return;
        this.heard.push([message.seq, message.bytes.length]);
        this.whenHeard(message.seq);
      },
      closing: () => {},
      settled: async () => {},
      denied: () => {},
      signaled: () => {},
      heard: () => {},
      doubted: () => {},
      pathFound: () => {},
      closed: ({ reason }) => this.ends.push(reason),
    });
    return this.#link;
  }
}
