import type { Browser, Page } from 'playwright-core';
import type { Host } from '../network/host.ts';
import { FetchedLines } from './fetched-lines.ts';
import { type ConnectionCount, type TracedPage, tracePage } from './page-trace.ts';
import type { Program, StationLine, StationSettings } from './program.ts';
import type { LinkedStation, TraceLine } from './station.ts';

/** What a page has. */
export interface ProgramPage extends TracedPage {
  createProgram(settings: StationSettings): Program;
  program: Program;
}

/** A program in a page of its host's Chromium, which is told what to do past the network. */
export class PageStation implements LinkedStation {
  readonly name: string;
  readonly host: Host;
  readonly #page: Page;
  readonly #lines = new FetchedLines((index) =>
    this.#page.evaluate((from) => (window as unknown as ProgramPage).program.linesFrom(from), index),
  );
  /** What was fetched of the page's, and what it has printed. */
  readonly #trace: TraceLine[];

  private constructor(name: string, host: Host, page: Page, trace: TraceLine[]) {
    this.name = name;
    this.host = host;
    this.#page = page;
    this.#trace = trace;
  }

  static async open(host: Host, browser: Browser, url: string, settings: StationSettings): Promise<PageStation> {
    const page = await (await browser.newContext()).newPage();
    const trace: TraceLine[] = [];
    const print = (what: string) => void trace.push({ atMs: Date.now(), what });
    page.on('console', (message) => print(message.text()));
    page.on('pageerror', (error) => print(`page error: ${error.message}`));
    await page.addInitScript(tracePage);
    await page.goto(url);
    await page.waitForFunction(() => 'createProgram' in window);
    await page.evaluate(startProgram, settings);
    return new PageStation(settings.name, host, page, trace);
  }

  async write(everyMs: number): Promise<void> {
    await this.#page.evaluate((ms) => (window as unknown as ProgramPage).program.write(ms), everyMs);
  }

  async stopWriting(): Promise<void> {
    await this.#page.evaluate(() => (window as unknown as ProgramPage).program.stopWriting());
  }

  lines(): Promise<readonly StationLine[]> {
    return this.#lines.all();
  }

  async trace(): Promise<readonly TraceLine[]> {
    this.#trace.push(...(await this.#page.evaluate(() => (window as unknown as ProgramPage).pageTrace.splice(0))));
    return this.#trace;
  }

  countConnections(): Promise<ConnectionCount> {
    return this.#page.evaluate(() => (window as unknown as ProgramPage).countConnections());
  }

  /** Those that have a path, behind the back of whoever made them. */
  async closeConnections(): Promise<void> {
    await this.#page.evaluate(() => {
      for (const each of (window as unknown as ProgramPage).connections()) {
        if (each.connectionState === 'connected') each.close();
      }
    });
  }

  /** Of its scripts, after all has been collected that nobody needs. */
  async heapBytes(): Promise<number> {
    const devTools = await this.#page.context().newCDPSession(this.#page);
    await devTools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await devTools.send('Runtime.getHeapUsage');
    await devTools.detach();
    return usedSize;
  }

  /** Ends the oldest connection that stands, as a browser does that has lost it: nobody says goodbye. */
  async breakLink(): Promise<void> {
    if (!(await this.#page.evaluate(closeOldest))) throw new Error(`${this.name} has no connection that could break.`);
  }

  path(): Promise<string | undefined> {
    return this.#page.evaluate(readPath);
  }
}

/** Runs in the page. */
export function startProgram(settings: StationSettings): Promise<void> {
  const here = window as unknown as ProgramPage;
  here.program = here.createProgram(settings);
  return here.program.start();
}

/** Runs in the page. */
function closeOldest(): boolean {
  const { connections } = window as unknown as ProgramPage;
  const oldest = connections().find(({ connectionState }) => connectionState === 'connected');
  oldest?.close();
  return oldest !== undefined;
}

/** Runs in the page. */
export async function readPath(): Promise<string | undefined> {
  const { connections } = window as unknown as ProgramPage;
  const standing = connections().findLast(({ connectionState }) => connectionState === 'connected');
  const stats = new Map<string, Record<string, string>>((await standing?.getStats()) as never);
  const transport = [...stats.values()].find(({ type }) => type === 'transport');
  const pair = stats.get(transport?.selectedCandidatePairId ?? '');
  const kindOf = (id = '') => stats.get(id)?.candidateType;
  return pair && `${kindOf(pair.localCandidateId)} to ${kindOf(pair.remoteCandidateId)}`;
}
