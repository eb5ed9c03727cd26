import { describe, expect, it } from 'vitest';
import type { Delivery } from '../public-types.ts';
import type { SharedTab } from './test-support/shared-tab.ts';
import { bothWays, TabWorld } from './test-support/tab-world.ts';

const SEEDS = Array.from({ length: Number(process.env.INNMESH_SEEDS ?? 20) }, (_, seed) => seed + 1);
const STEPS = 300;

/** Tabs that open, send, leave, crash and stop at random moments. One seed decides it all. */
class Chaos {
  readonly world: TabWorld;
  readonly tabs: SharedTab[] = [];
  readonly deliveries: { tab: SharedTab; delivery: Delivery }[] = [];
  readonly #isSecureContext: boolean;
  #said = 0;

  constructor(seed: number, isSecureContext: boolean) {
    this.world = new TabWorld(seed, isSecureContext);
    this.#isSecureContext = isSecureContext;
  }

  async run(): Promise<void> {
    for (let step = 0; step < STEPS; step += 1) {
      this.#act(this.world.random.unit());
      await this.world.pass(10 + this.world.random.unit() * 100);
    }
  }

  /** Everyone runs again, the room takes whatever is kept, and everyone leaves. */
  async end(): Promise<void> {
    for (const { tab } of this.tabs) tab.thaw();
    await this.world.pass(10_000);
    for (const { delivery } of this.world.room.sent) delivery.succeed();
    await this.world.pass(1_000);
    for (const tab of this.tabs) if (tab.tab.isAlive) tab.leave();
    await this.world.pass(5_000);
  }

  #act(chance: number): void {
    const { room, random } = this.world;
    const tab = this.#pick(
      this.tabs.filter(({ tab, outcome }) => tab.isAlive && !tab.isFrozen && outcome === 'joined'),
    );
    if (this.tabs.length === 0 || chance < 0.03) this.tabs.push(this.world.openTab());
    else if (chance < 0.05) tab?.crash();
    else if (chance < 0.055) this.#leave(tab);
    // While a stopped tab holds the lock, nobody else can lead.
    else if (chance < 0.075 && !this.#isSecureContext) tab?.tab.freeze();
    else if (chance < 0.1) this.#pick(this.tabs.filter(({ tab }) => tab.isFrozen))?.tab.thawSlowly();
    else if (chance < 0.4 && tab) this.deliveries.push({ tab, delivery: tab.send(this.deliveries.length) });
    else if (chance < 0.6) room.say('kitchen', ++this.#said);
    else room.sent[Math.floor(random.unit() * room.sent.length)]?.delivery.succeed();
  }

  #leave(tab: SharedTab | undefined): void {
    if (!tab) return;
    tab.outcome = new Error('left');
    tab.leave();
  }

  #pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.world.random.unit() * items.length)];
  }
}

describe.each(bothWays)('whatever becomes of the tabs that share by $ways', ({ isSecureContext }) => {
  it('no message is sent twice, none is handed over twice, and each is settled in the end', async () => {
    let delivered = 0;
    for (const seed of SEEDS) {
      const repeat = `INNMESH_SEEDS=${seed}`;
      const chaos = new Chaos(seed, isSecureContext);
      await chaos.run();
      await chaos.end();
      const sent = chaos.world.numbersSent();
      expect(
        sent.filter((number, index) => sent.indexOf(number) !== index),
        `${repeat}: sent twice`,
      ).toEqual([]);
      for (const { numbers } of chaos.tabs) {
        expect(new Set(numbers).size, `${repeat}: handed over twice`).toBe(numbers.length);
      }
      const statuses = chaos.deliveries.flatMap(({ tab, delivery }) => (tab.tab.isAlive ? [delivery.status] : []));
      expect(statuses, `${repeat}: never settled`).not.toContain('pending');
      delivered += chaos.deliveries.filter(({ delivery }) => delivery.status === 'delivered').length;
    }
    expect(delivered).toBeGreaterThan(10 * SEEDS.length);
  });
});
