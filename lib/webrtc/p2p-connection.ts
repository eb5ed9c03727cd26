import { type CancelTimer, Emitter, NotTakenError, systemClock, systemRandom } from '@innmesh/kit';
import type { CustomMessage, CustomMessageShape, P2PMessage, ReceivedMessage } from '@innmesh/protocol';
import { device } from '#device';
import { answersAt, isHidden, mayAsk, onNetworkChange } from '#network-changes';
import { createPeerConnection } from '#peer-connection';
import { type Configuration, readConfiguration } from './client/configuration.ts';
import { loadInTime, NOT_LOADED } from './client/diagnose/load-diagnosis.ts';
import { HandlerError, NotConnectedError } from './client/errors.ts';
import { loadCryptography } from './client/identity/cryptography.ts';
import type { OpenIdentity } from './client/identity/device-identity.ts';
import { type DeviceName, takeDeviceName } from './client/identity/device-name.ts';
import { DEFAULT_IDENTITY } from './client/identity/this-device.ts';
import type { OpenDeliveries } from './client/journal/delivery.ts';
import { SeenEntries } from './client/journal/seen-entries.ts';
import type { MessagingSession } from './client/messaging-session.ts';
import { onPageGone, onPageSleep } from './client/page-events.ts';
import type {
  Delivery,
  Diagnosis,
  EntryInfo,
  MessageTarget,
  NetworkTopology,
  P2PConnectionConfig,
  P2PConnectionEvents,
  PeerInfo,
  PendingMessage,
} from './client/public-types.ts';
import { fetchJson } from './client/requests.ts';
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
  answersAt,
  mayAsk,
  onPageGone,
  onPageSleep,
  onNetworkChange,
  isHidden,
  tabs: browserTabs(),
};

const PENDING_REPORT_DELAY_MS = 50;

/**
 * This device among the others of its property. `Custom` declares an application's own `x-…` messages.
 *
 * Every message is kept on this device's disk until it is delivered or past its time, over reloads and crashes, and is
 * handed to each application that it is for once. Messages of up to 8 KiB come in the order in which they were sent, and
 * so do longer ones among each other, to all and to one device apart; short ones overtake long ones.
 */
export class P2PConnection<Custom extends CustomMessageShape = CustomMessage> {
  readonly #configuration: Configuration;
  readonly #platform: PlatformDeps;
  readonly #emitter: Emitter<P2PConnectionEvents<Custom>>;
  readonly #seen = new SeenEntries();
  readonly #openDeliveries: OpenDeliveries = new Map();
  /** Per event with a message that some handler has not taken, those that have. */
  readonly #taken = new Map<string, ReadonlySet<unknown>>();
  #cancelPendingReport: CancelTimer | null = null;
  #state: State = { phase: 'disconnected' };
  #peerId = '';
  #ignorePageGone = () => {};
  /** Sessions that have not left yet: the present one, and those that are saying goodbye. */
  #sessions = 0;
  #left: Promise<void> = Promise.resolve();
  #name: DeviceName | null = null;
  #nameBefore: string | undefined;
  #opened: Promise<OpenIdentity> | null = null;
  readonly #met = new Set<string>();
  /** Of the last `connect()`. */
  #failure: unknown = null;

  /**
   * Opens nothing yet. `platform` replaces parts of what the connection stands on, for tests.
   * @throws ConfigurationError with the path of the first wrong field
   */
  constructor(config: P2PConnectionConfig, platform: Partial<PlatformDeps> = {}) {
    this.#configuration = readConfiguration(config);
    this.#platform = { ...PLATFORM, ...platform };
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
   * Leaves the room and closes every link, after what is already sent has crossed; at most a second later. What no device
   * has taken by then is kept, and goes on its way with the next `connect()`, also after a restart. Without a connection it
   * does nothing.
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
   * Sends to one device, to those of a role or with a capability, or to all that may have it (see
   * `docs/guide/connection.md`), also to those that come later, within the message's time to live.
   * @throws InvalidMessageError with the path of the wrong field; MessageTooLargeError over 64 MiB; NotConnectedError;
   * UnknownPeerError for a device that was never here; NotEntitledError for what this device may not send, or not
   * there; StorageFullError where there is no room to keep it. Nothing is sent then.
   */
  send(message: P2PMessage<Custom>, target?: MessageTarget): Delivery {
    if (this.#state.phase !== 'connected') throw new NotConnectedError('send()');
    return this.#state.session.send(message, target);
  }

  /**
   * Messages of this device that nobody whom they are for has taken yet, oldest first, those of earlier runs among them; in
   * a tab that works through another one, its own. Empty while disconnected.
   */
  pending(): PendingMessage[] {
    return this.#state.phase === 'disconnected' ? [] : this.#state.session.pending();
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

  /**
   * Finds out why links do not come up, or that nothing is wrong: to any device, or to `peerId`. Works whether connected or
   * not, leaves the connection alone, and is done within 8 seconds, and 5 before them where its code has to be loaded.
   * A page that imports `@innmesh/webrtc/diagnose` has that before its own server is out of reach.
   */
  async diagnose(peerId?: string): Promise<Diagnosis> {
    const deps = {
      ...this.#platform,
      configuration: this.#configuration,
      failure: this.#failure,
      session: this.#state.phase === 'disconnected' ? null : this.#state.session,
    };
    const loaded = await loadInTime(this.#platform.clock);
    return loaded ? loaded.diagnose(deps, peerId) : NOT_LOADED;
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
      if (this.#isCurrent(session)) {
        this.#failure = error;
        this.#state = { phase: 'disconnected' };
      }
      this.#leave(session);
      throw error;
    }
  }

  #leave(session: MessagingSession): Promise<void> {
    this.#cancelPendingReport?.();
    this.#cancelPendingReport = null;
    const left = Promise.allSettled([this.#left, session.leave()]).then(() => this.#releaseIdentity());
    this.#left = left;
    return left;
  }

  /** Not while this object connects again: the next session is the same device. */
  #releaseIdentity(): void {
    this.#sessions -= 1;
    if (this.#sessions > 0) return;
    this.#nameBefore = this.#name?.name;
    this.#name?.release();
    this.#name = null;
    this.#opened?.then((identity) => identity.release()).catch(() => {});
    this.#opened = null;
  }

  #createSession(): MessagingSession {
    const { tenantId, deviceInfo } = this.#configuration;
    this.#sessions += 1;
    this.#name ??= this.#takeName();
    const { name } = this.#name;
    const before = this.#left;
    const deps: SessionDeps = {
      ...this.#platform,
      identity: () => {
        this.#opened ??= this.#openIdentity(name).catch((error) => {
          this.#opened = null;
          throw error;
        });
        return this.#opened;
      },
      met: this.#met,
      storeIsFree: () => before,
      configuration: this.#configuration,
      seen: this.#seen,
      openDeliveries: this.#openDeliveries,
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
      message: (message, fromPeerId, info) => this.#deliver(message as ReceivedMessage<Custom>, fromPeerId, info),
      pendingChanged: () => this.#reportPendingSoon(session),
      storageFull: () => emit('storage-full'),
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
    return session;
  }

  #takeName(): DeviceName {
    const { tenantId, deviceInfo } = this.#configuration;
    const identity = this.#sharedIdentity();
    if (identity !== undefined) return heldByNobody(identity);
    return takeDeviceName(`${tenantId}/${deviceInfo.type}/${deviceInfo.name}`, takenNames, this.#nameBefore);
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
    const { reconnectInterval: reconnectIntervalMs, autoReconnect, timeToLive: timesToLiveMs } = this.#configuration;
    return new SharedSession(
      {
        ...{ ...deps, name, tabs, autoReconnect, reconnectIntervalMs, timesToLiveMs },
        peerId: () => this.#peerId,
        openIdentity: deps.identity,
        createSession: (sessionEvents, met, identity = deps.identity) => {
          for (const peerId of met) this.#met.add(peerId);
          return new Session({ ...deps, identity }, sessionEvents);
        },
      },
      events,
    );
  }

  #entered(session: MessagingSession): void {
    if (this.#state.phase !== 'connecting' || this.#state.session !== session) return;
    this.#state = { phase: 'connected', session };
    this.#failure = null;
    this.#ignorePageGone = this.#platform.onPageGone(() => this.disconnect());
  }

  /** Throws or rejects where a handler did. It comes again then, for those that have not taken it. */
  #deliver(message: ReceivedMessage<Custom>, fromPeerId: string, info: EntryInfo): void | Promise<void> {
    const { type } = message;
    const args = [message as never, fromPeerId, info] as const;
    const outcome = this.#handOver('message', ...args);
    if (type !== 'order' && type !== 'print' && type !== 'notification') return unwrap(outcome);
    const outcomes = [outcome, this.#handOver(type, ...args)];
    const isWaiting = outcomes.some((each) => each instanceof Promise);
    if (isWaiting) return Promise.all(outcomes).then(([first, second]) => unwrap(first ?? second) as undefined);
    return unwrap(outcomes[0] ?? outcomes[1]);
  }

  /** What went wrong, if anything did. */
  #handOver(
    event: 'message' | 'order' | 'print' | 'notification',
    message: never,
    fromPeerId: string,
    info: EntryInfo,
  ): HandlerError | undefined | Promise<HandlerError | undefined> {
    const key = `${event} ${info.id}`;
    const failed = (error: unknown) => {
      if (!(error instanceof NotTakenError)) throw error;
      this.#taken.set(key, error.taken);
      return new HandlerError(event, error.cause);
    };
    const taken = () => void this.#taken.delete(key);
    try {
      const outcome = this.#emitter.handOver(event, this.#taken.get(key), message, fromPeerId, info);
      return outcome ? outcome.then(taken, failed) : taken();
    } catch (error) {
      return failed(error);
    }
  }

  /** A page that sends a thousand messages in one turn is told of them once. */
  #reportPendingSoon(session: MessagingSession): void {
    if (!this.#emitter.has('pending-changed') || this.#cancelPendingReport) return;
    this.#cancelPendingReport = this.#platform.clock.setTimer(() => {
      this.#cancelPendingReport = null;
      if (this.#isCurrent(session)) this.#emitter.emit('pending-changed', session.pending().length);
    }, PENDING_REPORT_DELAY_MS);
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

/** Throws what went wrong, now or when it is known. */
function unwrap(outcome: Error | undefined | Promise<Error | undefined>): void | Promise<void> {
  if (outcome instanceof Promise) return outcome.then((error) => unwrap(error) as undefined);
  if (outcome) throw outcome;
}

/** A name that the application chose is as many times the same device. */
const heldByNobody = (name: string) => ({ name, release: () => {} });
