import type { CancelTimer, Clock, Random } from '@innmesh/kit';
import * as browser from './browser-channels.ts';
import type { Election, ElectionDeps, ElectionEvents } from './election.ts';
import type { TabChannel } from './tab-sharing.ts';

/**
 * `term` is when the leader claimed its place, by the clock that all tabs have in common: a leader that was stopped
 * while another took over learns that it is none, also from a tab that had never heard of it.
 */
export interface Ballot {
  type: 'beat' | 'claim' | 'resign';
  tabId: string;
  term: number;
}

export const leaseTimes = {
  /** Less than a hidden tab's timers are slowed down to. */
  beatMs: 1_000,
  /** A follower that hears nothing for so long asks. */
  silenceMs: 3_000,
  /** Followers spread, so that one of them asks first. */
  spreadMs: 500,
  /** How long a claim stands before it counts. A leader in the background answers it, as messages wake it. */
  claimMs: 300,
  /** The spread after a leader has said that it goes. */
  resignSpreadMs: 50,
} as const;

/** The same in every release, so that two of them never lead at once. */
const ballotChannel = (name: string): string => `${name}/ballots`;

type Role = 'following' | 'claiming' | 'leading' | 'hidden' | 'withdrawn';

/** The higher term; in the same one, the lower id. */
const outranks = (one: Ballot, other: Ballot): boolean =>
  one.term !== other.term ? one.term > other.term : one.tabId < other.tabId;

/**
 * Leadership on pages without Web Locks: the leader beats over a channel, and who hears nothing claims its place. Two
 * tabs may lead for as long as a message takes between them; then the lower in rank steps down.
 */
export class Lease implements Election {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #tabId: string;
  readonly #events: ElectionEvents;
  readonly #channel: TabChannel;
  readonly #ignoreLifecycle: () => void;
  #role: Role = 'hidden';
  /** The highest that a leader was heard in, or this tab leads in. */
  #term = 0;
  #claimedTerm = 0;
  /** When a leader knows that nobody took its place before. */
  #certainAtMs = 0;
  #cancelTimer: CancelTimer = () => {};

  constructor({ tabs, clock, random, tabId }: ElectionDeps, name: string, events: ElectionEvents) {
    this.#clock = clock;
    this.#random = random;
    this.#tabId = tabId;
    this.#events = events;
    const { openChannel = browser.openChannel, onPageLifecycle = browser.onPageLifecycle } = tabs;
    this.#channel = openChannel(ballotChannel(name), (ballot) => this.#receive(ballot as Ballot));
    this.#ignoreLifecycle = onPageLifecycle({
      hidden: () => this.#stepDown('hidden'),
      shown: () => this.#claim(),
    });
    this.#claim();
  }

  withdraw(): void {
    if (this.#role === 'withdrawn') return;
    const wasLeading = this.#role === 'leading';
    this.#become('withdrawn');
    this.#ignoreLifecycle();
    if (wasLeading) this.#post('resign', this.#term);
    this.#channel.close();
  }

  /** A leader that may have stood still for as long as a claim takes waits for the beat of whoever took its place. */
  async confirm(sinceMs: number): Promise<void> {
    if (sinceMs > this.#certainAtMs && this.#isLate(sinceMs)) this.#doubt();
    while (this.#certainAtMs > this.#clock.nowMs()) await this.#waitForCertainty();
  }

  async #waitForCertainty(): Promise<void> {
    const dueMs = this.#certainAtMs;
    await new Promise<void>((resolve) => this.#clock.setTimer(resolve, dueMs - this.#clock.nowMs()));
    if (this.#isLate(dueMs)) this.#doubt();
  }

  #receive(ballot: Ballot): void {
    if (this.#role === 'hidden' || this.#role === 'withdrawn') return;
    if (ballot.type === 'beat') this.#hearBeat(ballot);
    else if (ballot.type === 'claim') this.#hearClaim(ballot);
    else if (this.#role === 'following') this.#wait(this.#random.unit() * leaseTimes.resignSpreadMs);
  }

  #hearBeat(ballot: Ballot): void {
    if (this.#role === 'leading' && !outranks(ballot, this.#ballot())) {
      this.#beat();
    } else if (ballot.term >= this.#term) {
      // Of a lower one is a leader that was stopped while another led: whoever followed that one would wait for ever.
      this.#term = ballot.term;
      if (this.#role === 'leading') this.#stepDown('following');
      else this.#follow();
    }
  }

  #hearClaim(ballot: Ballot): void {
    if (this.#role === 'leading') this.#answerClaim(ballot);
    else if (this.#role === 'following' || outranks(ballot, this.#ballot())) this.#follow();
  }

  /** Where the answer comes too late, the claim may have been taken up by now: its beat is on the way, then. */
  #answerClaim({ term }: Ballot): void {
    if (this.#isLate(term)) this.#doubt();
    this.#beat();
  }

  #isLate(sinceMs: number): boolean {
    return this.#clock.nowMs() - sinceMs >= leaseTimes.claimMs / 2;
  }

  #doubt(): void {
    this.#certainAtMs = this.#clock.nowMs() + leaseTimes.claimMs;
  }

  #follow(): void {
    this.#wait(leaseTimes.silenceMs + this.#random.unit() * leaseTimes.spreadMs);
  }

  #wait(delayMs: number): void {
    this.#become('following', () => this.#claim(), delayMs);
  }

  #claim(): void {
    if (this.#role === 'withdrawn') return;
    this.#claimedTerm = Math.max(this.#term + 1, this.#clock.nowMs());
    this.#become('claiming', () => this.#lead(), leaseTimes.claimMs);
    this.#post('claim', this.#ballot().term);
  }

  #lead(): void {
    this.#term = this.#claimedTerm;
    this.#become('leading');
    this.#beat();
    this.#events.won();
  }

  #beat(): void {
    if (this.#role !== 'leading') return;
    this.#become('leading', () => this.#beat(), leaseTimes.beatMs);
    this.#post('beat', this.#term);
  }

  #stepDown(role: 'following' | 'hidden'): void {
    const wasLeading = this.#role === 'leading';
    if (role === 'following') this.#follow();
    else this.#become('hidden');
    if (!wasLeading) return;
    if (role === 'hidden') this.#post('resign', this.#term);
    this.#events.lost();
  }

  #become(role: Role, then: () => void = () => {}, delayMs: number | null = null): void {
    this.#cancelTimer();
    this.#role = role;
    if (delayMs !== null) this.#cancelTimer = this.#clock.setTimer(then, delayMs);
  }

  /** As a leader its own; otherwise that of its claim. */
  #ballot(): Ballot {
    const term = this.#role === 'leading' ? this.#term : this.#claimedTerm;
    return { type: 'claim', tabId: this.#tabId, term };
  }

  #post(type: Ballot['type'], term: number): void {
    this.#channel.post({ type, tabId: this.#tabId, term } satisfies Ballot);
  }
}
