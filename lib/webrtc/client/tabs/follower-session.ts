import type { CancelTimer, Clock } from '@innmesh/kit';
import type { RoomAccount } from '../diagnose/room-account.ts';
import { TabSharingError } from '../errors.ts';
import type { SeenEntries } from '../journal/seen-entries.ts';
import type { NetworkTopology } from '../public-types.ts';
import { rebuildError } from './carried-error.ts';
import type { PendingSend, PendingSends } from './pending-sends.ts';
import type { RoomView } from './room-view.ts';
import type { AnswerMessage, MirroredEvent, Question, RoomState, TabMessage, TabMessageOf } from './tab-message.ts';

export interface FollowerDeps {
  tabId: string;
  clock: Clock;
  view: RoomView;
  sends: PendingSends;
  seen: SeenEntries;
  post(message: TabMessage): void;
}

/** A measurement takes the leader 2 seconds at most. */
const TOPOLOGY_TIMEOUT_MS = 5_000;
/** Less than what a diagnosis waits for it. */
const ROOM_TIMEOUT_MS = 4_000;
/** Each server has 5 seconds to let the device in. */
const COME_BACK_TIMEOUT_MS = 30_000;
const STORE_TIMEOUT_MS = 10_000;
/** As long as a timer takes (HTML §8.6, a signed 32-bit number): the message's own time is shorter, but for the longest. */
const FOLLOWING_TIMEOUT_MS = 2 ** 31 - 1;

interface Asked {
  resolve(result: unknown): void;
  reject(error: Error): void;
  cancelTimer: CancelTimer;
}

/** Works through the tab that leads, and knows nothing of how a leader is found. */
export class FollowerSession {
  readonly #deps: FollowerDeps;
  /** The tab whose events count. */
  #leader: { tabId: string; peerId: string } | null = null;
  readonly #asked = new Map<number, Asked>();
  #lastRequest = 0;
  #hasComplained = false;

  constructor(deps: FollowerDeps) {
    this.#deps = deps;
    this.#seekLeader();
  }

  /** The leader's; `null` while there is none. */
  get peerId(): string | null {
    return this.#leader?.peerId ?? null;
  }

  receive(message: TabMessage): void {
    if (message.type === 'seek') this.#seekLeader();
    else if (message.type === 'state') this.#takeState(message);
    else if (message.from === this.#leader?.tabId) this.#takeFromLeader(message);
  }

  /** Asks the leader to send it, now or as soon as there is one. */
  submit(send: PendingSend): void {
    if (!this.#leader || !this.#deps.view.isInside) return;
    const { number, message, target, expiresAtMs } = send;
    send.submitted = { to: this.#leader.tabId, sinceMs: this.#deps.clock.monotonicMs() };
    const askedAtMs = this.#deps.clock.nowMs();
    this.#post({ type: 'send', to: this.#leader.tabId, askedAtMs, number, message, target, expiresAtMs });
  }

  /** @throws TabSharingError when the leader does not answer within 5 seconds */
  topology(peerId: string): Promise<NetworkTopology | null> {
    return this.#ask({ what: 'topology', peerId }, TOPOLOGY_TIMEOUT_MS) as Promise<NetworkTopology | null>;
  }

  /** @throws TabSharingError when the leader does not answer within 4 seconds */
  room(): Promise<RoomAccount | null> {
    return this.#ask({ what: 'room' }, ROOM_TIMEOUT_MS) as Promise<RoomAccount | null>;
  }

  /** Resolves and rejects as the leader's `follow()`; rejects with a TabSharingError where that is gone before. */
  async follow(id: string): Promise<void> {
    const leader = this.#leader;
    await this.#ask({ what: 'delivery', id }, FOLLOWING_TIMEOUT_MS);
    if (!leader || this.#leader !== leader) throw silentLeader('went');
  }

  async comeBack(): Promise<void> {
    await this.#ask({ what: 'come-back' }, COME_BACK_TIMEOUT_MS);
  }

  /** Tells, once, of a leader that leaves a message unconfirmed. */
  checkLeader(): void {
    const sinceMs = this.#deps.sends.unconfirmedSinceMs();
    if (sinceMs === null || this.#hasComplained) return;
    if (this.#deps.clock.monotonicMs() - sinceMs < STORE_TIMEOUT_MS) return;
    this.#hasComplained = true;
    this.#deps.view.failed(silentLeader('has not taken a message'));
  }

  /** The leader is gone for this tab: it has said so, or another leads. */
  detach(): void {
    this.#leader = null;
    this.#deps.view.leaderLost();
    this.#deps.sends.leaderLost();
    for (const { resolve, cancelTimer } of this.#asked.values()) {
      cancelTimer();
      resolve(null);
    }
    this.#asked.clear();
  }

  /** For good, as this tab goes. */
  leave(): void {
    this.#post({ type: 'bye' });
    this.detach();
  }

  #seekLeader(): void {
    this.#post({ type: 'hello' });
  }

  #post(message: DistributiveOmit<TabMessage, 'from'>): void {
    this.#deps.post({ ...message, from: this.#deps.tabId } as TabMessage);
  }

  #takeState({ from, to, state }: TabMessageOf<'state'>): void {
    if (to !== null && to !== this.#deps.tabId) return;
    if (this.#leader?.tabId === from) return;
    this.detach();
    this.#leader = { tabId: from, peerId: state.peerId };
    this.#hasComplained = false;
    for (const peerId of state.met) this.#deps.view.met.add(peerId);
    if (state.hasJoined) this.#enter(state);
  }

  #enter({ peers }: RoomState): void {
    const { view } = this.#deps;
    view.discovered(peers.map((peer) => ({ ...peer, status: 'discovered' })));
    for (const peer of peers) if (peer.status === 'connected') view.linked(peer);
  }

  #takeFromLeader(message: TabMessage): void {
    this.#hasComplained = false;
    if (message.type === 'event') this.#mirror(message.mirrored);
    else if (message.type === 'message') this.#takeMessage(message);
    else if (message.type === 'failure') this.#deps.view.failed(rebuildError(message.error));
    else if (message.type === 'answer' && message.to === this.#deps.tabId) this.#takeAnswer(message);
    else if (message.type === 'gone') {
      this.detach();
      this.#seekLeader();
    }
  }

  #mirror({ event, args }: MirroredEvent): void {
    (this.#deps.view[event] as (...args: unknown[]) => void)(...args);
  }

  /** Only what this device had not taken when the last leader went. */
  async #takeMessage({ message, fromPeerId, info }: TabMessageOf<'message'>): Promise<void> {
    const { seen, view } = this.#deps;
    if (seen.has(info.id, message.type)) return;
    seen.note(info.id, message.type);
    try {
      await view.message(message, fromPeerId, info);
    } catch (error) {
      // Again is only what the leading tab's own handlers did not take.
      view.failed(error as Error);
    }
  }

  #ask(question: Question, timeoutMs: number): Promise<unknown> {
    if (!this.#leader) return Promise.resolve(null);
    this.#lastRequest += 1;
    const request = this.#lastRequest;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const cancelTimer = this.#deps.clock.setTimer(() => {
      this.#asked.delete(request);
      reject(silentLeader('has not answered'));
    }, timeoutMs);
    this.#asked.set(request, { resolve, reject, cancelTimer });
    const askedAtMs = this.#deps.clock.nowMs();
    this.#post({ type: 'ask', to: this.#leader.tabId, askedAtMs, request, question });
    return promise;
  }

  #takeAnswer(answer: AnswerMessage): void {
    const asked = this.#asked.get(answer.request);
    if (!asked) return;
    this.#asked.delete(answer.request);
    asked.cancelTimer();
    if ('error' in answer) asked.reject(rebuildError(answer.error));
    else asked.resolve(answer.result);
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Browsers stop the script of a tab in the background at times, and people leave one standing at a breakpoint. */
export const silentLeader = (problem: string): TabSharingError =>
  new TabSharingError(
    `the tab that holds it ${problem} in time. It may be stopped in the background: show, reload or close it.`,
  );
