import type { P2PConnection } from '@innmesh/webrtc';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type BrowserLab, startBrowserLab } from '../support/browser.ts';
import { createDevice, nextEvent, until } from '../support/devices.ts';
import { type Program, runProgram } from '../support/program.ts';
import { Screens } from '../support/screens.ts';

/** Nobody shows for longer a device whose page people have left. */
const GHOST_MS = 5_000;

const orderOf = (orderId: string) => ({
  type: 'order' as const,
  order: {
    orderId,
    tableId: 5,
    items: [{ itemId: 'burger', name: 'Cheeseburger', quantity: 1 }],
    total: { amountMinor: 1_500, currency: 'USD' },
    status: 'pending' as const,
  },
});

async function goBack(page: Page, path: string): Promise<void> {
  // Playwright's own ways wait for a page to load, and one that was kept does not.
  await page.evaluate(() => history.back()).catch(() => {});
  await until(() => new URL(page.url()).pathname === path, `${path} to be there`);
}

describe.each([
  { what: 'is kept by the browser', backForwardCache: true },
  { what: 'loads anew', backForwardCache: false },
])('the kitchen’s page, which $what, when people go to another page and back', ({ backForwardCache }) => {
  let program: Program;
  let screens: Screens;
  let address: string;

  beforeAll(async () => {
    program = runProgram('apps/signaling/main.ts', { PORT: '0' });
    address = (await program.printed(/http:\/\/localhost:\d+/))[0];
    screens = await Screens.launch(() => true, { backForwardCache });
  });

  afterAll(async () => {
    await screens.clear();
    await screens.close();
    program.signal('SIGTERM');
    await program.exited;
  });

  it('is shown by nobody meanwhile, and has everything as the same one device when it is back', async () => {
    const till = createDevice(address.replace('http', 'ws'), {
      tenantId: 'back',
      deviceInfo: { type: 'pos', name: 'Till', capabilities: [] },
    });
    onTestFinished(() => till.disconnect());
    await till.connect();
    const linked = nextEvent(till, 'connected');
    const kitchen = await screens.open(`${address}/kitchen/?tenant=back`, 'tablet');
    await kitchen.evaluate(() => {
      addEventListener('pageshow', ({ persisted }) => Object.assign(window, { wasKept: persisted }));
    });
    const [{ peerId }] = await linked;
    const tickets = kitchen.getByTestId('ticket');
    await till.send(orderOf('before')).delivered;
    await tickets.waitFor();

    await kitchen.goto(`${address}/`);
    await until(() => till.getPeers().length === 0, 'the till to see it go', GHOST_MS);
    const delivered = ['meanwhile-1', 'meanwhile-2'].map((id) => till.send(orderOf(id), peerId).delivered);
    const linkedAgain = nextEvent(till, 'connected');
    await goBack(kitchen, '/kitchen/');
    await Promise.all(delivered);
    await tickets.nth(2).waitFor();
    expect(await tickets.count()).toBe(3);
    expect((await linkedAgain)[0].peerId).toBe(peerId);
    expect(till.getPeers()).toMatchObject([{ peerId, status: 'connected' }]);
    expect(await kitchen.evaluate(() => 'wasKept' in window && window.wasKept)).toBe(backForwardCache);
  });
});

/** What the tests keep in a page. */
interface TabPage {
  innmesh: typeof import('@innmesh/webrtc');
  device: P2PConnection;
  numbers: unknown[];
}

describe('two tabs of a device', () => {
  let lab: BrowserLab;

  beforeAll(async () => {
    lab = await startBrowserLab({}, undefined, { backForwardCache: true });
  });

  afterAll(() => lab.close());

  async function connect(page: Page): Promise<void> {
    await page.waitForFunction(() => 'innmesh' in window);
    await page.evaluate(async (url) => {
      const here = window as unknown as TabPage;
      here.device = new here.innmesh.P2PConnection({
        signalingServers: [url],
        tenantId: 'hotel-abc-123',
        deviceInfo: { type: 'staff', name: 'Front Desk', capabilities: [] },
        iceServers: [],
      });
      here.numbers = [];
      here.device.on('message', (message) => {
        if (message.type === 'x-number') here.numbers.push(message.data);
      });
      await here.device.connect();
    }, lab.server.url);
  }

  async function openTab(context: BrowserContext): Promise<Page> {
    const page = await lab.openPage({ context });
    await connect(page);
    return page;
  }

  /** Another tab works through this one. */
  const isHeard = (tab: Page, other: Page) =>
    until(async () => {
      const numbers = await other.evaluate(() => (window as unknown as TabPage).numbers);
      return numbers.length > 0 && (await tab.evaluate(() => (window as unknown as TabPage).numbers)).length > 0;
    }, 'a message in both tabs');

  it('go on in the other one at once when people leave the page of the one that leads, and are one when they come back', async () => {
    const kitchen = createDevice(lab.server.url, { deviceInfo: { type: 'staff', name: 'Kitchen', capabilities: [] } });
    onTestFinished(() => kitchen.disconnect());
    await kitchen.connect();
    const context = await lab.browser.newContext();
    onTestFinished(() => context.close());
    const linked = nextEvent(kitchen, 'connected');
    const first = await openTab(context);
    const [{ peerId }] = await linked;
    const second = await openTab(context);
    kitchen.send({ type: 'x-number', data: 1 });
    await isHeard(first, second);

    const linkedAnew = nextEvent(kitchen, 'connected', () => true, GHOST_MS);
    await first.goto(`${lab.server.url.replace('ws', 'http')}/elsewhere`);
    expect((await linkedAnew)[0].peerId).toBe(peerId);
    await kitchen.send({ type: 'x-number', data: 2 }, peerId).delivered;
    expect(await second.evaluate(() => (window as unknown as TabPage).numbers)).toEqual([1, 2]);

    await goBack(first, '/');
    // It loads anew, as it has missed what the other one was told.
    await connect(first);
    await kitchen.send({ type: 'x-number', data: 3 }, peerId).delivered;
    await first.waitForFunction(() => (window as unknown as TabPage).numbers.includes(3));
    expect(await second.evaluate(() => (window as unknown as TabPage).numbers)).toEqual([1, 2, 3]);
    expect([kitchen.getPeers().length, lab.server.stats().devices]).toEqual([1, 2]);
  });
});
