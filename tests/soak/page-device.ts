import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright-core';
import { openChromiumProfile } from '../../scripts/chromium.ts';
import { crash } from '../support/browser.ts';
import { appendLine } from './ledger.ts';
import type { Command, SoakDevice, SoakSettings } from './soak-device.ts';
import { type Device, type Failed, freeze, signalAll } from './subject.ts';

export interface PageDeviceDeps {
  name: string;
  pageUrl: string;
  signalingUrl: string;
  seed: number;
  ledger: string;
  /** The folder of its browser's profile. */
  profile: string;
  failed: Failed;
}

/** What a page has. */
interface SoakPage {
  innmesh: typeof import('./page-program.ts');
  device: SoakDevice;
}

/** A device in a page of a browser of its own, whose profile outlives it. */
export class PageDevice implements Device {
  readonly name: string;
  readonly troubles = {
    crash: (forMs: number) => this.#replacePage(crash, forMs),
    reload: (forMs: number) => this.#replacePage((page) => page.close(), forMs),
    close: (forMs: number) => this.#beClosed(forMs),
    stop: (forMs: number) => freeze(this.#pids, forMs),
    reconnect: (forMs: number) => this.#reconnect(forMs),
  };
  starts = 0;
  readonly #deps: PageDeviceDeps;
  #browser: BrowserContext | undefined;
  #page: Page | undefined;
  /** Of the browser's processes, the first its main one. */
  #pids: number[] = [];

  constructor(deps: PageDeviceDeps) {
    this.name = deps.name;
    this.#deps = deps;
  }

  async start(): Promise<void> {
    this.#browser = await openChromiumProfile(this.#deps.profile);
    await this.#openPage(this.#browser);
  }

  async stopWriting(): Promise<void> {
    await this.#tell('stopWriting');
  }

  async close(): Promise<void> {
    const browser = this.#browser;
    this.#browser = undefined;
    await browser?.close();
  }

  async #openPage(browser: BrowserContext): Promise<void> {
    const { name, pageUrl, signalingUrl, seed, failed } = this.#deps;
    this.starts += 1;
    const settings: SoakSettings = { name, signalingUrl, seed, start: this.starts };
    const page = await browser.newPage();
    page.on('pageerror', (error) => failed(`${name}: ${error.message}`));
    await page.goto(pageUrl);
    await page.waitForFunction(() => 'innmesh' in window);
    this.#page = page;
    this.#pids = await pidsOf(browser);
    await page.evaluate(startDevice, settings);
  }

  async #tell(command: Command): Promise<void> {
    await this.#page?.evaluate((asked) => (window as unknown as SoakPage).device[asked](), command);
  }

  async #replacePage(end: (page: Page) => Promise<void>, forMs: number): Promise<void> {
    const [browser, page] = [this.#browser as BrowserContext, this.#page as Page];
    const atMs = Date.now();
    await end(page);
    this.#ended(atMs);
    await sleep(forMs);
    await this.#openPage(browser);
    await page.close();
  }

  /** All of its processes at once: a main process alone would leave the others some time to write. */
  async #beClosed(forMs: number): Promise<void> {
    const closed = new Promise((resolve) => this.#browser?.once('close', resolve));
    const atMs = Date.now();
    signalAll(this.#pids, 'SIGKILL');
    await closed;
    this.#ended(atMs);
    await sleep(forMs);
    await this.start();
  }

  #ended(atMs: number): void {
    appendLine(this.#deps.ledger, { kind: 'ended', start: this.starts, atMs });
  }

  async #reconnect(forMs: number): Promise<void> {
    await this.#tell('disconnect');
    await sleep(forMs);
    await this.#tell('connect');
  }
}

/** Runs in the page. */
function startDevice(settings: SoakSettings): Promise<void> {
  const here = window as unknown as SoakPage;
  here.device = here.innmesh.createDevice(settings);
  return here.device.start();
}

async function pidsOf(context: BrowserContext): Promise<number[]> {
  const devTools = await context.browser()?.newBrowserCDPSession();
  const { processInfo = [] } = (await devTools?.send('SystemInfo.getProcessInfo')) ?? {};
  await devTools?.detach();
  return processInfo.map(({ id }) => id);
}
