import type { CheckName, CheckResult, Diagnosis, P2PConnection, P2PConnectionConfig } from '@innmesh/webrtc';
import type { BrowserContext, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BrowserLab, startBrowserLab } from '../support/browser.ts';
import { startSilentServer } from '../support/silent-server.ts';
import { startStunServer } from '../support/stun-server.ts';

/** What the tests keep in a page. */
interface DevicePage {
  innmesh: typeof import('@innmesh/webrtc');
  device: P2PConnection;
  told: string[];
  connections: RTCPeerConnection[];
}

/** Not one of the local network, by its name. */
const PUBLIC_HOST = 'hotel.example';

let lab: BrowserLab;
const contexts: BrowserContext[] = [];
const servers: { close(): void }[] = [];

beforeAll(async () => {
  lab = await startBrowserLab({}, undefined, { args: [`--host-resolver-rules=MAP ${PUBLIC_HOST} 127.0.0.1`] });
});

afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
  for (const server of servers.splice(0)) server.close();
});

afterAll(() => lab.close());

async function newContext(): Promise<BrowserContext> {
  const context = await lab.browser.newContext();
  contexts.push(context);
  return context;
}

async function openDevice(
  name: string,
  config: Partial<P2PConnectionConfig> = {},
  context?: BrowserContext,
  host = '127.0.0.1',
) {
  const page = await lab.openPage({ context: context ?? (await newContext()), host });
  await page.evaluate(
    (options) => {
      const here = window as unknown as DevicePage;
      const device = new here.innmesh.P2PConnection(options);
      Object.assign(here, { device, told: [], connections: [] });
      device.on('disconnected', () => here.told.push('disconnected'));
      device.on('reconnecting', () => here.told.push('reconnecting'));
      window.RTCPeerConnection = class extends RTCPeerConnection {
        constructor(configuration?: RTCConfiguration) {
          super(configuration);
          here.connections.push(this);
        }
      };
    },
    {
      signalingServers: [lab.server.url],
      tenantId: 'hotel-abc-123',
      deviceInfo: { type: 'staff' as const, name, capabilities: [] },
      iceServers: [],
      ...config,
    },
  );
  return page;
}

/** What `connect()` ends with; empty where it connects. */
const connect = (page: Page): Promise<string> =>
  page.evaluate(() =>
    (window as unknown as DevicePage).device.connect().then(
      () => '',
      ({ code }) => code,
    ),
  );

const linked = (page: Page) =>
  page.waitForFunction(() =>
    (window as unknown as DevicePage).device.getPeers().some(({ status }) => status === 'connected'),
  );

const diagnose = (page: Page, peerId?: string): Promise<Diagnosis> =>
  page.evaluate((id) => (window as unknown as DevicePage).device.diagnose(id), peerId);

async function check(page: Page, name: CheckName): Promise<CheckResult | undefined> {
  return (await diagnose(page)).checks.find((each) => each.name === name);
}

/** Those that have begun to look for ways, and are open. */
const openConnections = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      (window as unknown as DevicePage).connections.filter(
        ({ localDescription, signalingState }) => localDescription && signalingState !== 'closed',
      ).length,
  );

describe('a diagnosis in a page', () => {
  it('of a device that is linked finds nothing wrong, and leaves its links alone', async () => {
    const desk = await openDevice('Front Desk');
    const kitchen = await openDevice('Kitchen');
    for (const page of [desk, kitchen]) expect(await connect(page)).toBe('');
    for (const page of [desk, kitchen]) await linked(page);
    const openBefore = await openConnections(desk);
    const peerId = await kitchen.evaluate(() => (window as unknown as DevicePage).device.peerId);

    const diagnosis = await diagnose(desk, peerId);
    expect(diagnosis).toMatchObject({ verdict: 'ok' });
    const verdicts = Object.fromEntries(diagnosis.checks.map(({ name, verdict }) => [name, verdict]));
    const well = { signaling: 'ok', candidates: 'ok', 'default-route': 'ok', mdns: 'ok', isolation: 'ok' };
    expect(verdicts).toEqual({ ...well, 'direct-path': 'ok', 'local-network': 'ok', stun: 'skipped', turn: 'skipped' });
    expect(diagnosis.checks.find(({ name }) => name === 'direct-path')?.words).toMatch(
      /^A link to Kitchen stands, directly \((host|prflx) ↔ (host|prflx)\)\.$/,
    );
    expect(await openConnections(desk)).toBe(openBefore);
    expect(await desk.evaluate(() => (window as unknown as DevicePage).told)).toEqual([]);
    await linked(desk);
  });

  it('works before connect(), and leaves no connection behind', async () => {
    const page = await openDevice('Front Desk');
    const diagnosis = await diagnose(page);
    expect(diagnosis.verdict).toBe('ok');
    expect(diagnosis.checks.find(({ name }) => name === 'direct-path')?.verdict).toBe('skipped');
    expect(await page.evaluate(() => (window as unknown as DevicePage).connections.length)).toBeGreaterThan(2);
    expect(await openConnections(page)).toBe(0);
  });

  it('finds its own name on the network, and that it is not found where no candidate arrives', async () => {
    const page = await openDevice('Front Desk');
    expect((await check(page, 'mdns'))?.words).toContain('they can be found on this device');
    await page.evaluate(() => {
      RTCPeerConnection.prototype.addIceCandidate = async () => {};
    });
    expect(await check(page, 'mdns')).toMatchObject({ verdict: 'warning' });
  });

  it('after a connect() that failed says that the server is down', async () => {
    const gone = await startSilentServer();
    gone.close();
    const page = await openDevice('Front Desk', { signalingServers: [gone.url] });
    expect(await connect(page)).toBe('SIGNALING_UNREACHABLE');
    const diagnosis = await diagnose(page);
    expect(diagnosis).toMatchObject({ verdict: 'failed' });
    expect(diagnosis.summary).toContain('trouble between this device and the hotel’s server');
    expect(diagnosis.checks.find(({ name }) => name === 'signaling')?.words).toBe(`No server answers at ${gone.url}.`);
  });

  it('says that a server accepts and never answers', async () => {
    const silent = await startSilentServer();
    servers.push(silent);
    const page = await openDevice('Front Desk', { signalingServers: [silent.url] });
    expect(await check(page, 'signaling')).toMatchObject({
      verdict: 'failed',
      words: `Nothing was heard from ${silent.url} within 4 seconds.`,
    });
  });

  it('says which STUN server answers, and which is silent', async () => {
    const [well, silent] = [await startStunServer(), await startStunServer({ silent: true })];
    servers.push(well, silent);
    const iceServers = [{ urls: [`stun:${well.host}`, `stun:${silent.host}`] }];
    const page = await openDevice('Front Desk', { iceServers });
    const found = await check(page, 'stun');
    expect(found).toMatchObject({ verdict: 'warning' });
    expect(found?.words).toBe(
      `stun:${well.host} answers: on the internet this device is 127.0.0.1. stun:${silent.host} does not answer.`,
    );
  });

  it('says that a TURN server refuses the password, and which is silent', async () => {
    const [turn, silent] = [await startStunServer(), await startStunServer({ silent: true })];
    servers.push(turn, silent);
    const secret = { username: 'maria', credential: 'wrong' };
    const page = await openDevice('Front Desk', { iceServers: [{ urls: `turn:${turn.host}`, ...secret }] });
    expect(await check(page, 'turn')).toMatchObject({
      verdict: 'failed',
      words: `The relay turn:${turn.host} does not accept the user name and password.`,
    });
    const other = await openDevice('Front Desk', { iceServers: [{ urls: `turn:${silent.host}`, ...secret }] });
    expect((await check(other, 'turn'))?.words).toBe(`The relay turn:${silent.host} does not answer.`);
  });

  it('in a second tab knows the links of the first', async () => {
    const context = await newContext();
    const first = await openDevice('Front Desk', {}, context);
    expect(await connect(first)).toBe('');
    const second = await openDevice('Front Desk', {}, context);
    expect(await connect(second)).toBe('');
    const kitchen = await openDevice('Kitchen');
    expect(await connect(kitchen)).toBe('');
    for (const page of [first, second]) await linked(page);
    const diagnosis = await diagnose(second);
    expect(diagnosis.verdict).toBe('ok');
    expect(diagnosis.checks.find(({ name }) => name === 'direct-path')?.words).toContain(
      'A link to Kitchen stands, directly',
    );
    expect((await check(first, 'turn'))?.words).toContain('server may carry a link');
    expect((await check(second, 'turn'))?.words).toContain('only the tab or program knows');
  });

  it('says that Chromium keeps a page without https: off the local network, unless a server there answers', async () => {
    const gone = await startSilentServer();
    gone.close();
    const page = await openDevice('Front Desk', { signalingServers: [gone.url] }, undefined, PUBLIC_HOST);
    expect(await check(page, 'local-network')).toMatchObject({
      verdict: 'failed',
      advice: expect.stringContaining('https:'),
    });
    const answered = await openDevice('Front Desk', {}, undefined, PUBLIC_HOST);
    expect(await check(answered, 'local-network')).toMatchObject({ verdict: 'ok' });
  });

  it.each([
    ['is refused', (route: Route) => route.abort()],
    ['gets no answer', () => {}],
  ])('says that the server is away where the page %s when it loads what it needs for it', async (_, answer) => {
    const page = await openDevice('Front Desk');
    const errors: Error[] = [];
    page.on('pageerror', (error) => errors.push(error));
    await page.context().route('**/diagnose*.js', answer);
    expect(await diagnose(page)).toMatchObject({ verdict: 'failed', checks: [] });
    expect(errors).toEqual([]);
  });
});
