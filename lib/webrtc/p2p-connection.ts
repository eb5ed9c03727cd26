import { Emitter, systemClock, systemRandom } from '@innmesh/kit';
import {
  type CustomMessage,
  type CustomMessageShape,
  JOURNAL_ID_BYTES,
  type P2PMessage,
  type ReceivedMessage,
} from '@innmesh/protocol';
import { device } from '#device';
import { createPeerConnection } from '#peer-connection';
import { type Configuration, readConfiguration } from './client/configuration.ts';
import { HandlerError, NotConnectedError } from './client/errors.ts';
import { loadCryptography } from './client/identity/cryptography.ts';
import type { OpenIdentity } from './client/identity/device-identity.ts';
import { takeDeviceName } from './client/identity/device-name.ts';
import { DEFAULT_IDENTITY } from './client/identity/this-device.ts';
import { Inbox } from './client/journal/inbox.ts';
import { Outbox } from './client/journal/outbox.ts';
import type { MessagingSession } from './client/messaging-session.ts';
import type {
  Delivery,
  NetworkTopology,
  P2PConnectionConfig,
  P2PConnectionEvents,
  PeerInfo,
} from './client/public-types.ts';
import { type PlatformDeps, Session, type SessionDeps, type SessionEvents } from './client/session.ts';
import { SharedSession } from './client/tabs/shared-session.ts';
import { browserTabs, type TabSharing } from './client/tabs/tab-sharing.ts';

export * from '@innmesh/protocol';
export * from './client/errors.ts';
export type * from './client/public-types.ts';

type State =
  | { phase: 'disconnected' }
  | { phase: 'connecting'; session: MessagingSession; done: Promise<void> }
  | { phase: 'connected'; session: MessagingSession };

/** Of the devices that are open in this page or process. */
const takenNames = new Set<string>();

const PLATFORM: PlatformDeps = {
  clock: systemClock,
  random: systemRandom,
  openWebSocket: (url, subprotocol) => new WebSocket(url, subprotocol),
  createPeerConnection,
  loadCryptography,
  device,
  fetchJson,
  onPageGone,
  tabs: browserTabs(),
};

/** An issuer that does not answer within this time is taken for away. */
const FETCH_TIMEOUT_MS = 5_000;

async function fetchJson(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS), redirect: 'error' });
  if (!response.ok) throw new TypeError(`it answers ${response.status}`);
  return response.json();
}

/** Nobody should have to find out by silence that a page was closed. Node has no such event. */
function onPageGone(callback: () => void): () => void {
  const onHide = (event: Event) => {
    if (!(event as PageTransitionEvent).persisted) callback();
  };
  globalThis.addEventListener?.('pagehide', onHide);
  return () => globalThis.removeEventListener?.('pagehide', onHide);
}

/**
 * This device among the others of its property. `Custom` declares an application's own `x-…` messages.
 *
 * Messages of up to 8 KiB reach a peer in the order in which they were sent, and so do longer ones among each other;
 * short ones overtake long ones. No message is handed to an application twice.
 */
export class P2PConnection<Custom extends CustomMessageShape = CustomMessage> {
  readonly #configuration: Configuration;
  readonly #platform: PlatformDeps;
  readonly #emitter: Emitter<P2PConnectionEvents<Custom>>;
  readonly #outbox: Outbox;
  readonly #inbox = new Inbox();
  #state: State = { phase: 'disconnected' };
  #peerId = '';
  #ignorePageGone = () => {};
  #releaseIdentity = () => {};

  /**
   * Opens nothing yet. `platform` replaces parts of what the connection stands on, for tests.
   * @throws ConfigurationError with the path of the first wrong field
   */
  constructor(config: P2PConnectionConfig, platform: Partial<PlatformDeps> = {}) {
    this.#configuration = readConfiguration(config);
    this.#platform = { ...PLATFORM, ...platform };
    const { random, clock } = this.#platform;
    this.#outbox = new Outbox(new Uint8Array(random.bytes(JOURNAL_ID_BYTES)), clock);
    this.#emitter = new Emitter((error, event) => this.#handlerFailed(error, event));
  }

  /**
   * How other devices address this one: the hash of its key, kept on this machine (see `identity` of the configuration).
   * @throws NotConnectedError before the first `connect()` is done
   */
  get peerId(): string {
    if (this.#peerId === '') throw new NotConnectedError('peerId');
    return this.#peerId;
  }

  /**
   * Resolves once this device is in its property's room and knows who else is; links to them follow, each with a
   * `connected` event. While connected it resolves at once, while connecting together with the first call;
   * where the server was lost for good (`autoReconnect: false`), it joins again.
   *
   * Each server has 5 seconds to let the device in.
   * @throws SignalingUnreachableError naming each server and why; NotConnectedError when `disconnect()` comes first;
   * TabSharingError where another tab holds the connection and does not answer for 30 seconds
   */
  connect(): Promise<void> {
    if (this.#state.phase === 'connected') return this.#state.session.comeBack();
    if (this.#state.phase === 'connecting') return this.#state.done;
    const session = this.#createSession();
    const done = this.#join(session);
    this.#state = { phase: 'connecting', session, done };
    return done;
  }

  /**
   * Leaves the room and closes every link, after what is already sent has crossed; at most a second later. Messages
   * that no device has taken by then fail. Without a connection it does nothing.
   */
  disconnect(): void {
    if (this.#state.phase === 'disconnected') return;
    const { session } = this.#state;
    const linked = session.linkedPeerIds();
    this.#state = { phase: 'disconnected' };
    this.#ignorePageGone();
    this.#leave(session);
    for (const peerId of linked) this.#emitter.emit('disconnected', peerId);
  }

  /**
   * Sends to one device, or to every device in the room; where there is nobody, to those it is for as they come (see
   * `docs/guide/connection.md`). What a peer
   * has not taken when its link breaks is sent again when it is back.
   * @throws InvalidMessageError with the path of the wrong field; MessageTooLargeError over 64 MiB; NotConnectedError;
   * UnknownPeerError for a target that was never here; NotEntitledError for what this device may not send, or not
   * there; OutboxFullError when 256 MiB or 100,000 messages wait. Nothing is
   * sent then.
   */
  send(message: P2PMessage<Custom>, targetPeerId?: string): Delivery {
    if (this.#state.phase !== 'connected') throw new NotConnectedError('send()');
    return this.#state.session.send(message, targetPeerId);
  }

  /** Who is in the room or linked to this device. Empty while disconnected. */
  getPeers(): PeerInfo[] {
    return this.#state.phase === 'disconnected' ? [] : this.#state.session.peers();
  }

  /**
   * The way to a peer, measured now, within 2 seconds; `null` for a device that is not here. What reads the way is
   * loaded with the first call or `topology-detected` handler; where it cannot be, `topology` is `unknown`.
   * @throws TabSharingError where another tab holds the connection and does not answer for 5 seconds
   */
  async getNetworkTopology(peerId: string): Promise<NetworkTopology | null> {
    return this.#state.phase === 'disconnected' ? null : this.#state.session.topology(peerId);
  }

  /** Handlers are called in the order in which they were added; one that throws becomes an `error` event. */
  on<K extends keyof P2PConnectionEvents<Custom>>(event: K, handler: P2PConnectionEvents<Custom>[K]): void {
    this.#emitter.on(event, handler);
  }

  off<K extends keyof P2PConnectionEvents<Custom>>(event: K, handler: P2PConnectionEvents<Custom>[K]): void {
    this.#emitter.off(event, handler);
  }

  async #join(session: MessagingSession): Promise<void> {
    try {
      await session.join();
    } catch (error) {
      if (this.#isCurrent(session)) this.#state = { phase: 'disconnected' };
      this.#leave(session);
      throw error;
    }
  }

  /** What no device has taken by then is given up, unless this one is coming back. */
  async #leave(session: MessagingSession): Promise<void> {
    const release = this.#releaseIdentity;
    await session.leave();
    release();
    if (this.#state.phase === 'disconnected') this.#outbox.abandon();
  }

  #createSession(): MessagingSession {
    const { tenantId, deviceInfo } = this.#configuration;
    const identity = this.#sharedIdentity();
    const { name, release } =
      identity === undefined
        ? takeDeviceName(`${tenantId}/${deviceInfo.type}/${deviceInfo.name}`, takenNames)
        : heldByNobody(identity);
    let opened: Promise<OpenIdentity> | undefined;
    const deps: SessionDeps = {
      ...this.#platform,
      identity: () => {
        opened ??= this.#openIdentity(name);
        return opened;
      },
      configuration: this.#configuration,
      outbox: this.#outbox,
      inbox: this.#inbox,
      log: (text) => this.#log(text),
    };
    const emit: Emitter<P2PConnectionEvents<Custom>>['emit'] = (event, ...args) => {
      if (!this.#isCurrent(session)) return;
      this.#emitter.emit(event, ...args);
    };
    const events: SessionEvents = {
      discovered: (peers) => {
        this.#entered(session);
        emit('peers-discovered', peers);
      },
      peerJoined: (peer) => emit('peer-joined', peer),
      peerLeft: (peerId) => emit('peer-left', peerId),
      linked: (peer) => emit('connected', peer),
      unlinked: (peerId) => emit('disconnected', peerId),
      message: (message, fromPeerId) => this.#deliver(message as ReceivedMessage<Custom>, fromPeerId),
      topology: (topology) => emit('topology-detected', topology),
      wantsTopology: () => this.#emitter.has('topology-detected'),
      reconnecting: () => emit('reconnecting'),
      failed: (error) => {
        if (this.#isCurrent(session)) this.#report(error);
      },
    };
    const { tabs } = this.#platform;
    const session = tabs
      ? this.#shareSession(tabs, `innmesh:${tenantId}/${deviceInfo.type}/${name}`, deps, events)
      : new Session(deps, events);
    this.#releaseIdentity = () => {
      release();
      opened?.then((identity) => identity.release());
    };
    return session;
  }

  async #openIdentity(name: string): Promise<OpenIdentity> {
    const isShared = this.#sharedIdentity() !== undefined;
    const opened = await this.#platform.device.openIdentity(name, isShared);
    this.#peerId = opened.peerId;
    return opened;
  }

  /** With a credential this is the one device of its machine; `undefined`: as many as are being tried out. */
  #sharedIdentity(): string | undefined {
    const { identity, credential } = this.#configuration;
    return identity ?? (credential === undefined ? undefined : DEFAULT_IDENTITY);
  }

  #shareSession(tabs: TabSharing, name: string, deps: SessionDeps, events: SessionEvents): MessagingSession {
    const { reconnectInterval: reconnectIntervalMs, autoReconnect } = this.#configuration;
    return new SharedSession(
      {
        ...{ ...deps, name, tabs, autoReconnect, reconnectIntervalMs },
        peerId: () => this.#peerId,
        openIdentity: deps.identity,
        createSession: (sessionEvents, met, identity = deps.identity) =>
          new Session({ ...deps, met, identity }, sessionEvents),
        abandonOutbox: () => this.#outbox.abandon(),
      },
      events,
    );
  }

  #entered(session: MessagingSession): void {
    if (this.#state.phase !== 'connecting' || this.#state.session !== session) return;
    this.#state = { phase: 'connected', session };
    this.#ignorePageGone = this.#platform.onPageGone(() => this.disconnect());
  }

  #deliver(message: ReceivedMessage<Custom>, fromPeerId: string): void {
    this.#emitter.emit('message', message, fromPeerId);
    const { type } = message;
    if (type === 'order' || type === 'print' || type === 'notification') {
      this.#emitter.emit(type, message as never, fromPeerId);
    }
  }

  #isCurrent(session: MessagingSession): boolean {
    return this.#state.phase !== 'disconnected' && this.#state.session === session;
  }

  #handlerFailed(cause: unknown, event: keyof P2PConnectionEvents<Custom>): void {
    // A handler of `error` that throws cannot be told of by way of `error`.
    if (event === 'error') console.error(cause);
    else this.#report(new HandlerError(event, cause));
  }

  /** An error that nobody listens for is at least seen in the console. */
  #report(error: Error): void {
    if (this.#emitter.has('error')) this.#emitter.emit('error', error);
    else console.warn(error);
  }

  #log(text: string): void {
    if (this.#configuration.debug) console.debug(`[innmesh ${this.#configuration.deviceInfo.name}] ${text}`);
  }
}

/** A name that the application chose is as many times the same device. */
const heldByNobody = (name: string) => ({ name, release: () => {} });
