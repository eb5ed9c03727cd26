import { createSignalingServer, type SignalingServer } from '@innmesh/webrtc/signaling-server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AnyBrowser, browserNames } from '../support/any-browser.ts';
import { type BrowserLab, startBrowserLab } from '../support/browser.ts';
import { type Certificate, createCertificate, findOpenssl } from '../support/certificate.ts';
import { COTURN_SECRET, type Coturn, findCoturn, startCoturn } from '../support/coturn.ts';
import { until } from '../support/devices.ts';
import { openStation, type Platform, type Station } from './interoperability-stations.ts';

const turnserver = await findCoturn();
const openssl = await findOpenssl();

const transports = ['tcp', 'tls'] as const;
const cases = browserNames.flatMap((browser) => transports.map((transport) => [browser, transport] as const));

describe.skipIf(!turnserver || !openssl)('a relay that is lent for networks that let no UDP out', () => {
  let certificate: Certificate;
  let coturn: Coturn;
  let lab: BrowserLab;
  let browsers: AnyBrowser;
  let signaling: SignalingServer;
  const stations: Station[] = [];

  beforeAll(async () => {
    certificate = await createCertificate(openssl ?? '');
    coturn = await startCoturn(turnserver ?? '', certificate);
    // Of all unknown certificates this one.
    const trusts = `--ignore-certificate-errors-spki-list=${certificate.keyHash}`;
    lab = await startBrowserLab({}, new URL('./interoperability-page.ts', import.meta.url), { args: [trusts] });
    browsers = new AnyBrowser(lab, { acceptInsecureCerts: true });
  });

  afterEach(async () => {
    await Promise.all(stations.splice(0).map((station) => station.remove()));
    await signaling.close();
  });

  afterAll(async () => {
    await browsers.close();
    await lab.close();
    await coturn.stop();
    certificate.remove();
  });

  async function open(runsOn: Platform['runsOn'], iceTransportPolicy: RTCIceTransportPolicy): Promise<Station> {
    const config = {
      signalingServers: [signaling.url],
      tenantId: 'hotel-abc-123',
      deviceInfo: { type: 'staff' as const, name: runsOn, capabilities: [] },
      iceServers: [],
    };
    const station = await openStation(browsers, { runsOn, host: '127.0.0.1' }, { config, iceTransportPolicy });
    stations.push(station);
    return station;
  }

  async function startSignaling(url: string): Promise<void> {
    signaling = await createSignalingServer({
      port: 0,
      host: '127.0.0.1',
      // The way through the server would do as well.
      relayFrames: false,
      turn: { urls: [url], secret: COTURN_SECRET, lifetimeSeconds: 600 },
    });
  }

  const linked = (one: Station, other: Station) =>
    until(async () => (await one.run((device) => device.linkedTo())).includes(other.peerId), 'a link');

  it.each(cases)('carries a link in %s over %s [J15]', async (browser, transport) => {
    await startSignaling({ tcp: coturn.tcpUrl, tls: coturn.tlsUrl }[transport]);
    const [one, other] = [await open(browser, 'relay'), await open(browser, 'relay')];
    await Promise.all([linked(one, other), linked(other, one)]);
    await one.run((device, to) => device.writeDocument(300_000, to), other.peerId);
    for (const [here, there] of [
      [one, other],
      [other, one],
    ] as const) {
      const topology = await here.run((device, to) => device.topology(to), there.peerId);
      expect(topology).toMatchObject({ topology: 'cloud-relay', path: 'turn' });
      expect(await here.run((device) => device.relayProtocol())).toBe(transport);
      // Firefox gives up what it offered before it knew of a relay, and says so.
      const errors = await here.run((device) => device.errors);
      expect(errors.filter((error) => !error.startsWith('The link to'))).toEqual([]);
    }
  });

  it.each(transports)('is none for Node over %s, which says so; it is linked directly', async (transport) => {
    const url = { tcp: coturn.tcpUrl, tls: coturn.tlsUrl }[transport];
    await startSignaling(url);
    const [hub, page] = [await open('Node', 'all'), await open('Chromium', 'all')];
    await Promise.all([linked(hub, page), linked(page, hub)]);
    await until(async () => (await hub.run(({ errors }) => errors)).length > 0, 'the error');
    expect(await hub.run(({ errors }) => errors)).toEqual([expect.stringContaining(url)]);
    expect(await hub.run((device, to) => device.topology(to), page.peerId)).toMatchObject({ path: 'host' });
  });
});
