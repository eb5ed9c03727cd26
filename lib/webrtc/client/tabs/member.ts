import { backoffDelayMs, type CancelTimer, randomId, setRepeating } from '@innmesh/kit';
import { InnmeshError, parseMessage } from '@innmesh/protocol';
import type { RoomAccount } from '../diagnose/room-account.ts';
import { DeliveryError, NotConnectedError, UnknownPeerError } from '../errors.ts';
import type { DeliveryTracker } from '../journal/delivery.ts';
import type { MessagingSession } from '../messaging-session.ts';
import type { Delivery, MessageTarget, NetworkTopology, PeerInfo, PendingMessage } from '../public-types.ts';
import type { SessionEvents } from '../session.ts';
import * as browser from './browser-channels.ts';
import { type Election, standForElection } from './election.ts';
import { FollowerSession, silentLeader } from './follower-session.ts';
import { Leader } from './leader.ts';
import { BroadcastingHost } from './leader-host.ts';
import { type PendingSend, PendingSends } from './pending-sends.ts';
import { RoomView } from './room-view.ts';
import type { SharedSessionDeps } from './shared-session.ts';
import { sessionChannel, type TabMessage } from './tab-message.ts';
import type { TabChannel } from './tab-sharing.ts';

type Role =
  | { as: 'follower'; follower: FollowerSession }
  | { as: 'leader'; leader: Leader; host: BroadcastingHost }
  | { as: 'nobody' };

const TAB_ID_CHARACTERS = 16;
/** As long as six servers may take to let the leading tab in. */
const JOIN_TIMEOUT_MS = 30_000;
const CHECK_INTERVAL_MS = 1_000;
/** How long what was sent has to be confirmed after `disconnect()`, as with a link. */
const LEAVE_TIMEOUT_MS = 1_000;

/** A tab that led from the start. */
export interface FirstTab {
  leader: Leader;
  /** Gives up the leadership. */
  release(): void;
  /** Works as this one from now on. */
  become(member: Member): void;
  /** It is leaving: nobody would end what it became. */
  hasLeft(): boolean;
}

/**
 * Lets other tabs work through one that led from the start. Where it is put away, for people to go back to, another one
 * leads: it would do nothing of what it is asked.
 */
export function openHost(deps: SharedSessionDeps, events: SessionEvents, tab: FirstTab): void {
  const { leader, release, become, hasLeft } = tab;
  const tabId = randomId(deps.random, TAB_ID_CHARACTERS);
  const { openChannel = browser.openChannel, onPageLifecycle = browser.onPageLifecycle } = deps.tabs;
  const channel = openChannel(sessionChannel(deps.name), (message) => host.receive(message as TabMessage));
  const post = (message: TabMessage) => {
    channel.post(message);
    if (message.type !== 'gone') return;
    channel.close();
    ignoreLifecycle();
  };
  const { session } = leader;
  const confirmLeadership = async () => {};
  const shared = { tabId, clock: deps.clock, met: new Set<string>(), post, confirmLeadership };
  const host = new BroadcastingHost({ ...shared, session, hasJoined: true, isAlone: true });
  leader.host = host;
  const ignoreLifecycle = onPageLifecycle({
    hidden: () => {
      if (hasLeft()) {
        // The rest of its goodbye may have to wait until the page is back.
        release();
        return;
      }
      if (!host.isHeard) return;
      const known = knownTo(session);
      leader.depose();
      release();
      // It hears, so that the browser does not bring it back as it was when the device has gone on without it.
      become(new Member(deps, events, known));
    },
    shown: () => {},
  });
}

/** Links that are being closed count as links, of which the application has not been told that they are gone. */
function knownTo(session: MessagingSession): PeerInfo[] {
  const linked = session.linkedPeerIds();
  return session.peers().map((peer) => {
    return { ...peer, status: linked.includes(peer.peerId) ? 'connected' : 'discovered' };
  });
}

/** A tab that was not the first, or cannot know: follows whoever leads, and leads when its turn comes. */
export class Member implements MessagingSession {
  readonly #deps: SharedSessionDeps;
  readonly #tabId: string;
  readonly #view: RoomView;
  readonly #sends: PendingSends;
  readonly #channel: TabChannel;
  readonly #election: Election;
  readonly #joined = Promise.withResolvers<void>();
  readonly #stopChecking: CancelTimer;
  readonly #ignoreLifecycle: () => void;
  #cancelJoinTimer: CancelTimer;
  #cancelRetry: CancelTimer = () => {};
  #role: Role;
  /** Its session is ending already. */
  #isLeaving = false;

  /** `known`: whom the application knows by the session of this tab, which is being put away. */
  constructor(deps: SharedSessionDeps, events: SessionEvents, known: PeerInfo[] | null = null) {
    const { tabs, name, clock, random } = deps;
    this.#deps = deps;
    this.#tabId = randomId(random, TAB_ID_CHARACTERS);
    this.#view = new RoomView(events, () => this.#entered());
    if (known) this.#view.takeOver(known);
    this.#sends = new PendingSends(this.#tabId, clock, deps.timesToLiveMs, () => events.pendingChanged());
    this.#joined.promise.catch(() => {});
    const { openChannel = browser.openChannel, onPageLifecycle = browser.onPageLifecycle } = tabs;
    this.#channel = openChannel(sessionChannel(name), (message) => this.#receive(message as TabMessage));
    this.#role = this.#newFollower();
    this.#stopChecking = setRepeating(clock, () => this.#check(), CHECK_INTERVAL_MS);
    this.#ignoreLifecycle = onPageLifecycle({ hidden: () => {}, shown: () => this.#askAnew() });
    this.#cancelJoinTimer = clock.setTimer(
      () => this.#joined.reject(silentLeader('has not shared it')),
      JOIN_TIMEOUT_MS,
    );
    const electionDeps = { tabs, clock, random, tabId: this.#tabId, isHidden: known !== null };
    this.#election = standForElection(name, electionDeps, { won: () => this.#lead(), lost: () => this.#stepDown() });
  }

  get peerId(): string {
    return (this.#role.as === 'follower' && this.#role.follower.peerId) || this.#deps.peerId();
  }

  /**
   * Resolves once the leader has joined, or this tab in its place.
   * @throws TabSharingError when a leader says nothing for 30 seconds
   */
  join(): Promise<void> {
    return this.#joined.promise;
  }

  async comeBack(): Promise<void> {
    if (this.#role.as === 'leader') await this.#role.leader.session.comeBack();
    if (this.#role.as === 'follower') await this.#role.follower.comeBack();
  }

  async leave(): Promise<void> {
    this.#isLeaving = true;
    const role = this.#role;
    this.#joined.reject(new NotConnectedError('disconnect() came before connect() was done; connecting'));
    this.#cancelJoinTimer();
    this.#cancelRetry();
    if (role.as === 'leader') await role.leader.leave();
    else {
      this.#election.withdraw();
      await this.#settled();
      if (role.as === 'follower') role.follower.leave();
    }
    this.#role = { as: 'nobody' };
    this.#election.withdraw();
    this.#stopChecking();
    this.#ignoreLifecycle();
    this.#sends.abandon();
    this.#channel.close();
  }

  peers(): PeerInfo[] {
    return this.#view.peers();
  }

  linkedPeerIds(): string[] {
    return this.#view.linkedPeerIds();
  }

  send(message: unknown, target?: MessageTarget): Delivery {
    const parsed = parseMessage(message);
    if (typeof target === 'string' && !this.#view.met.has(target)) throw new UnknownPeerError(target);
    if (this.#role.as === 'leader' && this.#view.isInside) return this.#role.leader.session.send(parsed, target);
    const send = this.#sends.add(parsed, target);
    this.#submit(send);
    return send.delivery;
  }

  /** Through another tab, this one's own. */
  pending(): PendingMessage[] {
    const sent = this.#sends.pending();
    if (this.#role.as !== 'leader') return sent;
    const own = this.#role.leader.session.pending();
    return [...own, ...sent.filter(({ id }) => !own.some((each) => each.id === id))];
  }

  async follow(id: string): Promise<void> {
    if (this.#role.as === 'leader') await this.#role.leader.session.follow(id);
    if (this.#role.as === 'follower') await this.#role.follower.follow(id);
  }

  async topology(peerId: string): Promise<NetworkTopology | null> {
    if (this.#role.as === 'leader') return this.#role.leader.session.topology(peerId);
    return this.#role.as === 'follower' ? this.#role.follower.topology(peerId) : null;
  }

  get iceServers(): readonly RTCIceServer[] | null {
    return this.#role.as === 'leader' ? this.#role.leader.session.iceServers : null;
  }

  async room(): Promise<RoomAccount | null> {
    if (this.#role.as === 'leader') return this.#role.leader.session.room();
    return this.#role.as === 'follower' ? this.#role.follower.room() : null;
  }

  #receive(message: TabMessage): void {
    if (message.type === 'report' && message.to === this.#tabId) this.#sends.take(message, message.from);
    if (this.#role.as === 'follower') this.#role.follower.receive(message);
    if (this.#role.as === 'leader') this.#role.host.receive(message);
  }

  /** What was told while this tab was put away, it may not have heard. */
  #askAnew(): void {
    if (this.#role.as !== 'follower') return;
    this.#role.follower.detach();
    this.#role = this.#newFollower();
  }

  #newFollower(): Role {
    const { clock, seen } = this.#deps;
    const shared = { tabId: this.#tabId, clock, view: this.#view, sends: this.#sends, seen };
    return {
      as: 'follower',
      follower: new FollowerSession({ ...shared, post: (message) => this.#channel.post(message) }),
    };
  }

  #lead(): void {
    if (this.#role.as !== 'follower') return;
    this.#role.follower.detach();
    this.#cancelJoinTimer();
    const { createSession } = this.#deps;
    const leader = new Leader((events) => createSession(events, this.#view.met), this.#view);
    const host = this.#createHost(leader.session);
    leader.host = host;
    this.#role = { as: 'leader', leader, host };
    this.#joinAs(leader, () => leader.session.join());
  }

  #createHost(session: MessagingSession): BroadcastingHost {
    const { clock } = this.#deps;
    return new BroadcastingHost({
      tabId: this.#tabId,
      clock,
      session,
      hasJoined: false,
      isAlone: false,
      met: this.#view.met,
      post: (message) => this.#channel.post(message),
      confirmLeadership: (sinceMs) => this.#election.confirm(sinceMs),
    });
  }

  /** A tab that was connected goes on trying; one that was not tells whoever connects. */
  async #joinAs(leader: Leader, join: () => Promise<void>): Promise<void> {
    try {
      await join();
    } catch (error) {
      if (this.#role.as !== 'leader' || this.#role.leader !== leader) return;
      this.#joined.reject(error);
      if (!this.#view.wasInside) return;
      if (error instanceof InnmeshError && error.shouldRetry() && this.#deps.autoReconnect) this.#retryLater(leader);
      this.#view.failed(error as Error);
    }
  }

  #retryLater(leader: Leader): void {
    const { reconnectIntervalMs: intervalMs, clock, random } = this.#deps;
    const delayMs = backoffDelayMs(0, { baseMs: intervalMs, maxMs: intervalMs }, random);
    this.#cancelRetry = clock.setTimer(() => this.#joinAs(leader, () => leader.session.comeBack()), delayMs);
  }

  /** Another tab has taken over while this one was stopped, or this page is put away. */
  #stepDown(): void {
    if (this.#role.as !== 'leader' || this.#isLeaving) return;
    this.#cancelRetry();
    this.#role.leader.depose();
    this.#view.leaderLost();
    this.#sends.leaderLost();
    this.#role = this.#newFollower();
  }

  /** The room is this tab's, through whichever leads: what waited goes first. */
  #entered(): void {
    this.#cancelJoinTimer();
    if (this.#role.as === 'follower') for (const tracker of this.#deps.openDeliveries.values()) this.#track(tracker);
    for (const send of this.#sends.unsubmitted()) this.#submit(send);
    this.#joined.resolve();
  }

  /** What this tab sent while it led. */
  async #track(tracker: DeliveryTracker): Promise<void> {
    try {
      await this.follow(tracker.id);
      tracker.succeed();
    } catch (error) {
      if (error instanceof DeliveryError) tracker.failWith(error);
    }
    if (tracker.status !== 'pending') this.#deps.openDeliveries.delete(tracker.id);
  }

  /** What another tab has kept is in the journal of whichever tab leads now. */
  async #followUp(send: PendingSend): Promise<void> {
    send.submitted = { to: this.#tabId, sinceMs: this.#deps.clock.monotonicMs() };
    try {
      await this.follow(send.delivery.id);
      this.#sends.succeed(send);
    } catch (error) {
      if (error instanceof DeliveryError) this.#sends.fail(send, error);
      else send.submitted = null;
    }
  }

  #submit(send: PendingSend): void {
    if (send.isStored) {
      if (this.#view.isInside) this.#followUp(send);
      return;
    }
    if (this.#role.as === 'follower') this.#role.follower.submit(send);
    if (this.#role.as === 'leader' && this.#view.isInside) this.#sendMyself(send, this.#role.leader.session);
  }

  #sendMyself(send: PendingSend, session: MessagingSession): void {
    try {
      const { id, stored, delivered } = session.send(send.message, send.target);
      send.submitted = { to: this.#tabId, sinceMs: this.#deps.clock.monotonicMs() };
      this.#sends.accept(send, id);
      stored.then(() => this.#sends.confirm(send)).catch(() => {});
      delivered.then(
        () => this.#sends.succeed(send),
        (error) => this.#sends.fail(send, error),
      );
    } catch (error) {
      this.#sends.fail(send, error as InnmeshError);
    }
  }

  #check(): void {
    this.#sends.expire();
    if (this.#role.as === 'follower') this.#role.follower.checkLeader();
  }

  async #settled(): Promise<void> {
    const { clock } = this.#deps;
    const deadlineMs = clock.monotonicMs() + LEAVE_TIMEOUT_MS;
    while (this.#sends.size > 0 && clock.monotonicMs() < deadlineMs) {
      await new Promise<void>((resolve) => clock.setTimer(resolve, 50));
    }
  }
}
