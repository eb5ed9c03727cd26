import type { RequestListener } from 'node:http';
import {
  createSignalingServer,
  type SignalingServer,
  type SignalingServerOptions,
} from '@innmesh/webrtc/signaling-server';
import type { Browser, Page } from 'playwright-core';
import { build, type Rolldown } from 'vite';
import { launchChromium } from '../../scripts/chromium.ts';

/** The library as a page gets it: one ES module. */
export async function bundleLibrary(): Promise<string> {
  const built = (await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      lib: { entry: new URL('../../lib/webrtc/p2p-connection.ts', import.meta.url).pathname, formats: ['es'] },
    },
  })) as Rolldown.RolldownOutput[];
  const chunks = built.flatMap(({ output }) => output).filter((file) => file.type === 'chunk');
  if (chunks.length !== 1)
    throw new Error(`Expected one chunk, got ${chunks.map(({ fileName }) => fileName).join(', ')}.`);
  return chunks[0]?.code ?? '';
}

export interface BrowserLab {
  browser: Browser;
  server: SignalingServer;
  /** A page of its own browser context, with the library's exports in `window.innmesh`. */
  openPage(): Promise<Page>;
  close(): Promise<void>;
}

/** One Chromium, and one server for signaling and for a page that has nothing but the library. */
export async function startBrowserLab(options: SignalingServerOptions = {}): Promise<BrowserLab> {
  const library = await bundleLibrary();
  const server = await createSignalingServer({ port: 0, host: '127.0.0.1', pages: serveLibrary(library), ...options });
  const browser = await launchChromium({ log: console.log });
  return {
    browser,
    server,
    async openPage() {
      const page = await (await browser.newContext()).newPage();
      await page.goto(`http://127.0.0.1:${server.port}/`);
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
  window.innmesh = await import('/innmesh.js');
</script>`;

function serveLibrary(library: string): RequestListener {
  return (request, response) => {
    const isScript = request.url === '/innmesh.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html; charset=utf-8');
    response.end(isScript ? library : PAGE);
  };
}
