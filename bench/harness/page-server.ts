import { createServer, type ServerResponse } from 'node:http';
import { LOOPBACK, listening } from '../signaling/server.ts';
import type { Files } from './bundle.ts';

export interface PageServer {
  url(contestant: string): string;
  close(): void;
}

/** Serves each contestant's page from memory, by default on loopback, which browsers treat as a secure context. */
export async function startPageServer(pages: Map<string, Files>, address = LOOPBACK): Promise<PageServer> {
  const server = createServer(({ url = '/' }, response) => {
    const [, contestant = '', ...path] = url.split('/');
    const file = path.join('/');
    const code = file === '' ? page : pages.get(contestant)?.get(file);
    respond(response, code, file === '' ? 'text/html' : 'text/javascript');
  });
  server.listen(address);
  const port = await listening(server);
  return { url: (contestant) => `http://${address.host}:${port}/${contestant}/`, close: () => server.close() };
}

const page = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="index.js"></script>';

function respond(response: ServerResponse, body: string | undefined, type: string): void {
  response.writeHead(body === undefined ? 404 : 200, {
    'content-type': type,
    // An isolated page's clock ticks in 5 µs steps instead of 100 µs.
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  });
  response.end(body);
}
