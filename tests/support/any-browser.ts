import type { BrowserContext } from 'playwright-core';
import type { Browser as Firefox } from 'puppeteer-core';
import { findFirefox, type LaunchFirefoxOptions, launchFirefox } from '../../scripts/firefox.ts';
import type { BrowserLab } from './browser.ts';

export type BrowserName = 'Chromium' | 'Firefox';

/** As much of an object in a page of either browser as tests of both use. */
export interface AnyHandle<Held> {
  evaluate<Result, Argument>(
    run: (held: Held, argument: Argument) => Result | Promise<Result>,
    argument: Argument,
  ): Promise<Awaited<Result>>;
}

/** As much of a page of either. */
export interface AnyPage {
  evaluate<Result, Argument>(
    run: (argument: Argument) => Result | Promise<Result>,
    argument: Argument,
  ): Promise<Awaited<Result>>;
  evaluateHandle<Held>(run: () => Held): Promise<AnyHandle<Held>>;
  close(): Promise<void>;
}

/** Storage of its own, which lasts until it is closed, whatever pages come and go. */
export interface AnyContext {
  /** With the lab's library in `window.innmesh`. `host`: this machine's name or address in the page's URL. */
  openPage(host?: string): Promise<AnyPage>;
  close(): Promise<void>;
}

const firefoxPath = await findFirefox();

/** Those that are to be had. */
export const browserNames: readonly BrowserName[] = ['Chromium', ...(firefoxPath ? (['Firefox'] as const) : [])];

/** Both browsers, with pages of one lab; Firefox is started when it is first needed. */
export class AnyBrowser {
  readonly #lab: BrowserLab;
  readonly #options: LaunchFirefoxOptions;
  #firefox: Promise<Firefox> | null = null;

  constructor(lab: BrowserLab, options: LaunchFirefoxOptions = {}) {
    this.#lab = lab;
    this.#options = options;
  }

  async openContext(name: BrowserName): Promise<AnyContext> {
    return name === 'Firefox' ? this.#openFirefoxContext() : this.#contextOf(await this.#lab.browser.newContext());
  }

  async close(): Promise<void> {
    await (await this.#firefox)?.close();
  }

  #contextOf(context: BrowserContext): AnyContext {
    return {
      openPage: async (host) => (await this.#lab.openPage({ context, ...(host && { host }) })) as unknown as AnyPage,
      close: () => context.close(),
    };
  }

  async #openFirefoxContext(): Promise<AnyContext> {
    if (!firefoxPath) throw new Error('There is no Firefox.');
    this.#firefox ??= launchFirefox(firefoxPath, this.#options);
    const context = await (await this.#firefox).createBrowserContext();
    return {
      openPage: async (host = '127.0.0.1') => {
        const page = await context.newPage();
        await page.goto(`http://${host}:${this.#lab.server.port}/`);
        await page.waitForFunction(() => 'innmesh' in window);
        return page as unknown as AnyPage;
      },
      close: () => context.close(),
    };
  }
}
