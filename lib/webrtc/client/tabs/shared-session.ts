import type { Clock, Random } from '@innmesh/kit';
import { NotConnectedError, TabSharingError } from '../errors.ts';
import type { Inbox } from '../journal/inbox.ts';
import type { MessagingSession } from '../messaging-session.ts';
import type { Delivery, NetworkTopology, PeerInfo } from '../public-types.ts';
import type { SessionEvents } from '../session.ts';
import { claimLock } from './claim-lock.ts';
import { Leader } from './leader.ts';
import type { TabSharing } from './tab-sharing.ts';

export interface SharedSessionDeps {
  /** What tabs have in common that are one device. */
  name: string;
  tabs: TabSharing;
  /** By which other devices know this one; empty until its identity is open. */
  peerId(): string;
  /** Opens the device's identity, which all of its tabs have. */
  openIdentity(): Promise<unknown>;
  clock: Clock;
  random: Random;
  inbox: Inbox;
  reconnectIntervalMs: number;
  autoReconnect: boolean;
  /** The session of this tab where it leads. `met`: whom the device has met through other tabs. */
  createSession(events: SessionEvents, met: Iterable<string>): MessagingSession;
  /** Gives up what this tab's own sessions have stored, as another tab leads now. */
  abandonOutbox(): void;
}

type LoadMember = () => Promise<typeof import('./member.ts')>;

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
    const release = locks && (await claimLock(locks, this.#deps.name));
    if (release) await this.#lead(release);
    else await this.#becomeMember();
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

  send(message: unknown, targetPeerId?: string): Delivery {
    if (!this.#session) throw new NotConnectedError('send()');
    return this.#session.send(message, targetPeerId);
  }

  topology(peerId: string): Promise<NetworkTopology | null> {
    return this.#session?.topology(peerId) ?? Promise.resolve(null);
  }

  async #lead(release: () => void): Promise<void> {
    if (this.#hasLeft) {
      release();
      this.#expectToStay();
    }
    const leader = new Leader((events) => this.#deps.createSession(events, []), this.#events);
    this.#session = leader.session;
    this.#leave = () => leader.leave().finally(release);
    await leader.session.join();
    this.#host(leader);
  }

  async #host(leader: Leader): Promise<void> {
    try {
      const { openHost } = await this.#loadMember();
      if (!this.#hasLeft) openHost(this.#deps, leader);
    } catch (error) {
      this.#events.failed(error as Error);
    }
  }

  async #becomeMember(): Promise<void> {
    const [{ Member }] = await Promise.all([this.#loadMember(), this.#deps.openIdentity()]);
    this.#expectToStay();
    const member = new Member(this.#deps, this.#events);
    this.#session = member;
    this.#leave = () => member.leave();
    await member.join();
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
