import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BrowserLab, startBrowserLab } from '../support/browser.ts';

/** What the tests keep in a page. */
interface TransportPage {
  innmesh: typeof import('./statistics-page.ts');
  connections: WeakRef<RTCPeerConnection>[];
}

const ATTEMPTS = 100;

let lab: BrowserLab;

beforeAll(async () => {
  lab = await startBrowserLab({}, new URL('statistics-page.ts', import.meta.url));
});

afterAll(() => lab.close());

describe('an attempt at a link that is given up as soon as its offer is made', () => {
  it('is closed, and Chromium collects its connection: 500 that are not collected are all it makes', async () => {
    const page = await lab.openPage();
    await page.evaluate(async (attempts) => {
      const here = window as unknown as TransportPage;
      here.connections = [];
      for (let attempt = 0; attempt < attempts; attempt++) {
        const connection = new RTCPeerConnection();
        here.connections.push(new WeakRef(connection));
        const transport = new here.innmesh.WebRtcTransport(connection);
        await transport.offer();
        // As an offer of the other side comes meanwhile.
        await new Promise((resolve) => setTimeout(resolve));
        transport.close('another attempt takes its place.');
      }
    }, ATTEMPTS);
    const devTools = await page.context().newCDPSession(page);
    await devTools.send('HeapProfiler.collectGarbage');
    const states = await page.evaluate(() =>
      (window as unknown as TransportPage).connections.map((each) => each.deref()?.signalingState),
    );
    expect(states.filter((state) => state !== undefined && state !== 'closed')).toEqual([]);
    expect(states.filter(Boolean).length).toBeLessThan(ATTEMPTS / 20);
  });
});
