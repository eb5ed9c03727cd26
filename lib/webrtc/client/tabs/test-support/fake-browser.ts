import type { CancelTimer, Clock, Random } from '@innmesh/kit';
import type { TabChannel, TabSharing } from '../tab-sharing.ts';

interface OpenChannel {
  name: string;
  tab: FakeTab;
  receive(message: unknown): void;
}

interface LockRequest {
  tab: FakeTab;
  grant(lock: Lock | null): Promise<void> | undefined;
  reject(error: Error): void;
  signal: AbortSignal | undefined;
}

/** One profile of a browser: its tabs share channels and locks. What crosses takes a while, by the seed. */
export class FakeBrowser {
  readonly clock: Clock;
  readonly random: Random;
  readonly channels = new Set<OpenChannel>();
  readonly isSecureContext: boolean;
  readonly #holders = new Map<string, LockRequest>();
  readonly #queues = new Map<string, LockRequest[]>();
  maxDelayMs = 20;

  constructor(clock: Clock, random: Random, { isSecureContext }: { isSecureContext: boolean }) {
    this.clock = clock;
    this.random = random;
    this.isSecureContext = isSecureContext;
  }

  openTab(): FakeTab {
    return new FakeTab(this, this.isSecureContext);
  }

  request(name: string, request: LockRequest, ifAvailable: boolean): void {
    if (ifAvailable && this.#holders.has(name)) {
      request.grant(null);
      return;
    }
    this.#queues.set(name, [...(this.#queues.get(name) ?? []), request]);
    this.#grantNext(name);
  }

  releaseLocksOf(tab: FakeTab): void {
    for (const [name, queue] of this.#queues)
      this.#queues.set(
        name,
        queue.filter((request) => request.tab !== tab),
      );
    for (const [name, holder] of this.#holders) if (holder.tab === tab) this.#release(name, holder);
  }

  #grantNext(name: string): void {
    if (this.#holders.has(name)) return;
    const [next, ...rest] = this.#queues.get(name) ?? [];
    this.#queues.set(name, rest);
    if (!next) return;
    if (next.signal?.aborted) {
      this.#grantNext(name);
      return;
    }
    this.#holders.set(name, next);
    next.tab.run(() =>
      (next.grant({ name, mode: 'exclusive' }) ?? Promise.resolve()).then(() => this.#release(name, next)),
    );
  }

  #release(name: string, holder: LockRequest): void {
    if (this.#holders.get(name) !== holder) return;
    this.#holders.delete(name);
    this.#grantNext(name);
  }
}

/** A page with a clock that stops with it. */
export class FakeTab implements Clock {
  readonly sharing: Required<TabSharing>;
  readonly #browser: FakeBrowser;
  readonly #lifecycle = new Set<{ hidden(): void; shown(): void }>();
  readonly #timers = new Set<CancelTimer>();
  #isAlive = true;
  /** What waits for a stopped tab to run again. */
  #backlog: (() => void)[] | null = null;
  readonly #arrivesMs = new Map<FakeTab, number>();
  #isAway = false;

  constructor(browser: FakeBrowser, isSecureContext: boolean) {
    this.#browser = browser;
    const request = (name: string, options: LockOptions, callback: LockRequest['grant']) =>
      this.#requestLock(name, options, callback);
    this.sharing = {
      locks: isSecureContext ? ({ request } as unknown as LockManager) : null,
      openChannel: (name, receive) => this.#openChannel(name, receive),
      onPageLifecycle: (callbacks) => {
        this.#lifecycle.add(callbacks);
        return () => this.#lifecycle.delete(callbacks);
      },
    };
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get isFrozen(): boolean {
    return this.#backlog !== null;
  }

  nowMs = () => this.#browser.clock.nowMs();
  monotonicMs = () => this.#browser.clock.monotonicMs();

  setTimer(callback: () => void, delayMs: number): CancelTimer {
    let isCancelled = false;
    const fire = () => this.run(() => !isCancelled && callback());
    const cancelTimer = this.#browser.clock.setTimer(fire, delayMs);
    const cancel = () => {
      isCancelled = true;
      this.#timers.delete(cancel);
      cancelTimer();
    };
    this.#timers.add(cancel);
    return cancel;
  }

  /** Runs it in this tab's script, as soon as that runs. */
  run(task: () => void): void {
    if (!this.#isAlive) return;
    if (this.#backlog) this.#backlog.push(task);
    else task();
  }

  /** Ends without a word. */
  crash(): void {
    this.#isAlive = false;
    for (const cancel of [...this.#timers]) cancel();
    for (const channel of [...this.#browser.channels]) if (channel.tab === this) this.#browser.channels.delete(channel);
    this.#browser.releaseLocksOf(this);
  }

  close(): void {
    for (const { hidden } of [...this.#lifecycle]) hidden();
    this.crash();
  }

  freeze(): void {
    this.#backlog ??= [];
  }

  /** People have gone to another page, and may come back to this one. It hears of nothing meanwhile. */
  putAway(): void {
    for (const { hidden } of [...this.#lifecycle]) hidden();
    this.#isAway = true;
    this.freeze();
  }

  bringBack(): void {
    this.#isAway = false;
    this.thaw();
    for (const { shown } of [...this.#lifecycle]) shown();
  }

  /** Runs what has waited one by one, as a browser does: promises settle in between. */
  async thawSlowly(): Promise<void> {
    for (let task = this.#backlog?.shift(); task; task = this.#backlog?.shift()) {
      if (this.#isAlive) task();
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    }
    this.#backlog = null;
  }

  thaw(): void {
    const backlog = this.#backlog ?? [];
    this.#backlog = null;
    for (const task of backlog) this.run(task);
  }

  #requestLock(name: string, { ifAvailable, signal }: LockOptions, grant: LockRequest['grant']): Promise<void> {
    const { promise, reject } = Promise.withResolvers<void>();
    signal?.addEventListener('abort', () => reject(new Error('aborted')));
    this.#browser.request(name, { tab: this, grant, reject, signal }, ifAvailable === true);
    return promise;
  }

  #openChannel(name: string, receive: (message: unknown) => void): TabChannel {
    const channel = { name, tab: this, receive };
    this.#browser.channels.add(channel);
    return {
      post: (message) => this.#post(channel, message),
      close: () => this.#browser.channels.delete(channel),
    };
  }

  #post(from: OpenChannel, message: unknown): void {
    if (!this.#isAlive) return;
    if (!this.#browser.channels.has(from)) throw new Error('InvalidStateError: the channel is closed');
    for (const channel of this.#browser.channels) {
      if (channel === from || channel.name !== from.name) continue;
      const copy = structuredClone(message);
      const deliver = () => channel.tab.#hear(() => this.#browser.channels.has(channel) && channel.receive(copy));
      this.#browser.clock.setTimer(deliver, this.#delayMsTo(channel.tab));
    }
  }

  #hear(task: () => void): void {
    if (!this.#isAway) this.run(task);
  }

  /** In order from one tab to another. */
  #delayMsTo(tab: FakeTab): number {
    const nowMs = this.#browser.clock.nowMs();
    const arrivesMs = Math.max(
      this.#arrivesMs.get(tab) ?? 0,
      nowMs + this.#browser.random.unit() * this.#browser.maxDelayMs,
    );
    this.#arrivesMs.set(tab, arrivesMs);
    return arrivesMs - nowMs;
  }
}
