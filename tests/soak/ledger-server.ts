import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { servePage } from '../support/browser.ts';
import { appendLine, type Line } from './ledger.ts';

/** Where pages come from and where they keep their ledgers: out of reach of what happens to a browser. */
export class LedgerServer {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  static async start(folder: string): Promise<LedgerServer> {
    const page = await servePage(new URL('page-program.ts', import.meta.url));
    const server = createServer((request, response) => {
      const [, name] = request.url?.match(/^\/ledgers\/([\w-]+)$/) ?? [];
      if (name === undefined) page(request, response);
      else void keepLine(join(folder, `${name}.jsonl`), request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new LedgerServer(server);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A request that broke off was never answered: the page has not gone on from it. */
async function keepLine(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request).catch(() => '');
  if (body === '') return;
  appendLine(path, JSON.parse(body) as Line);
  response.writeHead(204).end();
}
