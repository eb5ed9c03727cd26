import { createHmac } from 'node:crypto';
import type { NetworkTopology, P2PConnection, P2PConnectionConfig } from '@innmesh/webrtc';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AnyBrowser, type AnyPage, type BrowserName, browserNames } from '../support/any-browser.ts';
import { type BrowserLab, startBrowserLab } from '../support/browser.ts';
import { COTURN_SECRET, type Coturn, findCoturn, startCoturn } from '../support/coturn.ts';
import { createDevice, until } from '../support/devices.ts';

type Statistics = typeof import('./statistics-page.ts');

/** What the tests keep in a page. */
interface DevicePage {
  innmesh: Statistics;
  device: P2PConnection;
}

const turnserver = await findCoturn();
const kinds = [...browserNames, 'Node'] as const;
const pairs = kinds.flatMap((one, index) => kinds.slice(index).map((other) => [one, other] as const));

let lab: BrowserLab;
let browsers: AnyBrowser;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  lab = await startBrowserLab({}, new URL('./statistics-page.ts', import.meta.url));
  browsers = new AnyBrowser(lab);
});

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
  await until(() => lab.server.stats().devices === 0, 'everyone to leave');
});

afterAll(async () => {
  await browsers.close();
  await lab.close();
});

async function openPage(browser: BrowserName): Promise<AnyPage> {
  const context = await browsers.openContext(browser);
  closing.push(() => context.close());
  return context.openPage();
}

/** A device of this kind; tells which way its link goes, when there is one. */
async function openDevice(kind: BrowserName | 'Node', name: string): Promise<() => Promise<NetworkTopology | null>> {
  const config: P2PConnectionConfig = {
    signalingServers: [lab.server.url],
    tenantId: 'hotel-abc-123',
    deviceInfo: { type: 'staff', name, capabilities: [] },
    iceServers: [],
  };
  if (kind === 'Node') {
    const device = createDevice(lab.server.url, config);
    closing.push(() => device.disconnect());
    await device.connect();
    return async () => device.getNetworkTopology(device.getPeers()[0]?.peerId ?? '');
  }
  const page = await openPage(kind);
  await page.evaluate(async (options) => {
    const here = window as unknown as DevicePage;
    here.device = new here.innmesh.P2PConnection(options);
    await here.device.connect();
  }, config);
  return () =>
    page.evaluate(() => {
      const { device } = window as unknown as DevicePage;
      return device.getNetworkTopology(device.getPeers()[0]?.peerId ?? '');
    }, null);
}

describe('the way between two devices on one network', () => {
  it.each(pairs)('is the direct one, as %s and %s tell of it', async (one, other) => {
    const ways = [await openDevice(one, 'desk'), await openDevice(other, 'bar')];
    for (const way of ways) {
      let topology: NetworkTopology | null = null;
      await until(async () => {
        topology = await way();
        // A second measurement, too.
        return topology?.jitter != null;
      }, 'a link');
      expect(topology).toMatchObject({ topology: 'local-p2p', path: 'host', estimatedCost: 0, reason: '' });
      expect(topology).toMatchObject({ latency: expect.any(Number), bytesSent: expect.any(Number) });
      expect((topology as unknown as NetworkTopology).bytesSent).toBeGreaterThan(0);
    }
  });
});

describe.skipIf(!turnserver)('what crosses a relay', () => {
  let coturn: Coturn;

  beforeAll(async () => {
    coturn = await startCoturn(turnserver ?? '');
  });

  afterAll(() => coturn.stop());

  function relay(): RTCIceServer {
    const username = `${Math.floor(Date.now() / 1000) + 600}:desk`;
    const credential = createHmac('sha1', COTURN_SECRET).update(username).digest('base64');
    return { urls: coturn.url, username, credential };
  }

  it.each(browserNames)('stays counted after an ICE restart, when the way is another, in %s', async (browser) => {
    const server = relay();
    const page = await openPage(browser);
    const { before, after, configured } = await page.evaluate(crossRelay, { server, restarts: true });
    expect(configured).toEqual([server.username, server.username]);
    expect(before).toMatchObject({ topology: 'cloud-relay', path: 'turn' });
    expect(before.counted).toBe(before.bytesSent + before.bytesReceived);
    expect(before.counted).toBeGreaterThan(60_000);
    expect(after).toMatchObject({ topology: 'local-p2p' });
    // Whatever crossed the relay until the restart was over, and none of what went directly.
    expect(after.counted).toBeGreaterThan(before.counted + 30_000);
    expect(after.counted).toBeLessThan(before.counted + 65_000);
  });

  it.each(browserNames)('is counted to the end, in %s', async (browser) => {
    const { before, after } = await (await openPage(browser)).evaluate(crossRelay, {
      server: relay(),
      restarts: false,
    });
    expect(after.counted).toBeGreaterThan(before.counted + 40_000);
  });
});

/** In a page: two transports over the relay, which then may be free to find the direct way. */
async function crossRelay({ server, restarts }: { server: RTCIceServer; restarts: boolean }) {
  const { WebRtcTransport, RelayMeter, readPath } = (window as unknown as DevicePage).innmesh;
  const connect = () => new RTCPeerConnection({ iceServers: [server], iceTransportPolicy: 'relay' });
  const [one, other] = [connect(), connect()];
  let iceServers = [server];
  const [near, far] = [new WebRtcTransport(one, iceServers), new WebRtcTransport(other, iceServers)];
  const meter = new RelayMeter();
  near.useRelays({ meter, iceServers: () => iceServers });
  far.useRelays({ meter: new RelayMeter(), iceServers: () => iceServers });
  const opened = Promise.withResolvers<void>();
  let arrived = 0;
  let configured: string[] = [];
  const received = (_: number, records: Uint8Array[]) => {
    for (const { length } of records) arrived += length;
  };
  const closed = () => {};
  const pathLost = () => {};
  const pathFound = () => {};
  near.listen({
    received,
    closed,
    pathLost,
    pathFound,
    candidate: (each) => far.addCandidate(each),
    opened: () => opened.resolve(),
  });
  far.listen({ received, closed, pathLost, pathFound, candidate: (each) => near.addCandidate(each), opened: () => {} });
  await near.acceptAnswer(await far.answer(await near.offer()));
  near.trickle();
  far.trickle();
  await opened.promise;

  const pathIn = (report: RTCStatsReport) => readPath(report.values() as Iterable<RTCStats>);
  const look = async () => ({ ...pathIn(await near.stats()), counted: meter.bytes });
  const until = async (isSo: () => boolean | Promise<boolean>) => {
    while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  /** Nothing is counted for that. */
  const send = async (bytes: number) => {
    const expected = arrived + bytes;
    const before = pathIn(await one.getStats()).bytesSent;
    for (let sent = 0; sent < bytes; sent += 10_000) near.send(0, new Uint8Array(10_000));
    await until(() => arrived === expected);
    if (pathIn(await one.getStats()).path !== 'turn') return;
    // Chromium makes new statistics 20 times a second, and answers with the last ones in between.
    await until(async () => pathIn(await one.getStats()).bytesSent >= before + bytes);
  };
  await send(60_000);
  const before = await look();

  if (restarts) {
    await send(30_000);
    for (const connection of [one, other]) connection.setConfiguration({ iceServers: [], iceTransportPolicy: 'all' });
    iceServers = [{ ...server }];
    await near.acceptAnswer(await far.answer(await near.restart()));
    near.trickle();
    far.trickle();
    configured = [one, other].map((connection) => connection.getConfiguration().iceServers?.[0]?.username ?? '');
    await until(async () => pathIn(await one.getStats()).path !== 'turn');
  }
  await send(40_000);
  const way = restarts ? await look() : before;
  for (const transport of [near, far]) transport.close('The test is over.');
  // Its last statistics come after that.
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  return { before, after: { ...way, counted: meter.bytes }, configured };
}
