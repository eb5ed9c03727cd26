import { findFirefox, launchFirefox } from '../../../scripts/firefox.ts';
import { type ProgramPage, readPath, startProgram } from './page-station.ts';
import { tracePage } from './page-trace.ts';
import type { Request } from './process-station.ts';
import type { StationSettings } from './program.ts';
import type { TraceLine } from './station.ts';

/*
 * A station in a page of Firefox: `node firefox-program.ts URL '{settings}'`, asked over the channel of its parent. Firefox is
 * told what to do over a socket, which is on the loopback of this process's host.
 */

const [url = '', settings = ''] = process.argv.slice(2);
const executablePath = await findFirefox();
if (!executablePath) throw new Error('There is no Firefox. Install the package "firefox-esr".');
const printed: TraceLine[] = [];
const print = (what: string) => void printed.push({ atMs: Date.now(), what });
const browser = await launchFirefox(executablePath, {
  preferences: {
    // Its candidates are those that it has by itself.
    'media.peerconnection.ice.loopback': false,
    // Its pages count as secure, as they would with a certificate.
    'dom.securecontext.allowlist': new URL(url).hostname,
  },
});
const page = await browser.newPage();
page.on('console', (message) => print(message.text()));
page.on('pageerror', (error) => print(`page error: ${error}`));
await page.evaluateOnNewDocument(tracePage);
await page.goto(url);
await page.waitForFunction(() => 'createProgram' in window);

process.on('message', async (request: Request) => process.send?.((await answer(request)) ?? null));
process.on('disconnect', () => process.exit());
await page.evaluate(startProgram, JSON.parse(settings) as StationSettings);
process.send?.('started');

async function answer(request: Request): Promise<unknown> {
  if (request.call === 'trace') {
    return [...(await page.evaluate(() => (window as unknown as ProgramPage).pageTrace)), ...printed];
  }
  if (request.call === 'path') return page.evaluate(readPath);
  return page.evaluate((asked) => {
    const { program } = window as unknown as ProgramPage;
    switch (asked.call) {
      case 'write':
        return program.write(asked.everyMs);
      case 'stopWriting':
        return program.stopWriting();
      case 'linesFrom':
        return program.linesFrom(asked.index);
    }
  }, request);
}
