import type { NetworkTopology, OrderMessage, P2PConnection, P2PConnectionConfig, PeerInfo } from '@innmesh/webrtc';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BrowserLab, startBrowserLab } from '../support/browser.ts';
import { createDevice, nextEvent, until } from '../support/devices.ts';

/** What the tests keep in a page. */
interface DevicePage {
  innmesh: typeof import('@innmesh/webrtc');
  device: P2PConnection;
  orders: OrderMessage[];
  numbers: unknown[];
  topologies: NetworkTopology[];
  errors: string[];
}

let lab: BrowserLab;
const pages: Page[] = [];
const devices: P2PConnection[] = [];

beforeAll(async () => {
  lab = await startBrowserLab();
});

afterEach(async () => {
  for (const device of devices.splice(0)) device.disconnect();
  await Promise.all(pages.splice(0).map((page) => page.context().close()));
  await until(() => lab.server.stats().devices === 0, 'everyone to leave');
});

afterAll(() => lab.close());

const inHotel = (type: P2PConnectionConfig['deviceInfo']['type'], name: string): P2PConnectionConfig => ({
  signalingServers: [lab.server.url],
  tenantId: 'hotel-abc-123',
  deviceInfo: { type, name, capabilities: [] },
  iceServers: [],
});

/** A page with a connected device that remembers what happens to it. */
async function openDevice(config: P2PConnectionConfig): Promise<Page> {
  const page = await lab.openPage();
  pages.push(page);
  await page.evaluate(async (options) => {
    const here = window as unknown as DevicePage;
    const device = new here.innmesh.P2PConnection(options);
    Object.assign(here, { device, orders: [], numbers: [], topologies: [], errors: [] });
    device.on('order', (message) => here.orders.push(message));
    device.on('message', (message) => {
      if (message.type === 'x-number') here.numbers.push(message.data);
    });
    device.on('topology-detected', (topology) => here.topologies.push(topology));
    device.on('error', (error) => here.errors.push(error.message));
    await device.connect();
  }, config);
  return page;
}

const peersOf = (page: Page): Promise<PeerInfo[]> =>
  page.evaluate(() => (window as unknown as DevicePage).device.getPeers());

/** The number of open links, once it is `count`. */
const linked = (page: Page, count: number) =>
  page.waitForFunction(
    (wanted) =>
      (window as unknown as DevicePage).device.getPeers().filter(({ status }) => status === 'connected').length ===
      wanted,
    count,
  );

const order = {
  type: 'order' as const,
  order: {
    orderId: 'order-123',
    tableId: 5,
    items: [{ itemId: 'burger', name: 'Cheeseburger', quantity: 1, notes: 'No onions' }],
    total: 15,
    status: 'pending' as const,
  },
};

/** Sends the order; resolves once another device's application has it. */
const sendOrder = (page: Page) =>
  page.evaluate((message) => (window as unknown as DevicePage).device.send(message).delivered, order);

describe('an order between two browsers', () => {
  it('arrives, and its status comes back', async () => {
    const kitchen = await openDevice(inHotel('kitchen-display', 'Main Kitchen'));
    const guest = await openDevice(inHotel('guest', 'Table 5'));
    await kitchen.evaluate(() => {
      const { device } = window as unknown as DevicePage;
      device.on('order', ({ order }, from) => {
        device.send({ type: 'order', order: { ...order, status: 'confirmed' } }, from);
      });
    });
    await sendOrder(guest);
    await guest.waitForFunction(() => (window as unknown as DevicePage).orders.length === 1);
    const [atKitchen] = await kitchen.evaluate(() => (window as unknown as DevicePage).orders);
    const [atGuest] = await guest.evaluate(() => (window as unknown as DevicePage).orders);
    expect(atKitchen?.order).toMatchObject({ status: 'pending', total: { amountMinor: 1500, currency: 'USD' } });
    expect(atGuest?.order).toMatchObject({ orderId: 'order-123', status: 'confirmed' });
  });

  it('goes directly from one to the other, at no cost, and both know it', async () => {
    const kitchen = await openDevice(inHotel('kitchen-display', 'Main Kitchen'));
    const guest = await openDevice(inHotel('guest', 'Table 5'));
    for (const page of [kitchen, guest]) {
      await page.waitForFunction(() => (window as unknown as DevicePage).topologies.length > 0);
      const [topology] = await page.evaluate(() => (window as unknown as DevicePage).topologies);
      expect(topology).toMatchObject({ topology: 'local-p2p', path: 'host', estimatedCost: 0, reason: '' });
      expect(topology?.latency).toBeGreaterThan(0);
    }
  });

  it('keeps its order and loses nothing among 5,000 small and 20 large messages', async () => {
    const kitchen = await openDevice(inHotel('kitchen-display', 'Main Kitchen'));
    const guest = await openDevice(inHotel('pos', 'Till 5'));
    await linked(guest, 1);
    await guest.evaluate(async () => {
      const { device } = window as unknown as DevicePage;
      const sent = [];
      for (let number = 0; number < 5_000; number += 1) {
        sent.push(device.send({ type: 'x-number', data: number }).delivered);
        if (number % 250 === 0) sent.push(device.send({ type: 'x-photo', data: new Uint8Array(500_000) }).delivered);
      }
      await Promise.all(sent);
    });
    const numbers = await kitchen.evaluate(() => (window as unknown as DevicePage).numbers);
    expect(numbers).toEqual(Array.from({ length: 5_000 }, (_, number) => number));
  });

  it('is not shown to a kitchen of another hotel', async () => {
    const other = await openDevice({ ...inHotel('kitchen-display', 'Other Kitchen'), tenantId: 'hotel-xyz-789' });
    const kitchen = await openDevice(inHotel('kitchen-display', 'Main Kitchen'));
    const guest = await openDevice(inHotel('guest', 'Table 5'));
    await sendOrder(guest);
    expect(await kitchen.evaluate(() => (window as unknown as DevicePage).orders.length)).toBe(1);
    expect(await other.evaluate(() => (window as unknown as DevicePage).orders.length)).toBe(0);
    expect(await peersOf(other)).toEqual([]);
  });

  it('survives that the page of the kitchen is closed and another opened', async () => {
    const first = await openDevice(inHotel('kitchen-display', 'Main Kitchen'));
    const guest = await openDevice(inHotel('guest', 'Table 5'));
    await linked(guest, 1);
    await first.close();
    await linked(guest, 0);
    await guest.waitForFunction(() => (window as unknown as DevicePage).device.getPeers().length === 0);
    const delivered = sendOrder(guest);
    const second = await openDevice(inHotel('kitchen-display', 'Main Kitchen'));
    await delivered;
    expect(await second.evaluate(() => (window as unknown as DevicePage).orders.length)).toBe(1);
  });
});

describe('Node and a browser', () => {
  it('exchange an order and its status', async () => {
    const printHost = createDevice(lab.server.url, {
      deviceInfo: { type: 'kitchen-display', name: 'Mini PC', capabilities: [] },
    });
    devices.push(printHost);
    printHost.on('order', ({ order }, from) => {
      printHost.send({ type: 'order', order: { ...order, status: 'ready' } }, from);
    });
    await printHost.connect();
    const guest = await openDevice(inHotel('guest', 'Table 5'));
    await sendOrder(guest);
    await guest.waitForFunction(() => (window as unknown as DevicePage).orders[0]?.order.status === 'ready');
    const [topology] = await Promise.all([printHost.getNetworkTopology(printHost.getPeers()[0]?.peerId ?? '')]);
    expect(topology).toMatchObject({ topology: 'local-p2p', path: 'host', estimatedCost: 0 });
  });

  it('link as well when Node is the newcomer, and bytes arrive as bytes', async () => {
    const guest = await openDevice(inHotel('pos', 'Till 5'));
    await guest.evaluate(() => {
      const { device } = window as unknown as DevicePage;
      device.on('message', (message, from) => {
        if (message.type === 'x-bytes') device.send({ type: 'x-bytes', data: message.data }, from);
      });
    });
    const printHost = createDevice(lab.server.url);
    devices.push(printHost);
    const linkedUp = nextEvent(printHost, 'connected');
    await printHost.connect();
    await linkedUp;
    const data = Uint8Array.from({ length: 300_000 }, (_, index) => index % 256);
    const echoed = nextEvent(printHost, 'message');
    printHost.send({ type: 'x-bytes', data });
    expect((await echoed)[0]).toEqual({ type: 'x-bytes', data });
  });
});

/** As many as there are before each chooses whom to link to. */
describe('nine devices in nine browsers', () => {
  it('link all to all, leave, and return', async () => {
    const names = Array.from({ length: 9 }, (_, index) => `Tablet ${index}`);
    const tablets = await Promise.all(names.map((name) => openDevice(inHotel('staff', name))));
    await Promise.all(tablets.map((tablet) => linked(tablet, 8)));
    const leaving = tablets.slice(0, 3);
    const staying = tablets.slice(3);
    for (const tablet of leaving) await tablet.evaluate(() => (window as unknown as DevicePage).device.disconnect());
    await Promise.all(staying.map((tablet) => linked(tablet, 5)));
    for (const tablet of leaving) await tablet.evaluate(() => (window as unknown as DevicePage).device.connect());
    await Promise.all(tablets.map((tablet) => linked(tablet, 8)));
    const peers = await Promise.all(tablets.map(async (tablet) => (await peersOf(tablet)).length));
    expect(peers).toEqual(Array(9).fill(8));
    const errors = await Promise.all(
      tablets.map((tablet) => tablet.evaluate(() => (window as unknown as DevicePage).errors)),
    );
    expect(errors.flat()).toEqual([]);
  });
});
