import type { RequestListener } from 'node:http';
import {
  createSignalingServer,
  type SignalingServer,
  type SignalingServerOptions,
} from '@innmesh/webrtc/signaling-server';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { build, type Rolldown } from 'vite';
import { type LaunchChromiumOptions, launchChromium } from '../../scripts/chromium.ts';

/** ES modules by the path under which a page gets them. */
type Modules = Map<string, string>;

const ENTRY = 'innmesh.js';

const LIBRARY = new URL('../../lib/webrtc/p2p-connection.ts', import.meta.url);

/** A file as a page gets it: one ES module, and what that loads when it is needed. */
async function bundle(entry: URL): Promise<Modules> {
  const built = (await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      lib: {
        entry: entry.pathname,
        formats: ['es'],
        fileName: () => ENTRY,
      },
    },
  })) as Rolldown.RolldownOutput[];
  const chunks = built.flatMap(({ output }) => output).filter((file) => file.type === 'chunk');
  return new Map(chunks.map(({ fileName, code }) => [`/${fileName}`, code]));
}

export interface BrowserLab {
  browser: Browser;
  server: SignalingServer;
  /** A page with what the entry exports in `window.innmesh`, of its own browser context unless one is given. */
  openPage(options?: { context?: BrowserContext; host?: string }): Promise<Page>;
  close(): Promise<void>;
}

/** For `pages` of a signaling server: a page with what the entry exports in `window.innmesh`. */
export async function servePage(entry: URL): Promise<RequestListener> {
  return serveLibrary(await bundle(entry));
}

/** The renderer ends at once, and no handler of the page runs. */
export async function crash(page: Page): Promise<void> {
  const devTools = await page.context().newCDPSession(page);
  const crashed = new Promise((resolve) => page.once('crash', resolve));
  devTools.send('Page.crash').catch(() => {});
  await crashed;
}

/** One Chromium, and one server for signaling and for a page that has nothing but the library, or another file. */
export async function startBrowserLab(
  options: SignalingServerOptions = {},
  entry = LIBRARY,
  launch: LaunchChromiumOptions = {},
): Promise<BrowserLab> {
  const server = await createSignalingServer({ port: 0, host: '127.0.0.1', pages: await servePage(entry), ...options });
  const browser = await launchChromium({ log: console.log, ...launch });
  return {
    browser,
    server,
    async openPage({ context, host = '127.0.0.1' } = {}) {
      const page = await (context ?? (await browser.newContext())).newPage();
      await page.goto(`http://${host}:${server.port}/`);
      await page.waitForFunction(() => 'innmesh' in window);
      return page;
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

const PAGE = `<!doctype html><title>Innmesh</title><script type="module">
  window.innmesh = await import('/${ENTRY}');
</script>`;

function serveLibrary(library: Modules): RequestListener {
  return ({ url = '' }, response) => {
    const code = library.get(url);
    response.setHeader('content-type', code ? 'text/javascript' : 'text/html; charset=utf-8');
    response.end(code ?? PAGE);
  };
}
