import type { P2PConnection, P2PConnectionConfig, Role } from '@innmesh/webrtc';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BrowserLab, crash, startBrowserLab } from '../support/browser.ts';
import { until } from '../support/devices.ts';

/** What the tests keep in a page, and what a page tells the test, which outlives it. */
interface DevicePage {
  innmesh: typeof import('@innmesh/webrtc');
  device: P2PConnection;
  handedOver(number: number, id: string): Promise<void>;
  stored(number: number): Promise<void>;
}

/** A device whose pages come and go; its numbers and ids are noted outside of them. */
class BrowserDevice {
  readonly handed: { number: number; id: string }[] = [];
  readonly stored: number[] = [];
  readonly #context: BrowserContext;
  readonly #config: P2PConnectionConfig;
  #page: Page | null = null;

  constructor(context: BrowserContext, config: P2PConnectionConfig) {
    this.#context = context;
    this.#config = config;
  }

  get page(): Page {
    if (!this.#page) throw new Error('The device has no page.');
    return this.#page;
  }

  async open(): Promise<void> {
    const page = await lab.openPage({ context: this.#context });
    this.#page = page;
    await page.exposeFunction('handedOver', (number: number, id: string) => void this.handed.push({ number, id }));
    await page.exposeFunction('stored', (number: number) => void this.stored.push(number));
    await page.evaluate(async (config) => {
      const here = window as unknown as DevicePage;
      here.device = new here.innmesh.P2PConnection(config);
      here.device.on('message', (message, _, { id }) => {
        if (message.type === 'x-number') here.handedOver(message.data as number, id);
      });
      await here.device.connect();
    }, this.#config);
  }

  /** Sends to all; resolves when it is on the disk. */
  write(number: number): Promise<void> {
    return this.page.evaluate(async (data) => {
      const here = window as unknown as DevicePage;
      await here.device.send({ type: 'x-number', data }).stored;
      await here.stored(data);
    }, number);
  }

  /** One each 5 ms, for as long as the page lives; nobody waits for it. */
  writeOnAndOn(from: number, upTo: number): void {
    const writing = this.page.evaluate(
      async ([first, last]) => {
        const here = window as unknown as DevicePage;
        for (let data = first as number; data <= (last as number); data++) {
          here.device.send({ type: 'x-number', data }).stored.then(() => here.stored(data));
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      },
      [from, upTo],
    );
    writing.catch(() => {});
  }

  /** Its renderer is killed. */
  async crash(): Promise<void> {
    await crash(this.page);
    await this.close();
  }

  async close(): Promise<void> {
    await this.page.close();
    this.#page = null;
  }

  pending(): Promise<number> {
    return this.page.evaluate(() => (window as unknown as DevicePage).device.pending().length);
  }

  linked(count: number): Promise<unknown> {
    return this.page.waitForFunction(
      (wanted) =>
        (window as unknown as DevicePage).device.getPeers().filter(({ status }) => status === 'connected').length >=
        wanted,
      count,
    );
  }

  /** What the browser tells a page that it is about to stop, or that goes on. */
  tell(event: 'freeze' | 'resume'): Promise<boolean> {
    return this.page.evaluate((name) => document.dispatchEvent(new Event(name)), event);
  }

  peers(): Promise<number> {
    return this.page.evaluate(() => (window as unknown as DevicePage).device.getPeers().length);
  }

  has(numbers: readonly number[]): boolean {
    const known = new Set(this.handed.map(({ number }) => number));
    return numbers.every((number) => known.has(number));
  }

  /** Each id once, in the order in which they were handed over first. */
  get distinct(): number[] {
    const byId = new Map(this.handed.map(({ id, number }) => [id, number]));
    return [...byId.values()];
  }
}

let lab: BrowserLab;
const contexts: BrowserContext[] = [];
let rooms = 0;

beforeAll(async () => {
  lab = await startBrowserLab();
});

afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
  await until(() => lab.server.stats().devices === 0, 'everyone to leave');
});

afterAll(() => lab.close());

async function property(...types: Role[]): Promise<BrowserDevice[]> {
  rooms += 1;
  const devices = types.map(async (type, index) => {
    const context = await lab.browser.newContext();
    contexts.push(context);
    return new BrowserDevice(context, {
      signalingServers: [`ws://127.0.0.1:${lab.server.port}`],
      tenantId: `hotel-${rooms}`,
      deviceInfo: { type, name: `${type} ${index}`, capabilities: [] },
      iceServers: [],
      reconnectInterval: 200,
    });
  });
  return Promise.all(devices);
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('a message that was stored', () => {
  it('outlives a reload of its writer, and reaches a device that comes later', async () => {
    const [writer, reader] = (await property('staff', 'kitchen-display')) as [BrowserDevice, BrowserDevice];
    await writer.open();
    for (const number of upTo(5)) await writer.write(number);
    await writer.close();
    await writer.open();
    expect(await writer.pending()).toBe(5);
    await reader.open();
    await until(() => reader.has(upTo(5)), 'what was written before the reload');
    expect(reader.handed.map(({ number }) => number)).toEqual(upTo(5));
    await until(async () => (await writer.pending()) === 0, 'the writer to hear of it');
  });

  it('outlives a crash of its writer amid others, and reaches its reader once and in order', async () => {
    const [writer, reader] = (await property('staff', 'staff')) as [BrowserDevice, BrowserDevice];
    await Promise.all([writer.open(), reader.open()]);
    await writer.linked(1);
    writer.writeOnAndOn(1, 2_000);
    await until(() => writer.stored.length >= 100, 'a hundred to be stored');
    await writer.crash();
    await writer.open();
    await writer.linked(1);
    await writer.write(5_000);
    await until(() => reader.has([...writer.stored, 5_000]), 'all that was stored');
    const numbers = reader.handed.map(({ number }) => number);
    expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other));
  });

  it('is handed over once and in order around a crash of its reader, but for what that could not note', async () => {
    const [writer, reader] = (await property('staff', 'staff')) as [BrowserDevice, BrowserDevice];
    await Promise.all([writer.open(), reader.open()]);
    await writer.linked(1);
    writer.writeOnAndOn(1, 400);
    await until(() => reader.handed.length >= 100, 'a hundred to be handed over');
    await reader.crash();
    const before = reader.handed.length;
    await reader.open();
    await until(() => writer.stored.length === 400 && reader.has(upTo(400)), 'the rest');
    expect(reader.distinct).toEqual(upTo(400));
    // By their ids: as many as were handed over while one commit ran.
    const repeated = reader.handed
      .slice(before)
      .filter(({ id }) => reader.handed.slice(0, before).some((each) => each.id === id));
    expect(repeated.length).toBeLessThan(30);
  });

  it('reaches a reader whose browser was closed meanwhile', async () => {
    const [writer, reader] = (await property('staff', 'staff')) as [BrowserDevice, BrowserDevice];
    await Promise.all([writer.open(), reader.open()]);
    await writer.linked(1);
    await writer.write(1);
    await until(() => reader.has([1]), 'the first');
    await reader.close();
    for (const number of [2, 3, 4]) await writer.write(number);
    await reader.open();
    await until(() => reader.has([2, 3, 4]), 'the others');
    // The first may come again, under the same id: the page was closed within the moment in which that is noted.
    expect(reader.distinct).toEqual([1, 2, 3, 4]);
    expect(reader.handed.length).toBeLessThanOrEqual(5);
  });

  it('reaches a device that was never there when it was written and whose writer is gone when it comes', async () => {
    const [writer, between, late] = (await property('pos', 'staff', 'kitchen-display')) as [
      BrowserDevice,
      BrowserDevice,
      BrowserDevice,
    ];
    await Promise.all([writer.open(), between.open()]);
    await writer.linked(1);
    for (const number of upTo(20)) await writer.write(number);
    await until(() => between.has(upTo(20)), 'the one in between');
    await until(async () => (await writer.pending()) === 0, 'the writer to hear of it');
    await writer.close();
    await late.open();
    await until(() => late.has(upTo(20)), 'all of it, from the one in between');
    expect(late.handed.map(({ number }) => number)).toEqual(upTo(20));
  });
});

describe('a page that the browser stops', () => {
  it('is shown by nobody, and gets what was written meanwhile when it goes on', async () => {
    const [writer, reader] = (await property('staff', 'kitchen-display')) as [BrowserDevice, BrowserDevice];
    await Promise.all([writer.open(), reader.open()]);
    await writer.linked(1);
    await reader.tell('freeze');
    await until(async () => (await writer.peers()) === 0, 'the writer to see it go');
    for (const number of upTo(3)) await writer.write(number);
    expect([reader.handed, lab.server.stats().devices]).toEqual([[], 1]);
    await reader.tell('resume');
    await until(() => reader.has(upTo(3)), 'what was written meanwhile');
    await writer.linked(1);
    expect(reader.handed.map(({ number }) => number)).toEqual(upTo(3));
  });
});
