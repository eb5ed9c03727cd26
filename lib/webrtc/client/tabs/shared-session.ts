import type { Clock, Random } from '@innmesh/kit';
import type { RoomAccount } from '../diagnose/room-account.ts';
import { NotConnectedError, TabSharingError } from '../errors.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import type { OpenDeliveries } from '../journal/delivery.ts';
import type { SeenEntries } from '../journal/seen-entries.ts';
import type { MessagingSession } from '../messaging-session.ts';
import type { Delivery, MessageTarget, NetworkTopology, PeerInfo, PendingMessage } from '../public-types.ts';
import type { SessionEvents } from '../session.ts';
import { claimLock } from './claim-lock.ts';
import { Leader } from './leader.ts';
import type { Member } from './member.ts';
import type { TabSharing } from './tab-sharing.ts';

export interface SharedSessionDeps {
  /** What tabs have in common that are one device. */
  name: string;
  tabs: TabSharing;
  /** By which other devices know this one; empty until its identity is open. */
  peerId(): string;
  /** Opens the device's identity, which all of its tabs have. */
  openIdentity(): Promise<DeviceIdentity>;
  clock: Clock;
  random: Random;
  seen: SeenEntries;
  openDeliveries: OpenDeliveries;
  reconnectIntervalMs: number;
  autoReconnect: boolean;
  /** What the application says, by type. */
  timesToLiveMs: Readonly<Record<string, number>>;
  /**
   * The session of this tab where it leads. `met`: whom the device has met through other tabs. `identity`: before that is
   * there, no server is told who this device is; default: `openIdentity()`.
   */
  createSession(
    events: SessionEvents,
    met: Iterable<string>,
    identity?: () => Promise<DeviceIdentity>,
  ): MessagingSession;
}

type Locks = NonNullable<TabSharing['locks']>;
type LoadMember = () => Promise<typeof import('./member.ts')>;

/** How long a device that is one tab may go on without being ready for a second one. */
const HOST_DELAY_MS = 1_000;

/**
 * The session of a device that the tabs of a browser share: one tab leads, the others work through it, and one of them
 * takes its place when it goes. This part is what a page loads that is alone; `member.ts` is the rest.
 */
export class SharedSession implements MessagingSession {
  readonly #deps: SharedSessionDeps;
  readonly #events: SessionEvents;
  readonly #load: LoadMember;
  #session: MessagingSession | null = null;
  #leave = async () => {};
  #hasLeft = false;

  constructor(deps: SharedSessionDeps, events: SessionEvents, load: LoadMember = () => import('./member.ts')) {
    this.#deps = deps;
    this.#events = events;
    this.#load = load;
  }

  get peerId(): string {
    return this.#session?.peerId ?? this.#deps.peerId();
  }

  async join(): Promise<void> {
    const { locks } = this.#deps.tabs;
    if (!locks || !(await this.#lead(locks))) await this.#becomeMember();
  }

  comeBack(): Promise<void> {
    return this.#session?.comeBack() ?? Promise.resolve();
  }

  leave(): Promise<void> {
    this.#hasLeft = true;
    return this.#leave();
  }

  peers(): PeerInfo[] {
    return this.#session?.peers() ?? [];
  }

  linkedPeerIds(): string[] {
    return this.#session?.linkedPeerIds() ?? [];
  }

  send(message: unknown, target?: MessageTarget): Delivery {
    if (!this.#session) throw new NotConnectedError('send()');
    return this.#session.send(message, target);
  }

  pending(): PendingMessage[] {
    return this.#session?.pending() ?? [];
  }

  follow(id: string): Promise<void> {
    return this.#session?.follow(id) ?? Promise.resolve();
  }

  topology(peerId: string): Promise<NetworkTopology | null> {
    return this.#session?.topology(peerId) ?? Promise.resolve(null);
  }

  get iceServers(): readonly RTCIceServer[] | null {
    return this.#session?.iceServers ?? null;
  }

  async room(): Promise<RoomAccount | null> {
    return this.#session?.room() ?? null;
  }

  /**
   * Begins while it is not known yet whether this tab is the first: most are. `false` where another one leads; it has
   * told no server of itself then.
   */
  async #lead(locks: Locks): Promise<boolean> {
    const { createSession, openIdentity, name } = this.#deps;
    const first = Promise.withResolvers<DeviceIdentity>();
    // The session says so where it matters.
    first.promise.catch(() => {});
    const leader = new Leader((events) => createSession(events, [], () => first.promise), this.#events);
    const joined = leader.session.join();
    joined.catch(() => {});
    const identity = openIdentity();
    identity.catch(() => {});
    const release = await claimLock(locks, name);
    if (!release || this.#hasLeft) {
      leader.depose();
      release?.();
      this.#expectToStay();
      return false;
    }
    first.resolve(identity);
    this.#session = leader.session;
    let cancelHost = () => {};
    this.#leave = () => {
      cancelHost();
      return leader.leave().finally(release);
    };
    await joined;
    // Behind the first links, which the code for it would keep waiting while it loads.
    if (!this.#hasLeft) cancelHost = this.#deps.clock.setTimer(() => this.#host(leader, release), HOST_DELAY_MS);
    return true;
  }

  async #host(leader: Leader, release: () => void): Promise<void> {
    try {
      const { openHost } = await this.#loadMember();
      const become = (member: Member) => this.#become(member);
      if (!this.#hasLeft) openHost(this.#deps, this.#events, { leader, release, become, hasLeft: () => this.#hasLeft });
    } catch (error) {
      this.#events.failed(error as Error);
    }
  }

  async #becomeMember(): Promise<void> {
    const [{ Member }] = await Promise.all([this.#loadMember(), this.#deps.openIdentity()]);
    this.#expectToStay();
    const member = new Member(this.#deps, this.#events);
    this.#become(member);
    await member.join();
  }

  #become(member: Member): void {
    this.#session = member;
    this.#leave = () => member.leave();
  }

  async #loadMember(): ReturnType<LoadMember> {
    try {
      return await this.#load();
    } catch (cause) {
      throw new TabSharingError('the code for it could not be loaded. Reload the page.', { cause });
    }
  }

  #expectToStay(): void {
    if (this.#hasLeft) throw new NotConnectedError('disconnect() came before connect() was done; connecting');
  }
}
