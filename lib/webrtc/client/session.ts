import { type CancelTimer, type Clock, type Random, setRepeating } from '@innmesh/kit';
import { Entitlements, type Entry, type Party, type ReceivedMessage, type RelayMessage } from '@innmesh/protocol';
import type { Configuration } from './configuration.ts';
import { loadDiagnosis } from './diagnose/load-diagnosis.ts';
import type { RoomAccount } from './diagnose/room-account.ts';
import { NotConnectedError, StorageFullError, TurnError, UnknownPeerError } from './errors.ts';
import type { Cryptography } from './identity/cryptography.ts';
import type { Device } from './identity/device.ts';
import type { DeviceIdentity } from './identity/device-identity.ts';
import type { OpenDeliveries } from './journal/delivery.ts';
import { Journals, type LinkedPeer } from './journal/journals.ts';
import type { SeenEntries } from './journal/seen-entries.ts';
import { MemoryStore } from './journal/store/memory-store.ts';
import type { Hello } from './link/handshake.ts';
import { IceServers } from './link/ice-servers.ts';
import { RelayMeters } from './link/relay-meter.ts';
import { RelayWatch } from './link/relay-watch.ts';
import { Mesh } from './mesh/mesh.ts';
import { describePeer, type Peer } from './mesh/peer.ts';
import { Messaging } from './messaging.ts';
import type { MessagingSession } from './messaging-session.ts';
import { PathReports } from './path-reports.ts';
import type { Delivery, EntryInfo, MessageTarget, NetworkTopology, PeerInfo, PendingMessage } from './public-types.ts';
import { Relay } from './relay/relay.ts';
import type { Sealing } from './relay/sealing.ts';
import { orderServers } from './signaling/server-order.ts';
import { SignalingClient } from './signaling/signaling-client.ts';
import type { DenyMessage, RoomMessage, TurnMessage, Welcome } from './signaling/signaling-socket.ts';
import type { TabSharing } from './tabs/tab-sharing.ts';
import { Trust } from './trust/trust.ts';

/** What differs per platform, and what a test decides. */
export interface PlatformDeps {
  clock: Clock;
  random: Random;
  openWebSocket(url: string, subprotocol: string): WebSocket;
  createPeerConnection(configuration: RTCConfiguration): RTCPeerConnection;
  loadCryptography(): Promise<Cryptography>;
  /** Default: the platform's. */
  loadSealing?(): Promise<Sealing>;
  device: Device;
  fetchJson(url: string): Promise<unknown>;
  /** Whether a signaling server may be asked for whether anything answers there, and whether it does within `timeoutMs`. */
  mayAsk(url: string): boolean;
  answersAt(url: string, timeoutMs: number): Promise<boolean>;
  /** How many links a device keeps; default: 8. */
  maxLinks?: number;
  /** Calls back when the page is about to go for good; returns how to stop that. */
  onPageGone(callback: () => void): () => void;
  /** Calls back when the page is about to be stopped for a while, and when it goes on; returns how to stop that. */
  onPageSleep(asleep: () => void, awake: () => void): () => void;
  /** Calls back when this device may have a network again, or another one; returns how to stop that. */
  onNetworkChange(callback: () => void): () => void;
  /** Nobody sees the page now; default: never. */
  isHidden?(): boolean;
  /** `null` where there are no tabs, or none shall share. */
  tabs: TabSharing | null;
}

export interface SessionDeps extends PlatformDeps {
  identity(): Promise<DeviceIdentity>;
  configuration: Configuration;
  /** What this page's application was handed by whichever tab led. */
  seen: SeenEntries;
  openDeliveries: OpenDeliveries;
  /** Whom this device has met, now and before; a message to one of them waits for it. */
  met: Set<string>;
  /** Resolves when an earlier session of this device has kept what it had. */
  storeIsFree(): Promise<void>;
  log(text: string): void;
}

/** How often credentials are looked at for whether their time is over, and new links for their way. */
const LOOK_AROUND_INTERVAL_MS = 1_000;
/** A device that has not looked around for so long has slept. */
const SLEPT_MS = 5_000;
/**
 * Or has been hidden for five minutes: Chromium then runs the timers of a page that has no open data channel once a minute
 * (intensive throttling).
 */
const THROTTLED_MS = 90_000;
const CHANGE_MS = 100;
/** Enough for all of a property to hear of everything by way of each other (docs/decisions/0015). */
const MAX_LINKS = 8;

export interface SessionEvents {
  discovered(peers: PeerInfo[]): void;
  peerJoined(peer: PeerInfo): void;
  peerLeft(peerId: string): void;
  linked(peer: PeerInfo): void;
  unlinked(peerId: string): void;
  /** Throws or rejects where a handler did; then the message comes again. */
  message(message: ReceivedMessage, fromPeerId: string, info: EntryInfo): void | Promise<void>;
  /** What is on its way has become another. */
  pendingChanged(): void;
  storageFull(): void;
  topology(topology: NetworkTopology): void;
  /** Whether anybody listens to `topology`: to find it out keeps a browser busy for some milliseconds. */
  wantsTopology(): boolean;
  reconnecting(): void;
  failed(error: Error): void;
}

/** From `connect()` to `disconnect()`: a message on its way from the application to its peers, and back. */
export class Session implements MessagingSession {
  readonly #deps: SessionDeps;
  readonly #events: SessionEvents;
  readonly #trust: Trust;
  readonly #messaging: Messaging;
  readonly #signaling: SignalingClient;
  readonly #mesh: Mesh;
  readonly #relay: Relay;
  readonly #paths: PathReports;
  readonly #iceServers: IceServers;
  readonly #relayWatch: RelayWatch;
  readonly #relayed = new RelayMeters();
  readonly #cancelTimers: CancelTimer[];
  #opening: Promise<void> | null = null;
  #journals: Journals | null = null;
  #resumed: Promise<void> | undefined;
  #hasLeft = false;
  /** For the room that it is in. */
  #isPrepared = false;
  #lookedAroundAtMs: number;
  #networkChangedAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: SessionDeps, events: SessionEvents) {
    this.#deps = deps;
    this.#events = events;
    this.#lookedAroundAtMs = deps.clock.nowMs();
    this.#trust = this.#createTrust();
    this.#messaging = this.#createMessaging();
    this.#iceServers = new IceServers(deps.configuration.iceServers);
    this.#relayWatch = new RelayWatch((error) => events.failed(error));
    this.#relay = new Relay({
      ...deps,
      signal: (frame) => this.#signaling.send(frame),
      bufferedBytes: () => this.#signaling.bufferedBytes,
    });
    this.#mesh = this.#createMesh();
    this.#paths = this.#createPathReports();
    this.#signaling = this.#createSignaling();
    this.#cancelTimers = [
      setRepeating(deps.clock, () => this.#lookAround(), LOOK_AROUND_INTERVAL_MS),
      setRepeating(deps.clock, () => this.#paths.report(this.#mesh.peers()), deps.configuration.keepaliveInterval),
      deps.onNetworkChange(() => this.#networkChanged()),
      deps.onPageSleep(
        () => this.#sleep(),
        () => this.#signaling.resume(),
      ),
    ];
  }

  get peerId(): string {
    return this.#trust.peerId;
  }

  async join(): Promise<void> {
    await this.#signaling.join();
    await this.#resume();
  }

  /** Joins where the signaling server is lost for good, or where `join()` reached none. */
  async comeBack(): Promise<void> {
    await this.#signaling.comeBack();
    await this.#resume();
  }

  /** Once: the application listens from now on. */
  #resume(): Promise<void> | undefined {
    this.#resumed ??= this.#journals?.resume();
    return this.#resumed;
  }

  /** Resolves when every peer has been told, and what was written is kept. */
  async leave(): Promise<void> {
    this.#hasLeft = true;
    for (const cancel of this.#cancelTimers) cancel();
    this.#signaling.finish();
    // Those whose links go through the server are told through it.
    await this.#mesh.stop();
    this.#signaling.stop();
    await this.#opening?.catch(() => {});
    await this.#journals?.close();
  }

  peers(): PeerInfo[] {
    return this.#mesh.peers().map(describePeer);
  }

  /** Whom the application knows to be linked. */
  linkedPeerIds(): string[] {
    const linked = this.#mesh.peers().filter(({ link }) => link?.isStanding);
    return linked.map(({ peerId }) => peerId);
  }

  /** Throws what `P2PConnection.send` throws. */
  send(message: unknown, target?: MessageTarget): Delivery {
    if (typeof target === 'string' && !this.#isKnown(target)) throw new UnknownPeerError(target);
    const delivery = this.#messaging.send(message, target);
    if (typeof target === 'string') this.#mesh.reach(target);
    return delivery;
  }

  #isKnown(peerId: string): boolean {
    return this.#deps.met.has(peerId) || this.#openJournals.knows(peerId);
  }

  pending(): PendingMessage[] {
    return this.#journals?.pending() ?? [];
  }

  follow(id: string): Promise<void> {
    return this.#openJournals.follow(id);
  }

  async topology(peerId: string): Promise<NetworkTopology | null> {
    const peer = this.#mesh.peer(peerId);
    return peer ? this.#paths.measure(peer) : null;
  }

  get iceServers(): readonly RTCIceServer[] {
    return this.#iceServers.all;
  }

  async room(): Promise<RoomAccount> {
    const { readRoom } = await loadDiagnosis();
    return readRoom(this.#mesh.peers(), this.#signaling, this.#deps.clock);
  }

  get #openJournals(): Journals {
    if (!this.#journals) throw new NotConnectedError('send()');
    return this.#journals;
  }

  /** Nobody should take a page that is stopped for one that listens. */
  #sleep(): void {
    this.#deps.log('the page is put to sleep.');
    this.#mesh.closeLinks();
    this.#signaling.pause();
  }

  /** A browser tells of one change by several events. */
  #networkChanged(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    if (nowMs - this.#networkChangedAtMs < CHANGE_MS) return;
    this.#networkChangedAtMs = nowMs;
    this.#deps.log('the network may be another one.');
    this.#signaling.networkChanged();
    this.#mesh.networkChanged();
  }

  #lookAround(): void {
    const nowMs = this.#deps.clock.nowMs();
    const agoMs = nowMs - this.#lookedAroundAtMs;
    if (agoMs > SLEPT_MS && !(agoMs < THROTTLED_MS && this.#mayBeThrottled)) this.#networkChanged();
    this.#lookedAroundAtMs = nowMs;
    this.#journals?.lookAround();
    this.#mesh.checkPeers();
    this.#mesh.prepareNext();
    if (this.#signaling.isJoined) this.#prepareForTrouble();
    this.#trust.renewWhenDue();
    // Not as soon as a link opens: its first messages would wait while the browser gathers statistics.
    this.#paths.report(this.#mesh.peers().filter(({ reportedPath }) => !reportedPath));
  }

  get #mayBeThrottled(): boolean {
    return this.#deps.isHidden?.() === true && !this.#mesh.peers().some(({ link }) => link?.isOpen);
  }

  /** The code for it comes from the page's own server, which may be out of reach then. */
  #prepareForTrouble(): void {
    if (this.#isPrepared) return;
    this.#isPrepared = true;
    for (const code of [this.#relay.prepare(), loadDiagnosis()]) code.catch(() => {});
  }

  #enterRoom(welcome: Welcome): void {
    this.#isPrepared = false;
    if (welcome.turn) this.#iceServers.lend(welcome.turn, this.peerId);
    else this.#iceServers.giveBack();
    this.#relay.welcomed(welcome);
    this.#mesh.enterRoom(welcome);
  }

  #hearServer(message: RoomMessage | DenyMessage | TurnMessage): void {
    if (message.type === 'deny') this.#takeDenyList(message.list, null);
    else if (message.type === 'turn') this.#iceServers.lend(message, this.peerId);
    else this.#mesh.handle(message);
  }

  /** From the server or a peer; the next ones are told of what is news here. */
  async #takeDenyList(list: string, from: Peer | null): Promise<void> {
    try {
      if (!(await this.#trust.takeDenyList(list))) return;
    } catch (error) {
      this.#events.failed(error as Error);
      return;
    }
    this.#mesh.checkPeers();
    for (const peer of this.#mesh.peers()) if (peer !== from) peer.link?.deny(list);
  }

  #renewed(credential: string): void {
    this.#signaling.renew(credential);
    for (const { link } of this.#mesh.peers()) link?.renew(credential);
  }

  /** Once. Rejects where it cannot be found out who this device is. */
  #openJournal(): Promise<void> {
    this.#opening ??= this.#openStore().catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  /** Where nothing can be kept, everything is kept for as long as the page is. */
  async #openStore(): Promise<void> {
    const { device, configuration, storeIsFree } = this.#deps;
    const peerId = await this.#trust.identify();
    await storeIsFree();
    try {
      this.#journals = await this.#openJournalsIn(() => device.journalStore(`${configuration.tenantId}/${peerId}`));
    } catch (error) {
      this.#events.failed(error as Error);
      this.#journals = await this.#openJournalsIn(() => new MemoryStore());
    }
  }

  #openJournalsIn(store: () => ReturnType<Device['journalStore']>): Promise<Journals> {
    const { configuration } = this.#deps;
    const deps = {
      ...this.#deps,
      trust: this.#trust,
      capabilities: configuration.deviceInfo.capabilities,
      timesToLiveMs: configuration.timeToLive,
      maxBytes: configuration.storage.maxBytes,
    };
    return Journals.open(
      deps,
      {
        deliver: (writer, entry, id) => this.#deliver(writer, entry, id),
        pendingChanged: () => this.#events.pendingChanged(),
        notTaken: (error) => this.#events.failed(error as Error),
        notKept: (error) => this.#notKept(error),
        failed: (error) => this.#events.failed(error),
      },
      store(),
    );
  }

  /** Each once, whichever tab of this device leads. */
  #deliver(writer: Party, entry: Entry, id: string): void | Promise<void> {
    const { seen } = this.#deps;
    if (seen.has(id, entry.type)) return;
    const peer = entry.audience.to === 'devices' ? this.#mesh.peer(writer.peerId) : undefined;
    if (peer) this.#mesh.talked(peer);
    const outcome = this.#messaging.deliver(writer, entry, id);
    if (outcome) return outcome.then(() => seen.note(id, entry.type));
    seen.note(id, entry.type);
  }

  #notKept(error: Error): void {
    // A store that another tab has taken over says so to a session that is about to end.
    if (this.#hasLeft) return;
    if (error instanceof StorageFullError) this.#events.storageFull();
    this.#events.failed(error);
  }

  #linked(peer: Peer, hello: Hello): void {
    this.#bringUpToDate(peer, hello);
    this.#events.linked(describePeer(peer));
  }

  #bringUpToDate(peer: Peer, hello: Hello): void {
    if (this.#trust.denyList) peer.link?.deny(this.#trust.denyList);
    this.#journals?.linked(linkedPeer(peer), hello);
  }

  #createTrust(): Trust {
    const { configuration } = this.#deps;
    const entitlements = new Entitlements(configuration.entitlements);
    return new Trust({ ...configuration, ...this.#deps, entitlements }, (token) => this.#renewed(token));
  }

  #createMessaging(): Messaging {
    return new Messaging({
      trust: this.#trust,
      reader: (peerId) => this.#mesh.peer(peerId)?.reader,
      present: () => this.#mesh.peers().map(({ reader }) => reader),
      write: (message, audience) => this.#openJournals.write(message, audience),
      message: (message, fromPeerId, info) => this.#events.message(message, fromPeerId, info),
      failed: (error) => this.#events.failed(error),
    });
  }

  #createPathReports(): PathReports {
    return new PathReports({
      prices: this.#deps.configuration.prices,
      relayed: this.#relayed,
      isWanted: () => this.#events.wantsTopology(),
      found: (topology) => this.#events.topology(topology),
    });
  }

  #createMesh(): Mesh {
    const { configuration } = this.#deps;
    const deps = {
      ...this.#deps,
      tenantId: configuration.tenantId,
      trust: this.#trust,
      keepaliveMs: configuration.keepaliveInterval,
      iceServers: () => this.#iceServers.all,
      createPeerConnection: (iceServers: readonly RTCIceServer[]) => this.#createPeerConnection(iceServers),
      relayed: this.#relayed,
      maxLinks: this.#deps.maxLinks ?? MAX_LINKS,
      isAwaited: (peerId: string, forMs?: number) => this.#journals?.isAwaitedBy(peerId, forMs) ?? false,
      hello: (to: Pick<Party, 'peerId' | 'role'>): Hello => this.#openJournals.hello(to),
      signal: (message: RelayMessage) => this.#signaling.send(message),
      isPassing: () => this.#signaling.isPassing,
      relay: this.#relay,
    };
    return new Mesh(deps, {
      discovered: (peers) => {
        for (const peer of peers) this.#deps.met.add(peer.peerId);
        this.#events.discovered(peers.map(describePeer));
      },
      peerJoined: (peer) => {
        this.#deps.met.add(peer.peerId);
        this.#events.peerJoined(describePeer(peer));
      },
      peerLeft: ({ peerId }) => {
        this.#messaging.forget(peerId);
        this.#events.peerLeft(peerId);
      },
      linked: (peer, hello) => this.#linked(peer, hello),
      relinked: (peer, hello) => {
        this.#journals?.unlinked(peer.peerId);
        this.#bringUpToDate(peer, hello);
      },
      unlinked: ({ peerId }) => {
        this.#journals?.unlinked(peerId);
        this.#events.unlinked(peerId);
      },
      replicated: ({ peerId }, message) => this.#journals?.heard(peerId, message),
      closing: ({ peerId }) => this.#journals?.closing(peerId),
      settled: () => this.#journals?.settled() ?? Promise.resolve(),
      isolated: () => this.#signaling.isolated(),
      heard: () => this.#signaling.notIsolated(),
      denied: (list, from) => this.#takeDenyList(list, from),
      failed: (error) => this.#events.failed(error),
    });
  }

  /** Browsers make no connection with a relay that they do not like, at a port that they block, for example. */
  #createPeerConnection(iceServers: readonly RTCIceServer[]): RTCPeerConnection {
    try {
      return this.#connectionWith(iceServers);
    } catch (error) {
      if (!this.#iceServers.lent) throw error;
      // Where this fails, too, it is for another reason: there are more connections than may be, perhaps.
      const connection = this.#connectionWith(this.#iceServers.configured);
      const refused = this.#iceServers.giveBack();
      this.#events.failed(new TurnError(String(refused?.urls), 0, String(error)));
      return connection;
    }
  }

  #connectionWith(iceServers: readonly RTCIceServer[]): RTCPeerConnection {
    const connection = this.#deps.createPeerConnection({ iceServers: [...iceServers] });
    this.#relayWatch.watch(connection, iceServers);
    return connection;
  }

  #createSignaling(): SignalingClient {
    const { signalingServers, preferLocal, autoReconnect, reconnectInterval } = this.#deps.configuration;
    const trust = this.#trust;
    return new SignalingClient(
      {
        urls: orderServers(signalingServers, preferLocal),
        autoReconnect,
        reconnectIntervalMs: reconnectInterval,
      },
      {
        ...this.#deps,
        prepare: () => trust.prepare(),
        replaceCredential: () => trust.replaceCredential(),
        reaching: () => {
          // The join tells what goes wrong with it.
          this.#openJournal().catch(() => {});
          // Behind whatever else this turn asks of the browser: making a connection keeps the page busy for milliseconds.
          queueMicrotask(() => this.#mesh.prepare());
        },
        join: async (challenge, host) => {
          const [proof] = await Promise.all([trust.join(challenge, host), this.#openJournal()]);
          return { ...proof, offers: this.#mesh.firstOffers() };
        },
        accept: ({ credential, issuerKeys }) => trust.takeDevelopment(credential, issuerKeys),
        refuse: (problem) => trust.refuse(problem),
      },
      {
        joined: (welcome) => this.#enterRoom(welcome),
        received: (message) => this.#hearServer(message),
        reconnecting: () => this.#events.reconnecting(),
        failed: (error) => this.#events.failed(error),
      },
    );
  }
}

function linkedPeer(peer: Peer): LinkedPeer {
  const { peerId, link } = peer;
  if (!link?.shown) throw new Error('A link that stands has been shown who is at its other end.');
  const { shown } = link;
  return {
    peerId,
    shown,
    reader: () => peer.reader,
    send: (lane, message, stream) => link.replicate(lane, message, stream),
    drop: (reason) => link.drop(reason),
  };
}
