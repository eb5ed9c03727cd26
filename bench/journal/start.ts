import type { Browser, BrowserContext, Page } from 'playwright-core';
import { findChromium, launchChromium } from '../../scripts/chromium.ts';
import { bundleEntry, type Files } from '../harness/bundle.ts';
import { startPageServer } from '../harness/page-server.ts';
import { median } from '../harness/statistics.ts';
import { startInnmeshServer } from '../signaling/innmesh-server.ts';

/*
 * How long a device takes to start with what it keeps: `node bench/journal/start.ts`. A page sends messages while nobody is
 * there and is closed; others of the same profile start with them, from `new P2PConnection` until `connect()` is done.
 */

const KEPT = [0, 10_000];
const STARTS = 5;
const NAME = 'journal';

const pageServer = await startPageServer(
  new Map<string, Files>([[NAME, await bundleEntry(`import '${import.meta.dirname}/keeping-page.ts';`)]]),
);
const signaling = await startInnmeshServer();
const signalingUrl = `ws://127.0.0.1:${signaling.port}`;

async function openPage(profile: BrowserContext): Promise<Page> {
  const page = await profile.newPage();
  await page.goto(pageServer.url(NAME));
  await page.waitForFunction(() => window.keepingBench !== undefined);
  return page;
}

async function leave(profile: BrowserContext, count: number): Promise<number> {
  const page = await openPage(profile);
  const call = { signalingUrl, count };
  const tookMs = await page.evaluate((asked) => window.keepingBench?.leave(asked.signalingUrl, asked.count), call);
  await page.close();
  return tookMs ?? Number.NaN;
}

async function start(profile: BrowserContext): Promise<{ tookMs: number; pending: number }> {
  const page = await openPage(profile);
  const started = await page.evaluate((url) => window.keepingBench?.start(url), signalingUrl);
  await page.close();
  return started ?? { tookMs: Number.NaN, pending: Number.NaN };
}

async function measure(browser: Browser, kept: number): Promise<string> {
  const profile = await browser.newContext();
  const storedMs = await leave(profile, kept);
  const starts: { tookMs: number; pending: number }[] = [];
  for (let left = STARTS; left > 0; left--) starts.push(await start(profile));
  await profile.close();
  const tookMs = median(starts.map((each) => each.tookMs)).toFixed(0);
  const pending = [...new Set(starts.map((each) => each.pending))].join(', ');
  return `${kept} messages kept: stored in ${storedMs.toFixed(0)} ms; start ${tookMs} ms; pending afterwards: ${pending}`;
}

const browser = await launchChromium({ chromium: await findChromium({}) });
for (const kept of KEPT) console.log(await measure(browser, kept));
await browser.close();
await signaling.close();
pageServer.close();
