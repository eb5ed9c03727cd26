import type { Random } from '@innmesh/kit';
import type { DeviceIdentity } from '../../identity/device-identity.ts';
import { SeenEntries } from '../../journal/seen-entries.ts';
import type { Delivery, MessageTarget } from '../../public-types.ts';
import type { SessionEvents } from '../../session.ts';
import { SharedSession } from '../shared-session.ts';
import type { FakeBrowser, FakeTab } from './fake-browser.ts';
import { type FakeRoom, FakeSession, type Page } from './fake-session.ts';

export interface SharedTabOptions {
  tab?: FakeTab;
  /** Default: `desk#1`. */
  name?: string;
  /** That had a connection before. */
  page?: Page;
  load?: ConstructorParameters<typeof SharedSession>[2];
}

/** A tab with an application that remembers what it was told. */
export class SharedTab {
  readonly tab: FakeTab;
  readonly session: SharedSession;
  readonly page: Page;
  /** Each event with whom it is about. */
  readonly told: string[] = [];
  readonly numbers: unknown[] = [];
  readonly errors: Error[] = [];
  own: FakeSession | null = null;
  outcome: 'joining' | 'joined' | Error = 'joining';
  onTold = (_what: string) => {};

  constructor(browser: FakeBrowser, room: FakeRoom, random: Random, peerId: string, options: SharedTabOptions = {}) {
    this.page = options.page ?? { seen: new SeenEntries(), openDeliveries: new Map() };
    const { name = 'desk#1' } = options;
    this.tab = options.tab ?? browser.openTab();
    this.session = new SharedSession(
      {
        name,
        peerId: () => peerId,
        openIdentity: async () => ({}) as DeviceIdentity,
        tabs: this.tab.sharing,
        clock: this.tab,
        random,
        ...this.page,
        reconnectIntervalMs: 1_000,
        autoReconnect: true,
        timesToLiveMs: {},
        createSession: (events, met, identity) => {
          this.own = new FakeSession(room, this.tab, this.page, peerId, events, met, identity);
          return this.own;
        },
      },
      this.#events(),
      options.load,
    );
    this.session.join().then(
      () => {
        this.outcome = 'joined';
      },
      (error) => {
        this.outcome = error;
        this.leave();
      },
    );
  }

  get leads(): boolean {
    return this.tab.isAlive && this.own !== null && !this.own.hasLeft;
  }

  send(data: number, target?: MessageTarget): Delivery {
    return this.session.send({ type: 'x-number', data }, target);
  }

  crash(): void {
    this.tab.crash();
    if (this.own) Object.assign(this.own, { isIn: false, hasLeft: true });
  }

  /** As P2PConnection does. */
  leave(): Promise<void> {
    return this.session.leave();
  }

  #events(): SessionEvents {
    const tell = (what: string) => {
      this.told.push(what);
      this.onTold(what);
    };
    return {
      discovered: (peers) => tell(`discovered ${peers.map(({ peerId }) => peerId)}`),
      peerJoined: ({ peerId }) => tell(`peerJoined ${peerId}`),
      peerLeft: (peerId) => tell(`peerLeft ${peerId}`),
      linked: ({ peerId }) => tell(`linked ${peerId}`),
      unlinked: (peerId) => tell(`unlinked ${peerId}`),
      message: (message) => {
        this.numbers.push('data' in message ? message.data : message);
      },
      pendingChanged: () => {},
      storageFull: () => tell('storageFull'),
      topology: ({ peerId }) => tell(`topology ${peerId}`),
      wantsTopology: () => true,
      reconnecting: () => tell('reconnecting'),
      failed: (error) => this.errors.push(error),
    };
  }
}
