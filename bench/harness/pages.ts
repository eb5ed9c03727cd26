import type { Browser, Page } from 'playwright-core';
import type { PageBench } from '../page/expose.ts';

export interface Device {
  /** Calls a method of the page's `window.bench`. */
  call<Name extends keyof PageBench>(
    name: Name,
    ...args: Parameters<PageBench[Name]>
  ): Promise<Awaited<ReturnType<PageBench[Name]>>>;
}

export interface Pair {
  waiter: Device;
  newcomer: Device;
  /** Both close their pages and open new ones; what they keep, they keep. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

const PATIENCE_MS = 30_000;

/** Two devices: each a page of its own browser context, so nothing is shared between them. */
export async function openPair(browser: Browser, url: string): Promise<Pair> {
  const contexts = [await browser.newContext(), await browser.newContext()];
  const open = async () => {
    const devices = contexts.map(async (context) => openDevice(await context.newPage(), url));
    const [waiter, newcomer] = (await Promise.all(devices)) as [Device, Device];
    return { waiter, newcomer };
  };
  const pair: Pair = {
    ...(await open()),
    async reopen() {
      await Promise.all(contexts.flatMap((context) => context.pages()).map((page) => page.close()));
      Object.assign(pair, await open());
    },
    close: async () => void (await Promise.all(contexts.map((context) => context.close()))),
  };
  return pair;
}

async function openDevice(page: Page, url: string): Promise<Device> {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(url);
  if (!(await page.evaluate(() => window.bench !== undefined)))
    throw new Error(`the page did not start: ${errors.join('; ')}`);
  return {
    call: <Name extends keyof PageBench>(name: Name, ...args: Parameters<PageBench[Name]>) => {
      const result = page.evaluate(callBench, { name, args }) as Promise<Awaited<ReturnType<PageBench[Name]>>>;
      return withPatience(result, () => [`${name}() did not end`, ...errors].join('; '));
    },
  };
}

/** Runs in the page. */
function callBench({ name, args }: { name: string; args: unknown[] }): unknown {
  const bench = window.bench as unknown as Record<string, (...given: unknown[]) => unknown>;
  return bench[name]?.(...args);
}

async function withPatience<Value>(value: Promise<Value>, describe: () => string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${describe()} within ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
  });
  return Promise.race([value, tooLate]).finally(() => clearTimeout(timer));
}
