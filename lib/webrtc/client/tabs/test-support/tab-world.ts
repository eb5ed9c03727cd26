import { ManualClock, type Random, seededRandom } from '@innmesh/kit';
import { FakeBrowser } from './fake-browser.ts';
import { FakeRoom } from './fake-session.ts';
import { SharedTab, type SharedTabOptions } from './shared-tab.ts';
// Loaded before time begins: a test decides when, not a disk.
import '../member.ts';

/** More than any chain of promises here is long. */
const SETTLING_TURNS = 50;

/** A browser with tabs that share a device, the room it is in, and the time. */
export class TabWorld {
  readonly clock = new ManualClock(1_000);
  readonly random: Random;
  readonly browser: FakeBrowser;
  readonly room = new FakeRoom();
  #opened = 0;

  constructor(seed: number, isSecureContext: boolean) {
    this.random = seededRandom(seed);
    this.browser = new FakeBrowser(this.clock, this.random, { isSecureContext });
  }

  openTab(options: SharedTabOptions = {}): SharedTab {
    this.#opened += 1;
    return new SharedTab(this.browser, this.room, this.random, `peer-${this.#opened}`, options);
  }

  /** Lets every promise settle on the way. */
  async pass(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += 10) {
      this.clock.advance(10);
      for (let turn = 0; turn < SETTLING_TURNS; turn += 1) await Promise.resolve();
    }
  }

  numbersSent(): unknown[] {
    return this.room.sent.map(({ message }) => ('data' in message ? message.data : null));
  }
}

/** With how long another tab takes to lead where the leader crashes. */
export const bothWays = [
  { ways: 'Web Locks', isSecureContext: true, takeOverMs: 1_000 },
  { ways: 'a lease', isSecureContext: false, takeOverMs: 5_000 },
];
