import type { NetworkTopology, P2PConnection, P2PConnectionConfig, TurnError } from '@innmesh/webrtc';
import { createSignalingServer, type SignalingServer } from '@innmesh/webrtc/signaling-server';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type BrowserLab, startBrowserLab } from '../support/browser.ts';
import { COTURN_SECRET, type Coturn, findCoturn, startCoturn } from '../support/coturn.ts';
import { createDevice, nextEvent, until } from '../support/devices.ts';

/** What the tests keep in a page. */
interface DevicePage {
  innmesh: typeof import('@innmesh/webrtc');
  device: P2PConnection;
  errors: { code: string; url?: string; errorCode?: number }[];
  received: number;
}

const USD_PER_GIGABYTE = 0.4;
const HOUR_MS = 3_600_000;

const turnserver = await findCoturn();

describe.skipIf(!turnserver)('a link over a real relay', () => {
  let coturn: Coturn;
  let lab: BrowserLab;
  let server: SignalingServer;
  const pages: Page[] = [];
  const devices: P2PConnection[] = [];

  beforeAll(async () => {
    coturn = await startCoturn(turnserver ?? '');
    lab = await startBrowserLab();
  });

  afterEach(async () => {
    vi.useRealTimers();
    for (const device of devices.splice(0)) device.disconnect();
    await Promise.all(pages.splice(0).map((page) => page.context().close()));
    await server.close();
  });

  afterAll(async () => {
    await lab.close();
    await coturn.stop();
  });

  async function startServer(secret = COTURN_SECRET): Promise<void> {
    server = await createSignalingServer({
      port: 0,
      host: '127.0.0.1',
      heartbeatMs: 250,
      // The way through the server would do as well.
      relayFrames: false,
      turn: { urls: [coturn.url], secret, lifetimeSeconds: 600 },
    });
  }

  const config = (name: string): P2PConnectionConfig => ({
    signalingServers: [server.url],
    tenantId: 'hotel-abc-123',
    deviceInfo: { type: 'staff', name, capabilities: [] },
    iceServers: [],
    prices: { relayUsdPerGigabyte: USD_PER_GIGABYTE },
  });

  /** A connected device in a page that is on no network but the relay's. */
  async function openDevice(name: string, iceTransportPolicy: RTCIceTransportPolicy = 'relay'): Promise<Page> {
    const page = await lab.openPage();
    pages.push(page);
    await page.evaluate(
      async ([options, policy]) => {
        const here = window as unknown as DevicePage;
        const device = new here.innmesh.P2PConnection(options, {
          createPeerConnection: (given) => new RTCPeerConnection({ ...given, iceTransportPolicy: policy }),
        });
        Object.assign(here, { device, errors: [], received: 0 });
        device.on('error', (error) => here.errors.push({ ...(error as TurnError), code: (error as TurnError).code }));
        device.on('message', () => {
          here.received += 1;
        });
        await device.connect();
      },
      [config(name), iceTransportPolicy] as const,
    );
    return page;
  }

  const linked = (page: Page) =>
    page.waitForFunction(() =>
      (window as unknown as DevicePage).device.getPeers().some(({ status }) => status === 'connected'),
    );

  const topologyIn = (page: Page): Promise<NetworkTopology | null> =>
    page.evaluate(() => {
      const { device } = window as unknown as DevicePage;
      return device.getNetworkTopology(device.getPeers()[0]?.peerId ?? '');
    });

  const peerIdIn = (page: Page) => page.evaluate(() => (window as unknown as DevicePage).device.peerId);
  const errorsIn = (page: Page) => page.evaluate(() => (window as unknown as DevicePage).errors);

  /** To the only peer, which has it when this resolves. */
  const sendBytes = (page: Page, bytes: number) =>
    page.evaluate(async (length) => {
      const { device } = window as unknown as DevicePage;
      const data = crypto.getRandomValues(new Uint8Array(length % 65_536 || 65_536));
      const filled = new Uint8Array(length).map((_, index) => data[index % data.length] ?? 0);
      await device.send({ type: 'x-bytes', data: filled }, device.getPeers()[0]?.peerId).delivered;
    }, bytes);

  it('is told of as such, in both pages, and costs by the bytes that crossed it [J15]', async () => {
    await startServer();
    const [desk, bar] = [await openDevice('desk'), await openDevice('bar')];
    await Promise.all([linked(desk), linked(bar)]);
    const costs = [await topologyIn(desk)];
    for (let count = 0; count < 2; count += 1) {
      await sendBytes(desk, 1_000_000);
      costs.push(await topologyIn(desk));
    }
    for (const topology of [...costs, await topologyIn(bar)]) {
      expect(topology).toMatchObject({ topology: 'cloud-relay', path: 'turn' });
      const { estimatedCost, bytesSent, bytesReceived, latency } = topology as NetworkTopology;
      expect(estimatedCost).toBeCloseTo(((bytesSent + bytesReceived) / 1e9) * USD_PER_GIGABYTE, 6);
      expect(estimatedCost).toBeGreaterThan(0);
      expect(latency).toBeGreaterThan(0);
    }
    const [before, one, two] = costs.map((topology) => topology?.estimatedCost ?? 0) as [number, number, number];
    const aMegabyte = USD_PER_GIGABYTE / 1_000;
    for (const cost of [one - before, two - one]) expect(cost).toBeGreaterThan(aMegabyte);
    expect([await errorsIn(desk), await errorsIn(bar)]).toEqual([[], []]);

    const { estimatedCost } = (await topologyIn(desk)) as NetworkTopology;
    const peerId = await peerIdIn(desk);
    await Promise.all(
      [desk, bar].map((page) => page.evaluate(() => (window as unknown as DevicePage).device.disconnect())),
    );
    await until(() => coturn.bytesOf(peerId) !== null, 'coturn to say what crossed it');
    const crossed = coturn.bytesOf(peerId) ?? 0;
    const counted = (estimatedCost / USD_PER_GIGABYTE) * 1e9;
    // Packets get a header of 4 bytes for the relay, and some do not reach it.
    expect(crossed).toBeGreaterThan(2_000_000);
    expect(crossed).toBeLessThan(1.1 * counted);
    expect(crossed).toBeGreaterThan(0.5 * counted);
  });

  it('is one for a device in Node, too, whose peer is behind it', async () => {
    await startServer();
    const hub = createDevice(server.url, { ...config('hub') });
    devices.push(hub);
    await hub.connect();
    const page = await openDevice('bar');
    await linked(page);
    const peerId = await peerIdIn(page);
    await sendBytes(page, 300_000);
    const topology = (await hub.getNetworkTopology(peerId)) as NetworkTopology;
    expect(topology).toMatchObject({ topology: 'cloud-relay', path: 'turn' });
    expect(topology.bytesReceived).toBeGreaterThan(300_000);
    expect(topology.estimatedCost).toBeGreaterThan((300_000 / 1e9) * USD_PER_GIGABYTE);
    await until(() => coturn.hasLetIn(hub.peerId), 'coturn to let the hub in, too');
  });

  it('does not come about with a wrong secret: the device is told, and a direct way is found in spite of it', async () => {
    await startServer('another secret than coturn has');
    const desk = await openDevice('desk');
    await openDevice('bar');
    await until(async () => (await errorsIn(desk)).some(({ code }) => code === 'TURN_FAILED'), 'the event');
    expect(await errorsIn(desk)).toContainEqual(expect.objectContaining({ code: 'TURN_FAILED', errorCode: 401 }));
    for (const page of pages.splice(0)) await page.context().close();

    const hubs = [createDevice(server.url, config('hub')), createDevice(server.url, config('other hub'))] as const;
    devices.push(...hubs);
    // The other one offers its link before it has been lent the relay.
    const told = nextEvent(hubs[0], 'error');
    const connected = hubs.map((hub) => nextEvent(hub, 'connected'));
    for (const hub of hubs) await hub.connect();
    expect((await told)[0]).toMatchObject({ code: 'TURN_FAILED' });
    await Promise.all(connected);
    const topology = await hubs[0].getNetworkTopology(hubs[1].peerId);
    expect(topology).toMatchObject({ topology: 'local-p2p', path: 'host', estimatedCost: 0 });
  });

  it('comes about when what has expired was renewed, and not before [J15]', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() - 2 * HOUR_MS);
    await startServer();
    const [desk, bar] = [await openDevice('desk'), await openDevice('bar')];
    await until(async () => (await errorsIn(bar)).some(({ errorCode }) => errorCode === 401), 'coturn to refuse it');
    expect((await topologyIn(desk))?.topology).toBe('unknown');
    vi.useRealTimers();
    await Promise.all([linked(desk), linked(bar)]);
    expect(await topologyIn(bar)).toMatchObject({ topology: 'cloud-relay', path: 'turn' });
  });
});
