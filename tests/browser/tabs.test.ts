import type { P2PConnection, P2PConnectionConfig } from '@innmesh/webrtc';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BrowserLab, startBrowserLab } from '../support/browser.ts';
import { until } from '../support/devices.ts';
import { networkAddress } from '../support/network-address.ts';

/** What the tests keep in a page. */
interface TabPage {
  innmesh: typeof import('@innmesh/webrtc');
  device: P2PConnection;
  told: string[];
  numbers: unknown[];
}

let lab: BrowserLab;
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  lab = await startBrowserLab({ host: '0.0.0.0' });
});

afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
  await until(() => lab.server.stats().devices === 0, 'everyone to leave');
});

afterAll(() => lab.close());

async function newContext(): Promise<BrowserContext> {
  const context = await lab.browser.newContext();
  contexts.push(context);
  return context;
}

async function openTab(context: BrowserContext, host: string, name: string): Promise<Page> {
  const page = await lab.openPage({ context, host });
  const config: P2PConnectionConfig = {
    signalingServers: [`ws://${host}:${lab.server.port}`],
    tenantId: 'hotel-abc-123',
    deviceInfo: { type: 'staff', name, capabilities: [] },
    iceServers: [],
    reconnectInterval: 200,
  };
  await page.evaluate(async (options) => {
    const here = window as unknown as TabPage;
    const device = new here.innmesh.P2PConnection(options);
    Object.assign(here, { device, told: [], numbers: [] });
    device.on('peers-discovered', () => here.told.push('discovered'));
    device.on('connected', () => here.told.push('connected'));
    device.on('disconnected', () => here.told.push('disconnected'));
    device.on('reconnecting', () => here.told.push('reconnecting'));
    device.on('message', (message) => {
      if (message.type === 'x-number') here.numbers.push(message.data);
    });
    await device.connect();
  }, config);
  return page;
}

const peerIdOf = (page: Page) => page.evaluate(() => (window as unknown as TabPage).device.peerId);
const peersOf = (page: Page) => page.evaluate(() => (window as unknown as TabPage).device.getPeers());
const toldOf = (page: Page) => page.evaluate(() => (window as unknown as TabPage).told);

/** Sends to all; resolves once a device has it. */
const send = (page: Page, number: number) =>
  page.evaluate((data) => (window as unknown as TabPage).device.send({ type: 'x-number', data }).delivered, number);

const linked = (page: Page, count: number) =>
  page.waitForFunction(
    (wanted) =>
      (window as unknown as TabPage).device.getPeers().filter(({ status }) => status === 'connected').length === wanted,
    count,
  );

const numbers = (page: Page, wanted: number[]) =>
  page.waitForFunction(
    (list) => JSON.stringify((window as unknown as TabPage).numbers) === JSON.stringify(list),
    wanted,
  );

const places = [
  { place: 'a secure page, by Web Locks', isSecure: true, host: () => '127.0.0.1' },
  { place: 'a page on http in the local network, by a lease', isSecure: false, host: networkAddress },
];

describe.each(places)('two tabs of $place', ({ isSecure, host }) => {
  it('are one device to the others, and both send and receive', async () => {
    const [desk, elsewhere] = [await newContext(), await newContext()];
    const first = await openTab(desk, host(), 'Front Desk');
    expect(await first.evaluate(() => [isSecureContext, 'locks' in navigator])).toEqual([isSecure, isSecure]);
    const second = await openTab(desk, host(), 'Front Desk');
    const kitchen = await openTab(elsewhere, host(), 'Kitchen');
    for (const page of [first, second, kitchen]) await linked(page, 1);
    expect(lab.server.stats().devices).toBe(2);
    expect(await peersOf(kitchen)).toMatchObject([
      { peerId: await peerIdOf(first), deviceInfo: { name: 'Front Desk' } },
    ]);
    expect(await peerIdOf(second)).toBe(await peerIdOf(first));

    await send(first, 1);
    await send(second, 2);
    await numbers(kitchen, [1, 2]);
    await send(kitchen, 3);
    for (const page of [first, second]) await numbers(page, [3]);
    const bytes = await second.evaluate(async () => {
      const { device } = window as unknown as TabPage;
      return (await device.getNetworkTopology(device.getPeers()[0]?.peerId ?? ''))?.path;
    });
    expect(bytes).toBe('host');
  });

  it('keep the order of what each sends, and bytes stay bytes', async () => {
    const [desk, elsewhere] = [await newContext(), await newContext()];
    const tabs = [await openTab(desk, host(), 'Front Desk'), await openTab(desk, host(), 'Front Desk')];
    const kitchen = await openTab(elsewhere, host(), 'Kitchen');
    for (const page of [...tabs, kitchen]) await linked(page, 1);
    await kitchen.evaluate(() => {
      const { device } = window as unknown as TabPage;
      device.on('message', (message, from) => {
        if (message.type === 'x-bytes') device.send({ type: 'x-number', data: message.data }, from);
      });
    });
    const sendMany = (page: Page, base: number) =>
      page.evaluate(async (first) => {
        const { device } = window as unknown as TabPage;
        const numbered = Array.from({ length: 1_000 }, (_, index) =>
          device.send({ type: 'x-number', data: first + index }),
        );
        await Promise.all(numbered.map(({ delivered }) => delivered));
        await device.send({ type: 'x-bytes', data: new Uint8Array(300_000).fill(first / 10_000) }).delivered;
      }, base);
    await Promise.all([sendMany(tabs[0] as Page, 10_000), sendMany(tabs[1] as Page, 20_000)]);
    const got = await kitchen.evaluate(() => (window as unknown as TabPage).numbers as number[]);
    for (const base of [10_000, 20_000]) {
      const ofTab = got.filter((number) => number >= base && number < base + 1_000);
      expect(ofTab).toEqual(Array.from({ length: 1_000 }, (_, index) => base + index));
    }
    for (const page of tabs) {
      await page.waitForFunction(() => (window as unknown as TabPage).numbers.length === 2);
      const echoed = await page.evaluate(() =>
        (window as unknown as TabPage).numbers.map((bytes) => [
          (bytes as Uint8Array).constructor.name,
          (bytes as Uint8Array).length,
        ]),
      );
      expect(echoed).toEqual(Array(2).fill(['Uint8Array', 300_000]));
    }
  });

  it('go on when the one that leads is closed', async () => {
    const [desk, elsewhere] = [await newContext(), await newContext()];
    const first = await openTab(desk, host(), 'Front Desk');
    const second = await openTab(desk, host(), 'Front Desk');
    const third = await openTab(desk, host(), 'Front Desk');
    const kitchen = await openTab(elsewhere, host(), 'Kitchen');
    for (const page of [second, third, kitchen]) await linked(page, 1);
    const before = (await toldOf(second)).length;
    const startMs = performance.now();
    await first.close({ runBeforeUnload: false });
    for (const page of [second, third]) {
      await page.waitForFunction(
        (count) => (window as unknown as TabPage).told.slice(count).includes('connected'),
        before,
      );
    }
    console.log(
      `${isSecure ? 'Web Locks' : 'lease'}: taken over ${Math.round(performance.now() - startMs)} ms after the close`,
    );
    expect((await toldOf(second)).slice(before)).toEqual(['disconnected', 'reconnecting', 'discovered', 'connected']);
    expect(await peerIdOf(second)).toBe(await peerIdOf(third));
    await linked(kitchen, 1);
    await send(second, 1);
    await send(third, 2);
    await numbers(kitchen, [1, 2]);
    await send(kitchen, 3);
    for (const page of [second, third]) await numbers(page, [3]);
    expect(lab.server.stats().devices).toBe(2);
  });

  it('hand over at disconnect(), and the one that was left can come back', async () => {
    const [desk, elsewhere] = [await newContext(), await newContext()];
    const first = await openTab(desk, host(), 'Front Desk');
    const second = await openTab(desk, host(), 'Front Desk');
    const kitchen = await openTab(elsewhere, host(), 'Kitchen');
    for (const page of [second, kitchen]) await linked(page, 1);
    await first.evaluate(() => (window as unknown as TabPage).device.disconnect());
    await second.waitForFunction(
      () => (window as unknown as TabPage).told.filter((what) => what === 'connected').length === 2,
    );
    await first.evaluate(() => (window as unknown as TabPage).device.connect());
    await linked(first, 1);
    expect(await peerIdOf(first)).toBe(await peerIdOf(second));
    await send(first, 1);
    await numbers(kitchen, [1]);
    expect(lab.server.stats().devices).toBe(2);
  });

  it('go on when the one that leads crashes', async () => {
    const [desk, elsewhere] = [await newContext(), await newContext()];
    const first = await openTab(desk, host(), 'Front Desk');
    const second = await openTab(desk, host(), 'Front Desk');
    const kitchen = await openTab(elsewhere, host(), 'Kitchen');
    for (const page of [second, kitchen]) await linked(page, 1);
    const isGone = first.waitForEvent('crash');
    first.goto('chrome://crash').catch(() => {});
    await isGone;
    await second.waitForFunction(
      () => (window as unknown as TabPage).told.filter((what) => what === 'connected').length === 2,
    );
    await send(second, 1);
    await numbers(kitchen, [1]);
  });
});

describe('two objects of one page', () => {
  it('are two devices, also where they have the same name', async () => {
    const page = await openTab(await newContext(), '127.0.0.1', 'Front Desk');
    const peerIds = await page.evaluate(async (url) => {
      const { innmesh, device } = window as unknown as TabPage;
      const other = new innmesh.P2PConnection({
        signalingServers: [url],
        tenantId: 'hotel-abc-123',
        deviceInfo: { type: 'staff', name: 'Front Desk', capabilities: [] },
        iceServers: [],
      });
      await other.connect();
      return [device.peerId, other.peerId, other.getPeers()[0]?.peerId];
    }, lab.server.url);
    expect(peerIds[0]).toBe(peerIds[2]);
    expect(peerIds[0]).not.toBe(peerIds[1]);
    await linked(page, 1);
  });
});
