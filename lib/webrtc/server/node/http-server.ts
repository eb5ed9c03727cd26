import { createServer, type RequestListener, type Server } from 'node:http';
import type { SignalingCore } from '../signaling-core.ts';

const NOT_A_PAGE =
  'This is an Innmesh signaling server: devices connect to it by WebSocket. Its health is at /healthz.\n';

/** `/healthz`, and `pages` for the rest. */
export function createHttpServer(core: SignalingCore, pages: RequestListener = notAPage): Server {
  return createServer((request, response) => {
    if (request.url === '/healthz') {
      response.setHeader('content-type', 'application/json');
      response.setHeader('cache-control', 'no-store');
      response.end(`${JSON.stringify({ status: 'ok', ...core.stats() })}\n`);
    } else {
      pages(request, response);
    }
  });
}

const notAPage: RequestListener = (request, response) => {
  response.statusCode = request.url === '/' ? 200 : 404;
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.end(NOT_A_PAGE);
};
