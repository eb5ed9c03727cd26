import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { type LaunchChromiumOptions, launchChromium } from '../../scripts/chromium.ts';

const artifacts = join(import.meta.dirname, '../../artifacts');
export const sizes = {
  phone: { width: 390, height: 844 },
  tablet: { width: 820, height: 1180 },
  wall: { width: 1920, height: 1080 },
};
export type Size = keyof typeof sizes;

/** Of an error in a page's console; whether it is the page's own. */
type IsComplaint = (text: string) => boolean;

/** Devices with a screen, each with storage of its own: the browser for tests of pages. */
export class Screens {
  readonly #browser: Browser;
  readonly #contexts: BrowserContext[] = [];
  readonly #complaints: string[] = [];
  readonly #isComplaint: IsComplaint;

  private constructor(browser: Browser, isComplaint: IsComplaint) {
    this.#browser = browser;
    this.#isComplaint = isComplaint;
  }

  /** `isComplaint`: which errors in a page's console are the page's. Default: all. */
  static async launch(isComplaint: IsComplaint = () => true, options: LaunchChromiumOptions = {}): Promise<Screens> {
    mkdirSync(artifacts, { recursive: true });
    return new Screens(await launchChromium({ log: console.log, ...options }), isComplaint);
  }

  /** On another person's device. */
  async open(url: string, size: Size, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const options = { viewport: sizes[size], colorScheme, locale: 'en-GB', timezoneId: 'Europe/Berlin' };
    const context = await this.#browser.newContext(options);
    this.#contexts.push(context);
    const page = await context.newPage();
    page.on('pageerror', (error) => this.#complaints.push(`${url}: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && this.#isComplaint(message.text())) {
        this.#complaints.push(`${url}: ${message.text()}`);
      }
    });
    await page.goto(url);
    return page;
  }

  /** To be called after each test: closes all pages. Fails where one of them had an error. */
  async clear(): Promise<void> {
    await Promise.all(this.#contexts.splice(0).map((context) => context.close()));
    expect(this.#complaints.splice(0)).toEqual([]);
  }

  close(): Promise<void> {
    return this.#browser.close();
  }
}

/** For people to look at. */
export const screenshot = (page: Page, name: string) => page.screenshot({ path: join(artifacts, `${name}.png`) });

/** In each size, without scrolling sideways; light and dark where it says so. */
export async function showInAllSizes(
  page: Page,
  name: string,
  colorSchemes: readonly ('light' | 'dark')[] = [],
): Promise<void> {
  for (const [sizeName, size] of Object.entries(sizes)) {
    await page.setViewportSize(size);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `${name} at ${sizeName} size`).toBeLessThanOrEqual(0);
    if (colorSchemes.length === 0) await screenshot(page, `${name}-${sizeName}`);
    for (const colorScheme of colorSchemes) {
      await page.emulateMedia({ colorScheme });
      await screenshot(page, `${name}-${sizeName}-${colorScheme}`);
    }
  }
}
