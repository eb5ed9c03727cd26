import { createServer } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { findChromium, launchChromium } from '../../scripts/chromium.ts';
import { bundleScript } from '../harness/bundle.ts';
import { median, percentile } from '../harness/statistics.ts';
import { listening } from '../signaling/server.ts';

/*
 * What keeping journals costs in Chromium: `node bench/journal/run.ts`. How long a commit takes by how many entries it
 * has, and how long a page takes to start with 10,000 entries, by how many share a segment.
 */

const ENTRIES = 10_000;
const STARTS = 5;

const code = await bundleScript(`import '${import.meta.dirname}/page.ts';`);
const server = createServer(({ url = '' }, response) => {
  const isScript = url.endsWith('.js');
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-embedder-policy', 'require-corp');
  response.end(isScript ? code : '<!doctype html><script type="module" src="index.js"></script>');
}).listen(0, '127.0.0.1');
const url = `http://127.0.0.1:${await listening(server)}/`;

/** A page of a profile of its own. */
async function openPage(browser: Browser): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(url);
  await page.waitForFunction(() => window.journalBench !== undefined);
  return page;
}

async function measure(browser: Browser, entriesEach: number): Promise<string> {
  const page = await openPage(browser);
  const run = (count: number) =>
    page.evaluate(
      ([commits = 0, entries = 0]) => window.journalBench?.commits(commits, entries) ?? [],
      [count, entriesEach],
    );
  const tookMs = await run(Math.ceil(ENTRIES / entriesEach));
  const totalMs = tookMs.reduce((sum, each) => sum + each, 0);
  const starts: number[] = [];
  for (let left = STARTS; left > 0; left--) {
    await page.reload();
    await page.waitForFunction(() => window.journalBench !== undefined);
    starts.push((await page.evaluate(() => window.journalBench?.start()))?.tookMs ?? Number.NaN);
  }
  await page.context().close();
  const commit = `${percentile(tookMs, 0.5).toFixed(2)} / ${percentile(tookMs, 0.99).toFixed(2)} ms`;
  const rate = `${Math.round((ENTRIES / totalMs) * 1000).toLocaleString('en')}/s`;
  return `${String(entriesEach).padStart(4)} a segment: commit p50 / p99 ${commit}, ${rate}; start ${median(starts).toFixed(0)} ms`;
}

const browser = await launchChromium({ chromium: await findChromium({}) });
for (const entriesEach of [1, 8, 64, 218]) console.log(await measure(browser, entriesEach));
await browser.close();
server.close();
