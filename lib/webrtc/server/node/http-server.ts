import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { DropArgument, Socket } from 'node:net';
import type { PrometheusMetrics } from '../metrics/prometheus.ts';
import type { SignalingCore } from '../signaling-core.ts';
import type { Door } from './door.ts';
import { type HttpRefusal, refuseRequest } from './http-answers.ts';
import { answerMetrics, refuseMetrics } from './metrics-page.ts';

const NOT_A_PAGE =
  'This is an Innmesh signaling server: devices connect to it by WebSocket. Its health is at /healthz.\n';

export interface HttpServerDeps {
  core: SignalingCore;
  door: Door;
  /** Answers what nothing here answers. */
  pages: RequestListener | undefined;
  /** None: `/metrics` is a page like any other. */
  metrics: PrometheusMetrics | null;
  metricsToken: string | null;
}

/** `/healthz`, `/metrics`, and `pages` for the rest. */
export function createHttpServer({ core, door, pages = notAPage, metrics, metricsToken }: HttpServerDeps): Server {
  const http = createServer(httpOptions(door.limits), (request, response) => {
    const refuse = (refusal: HttpRefusal) => {
      door.note(refusal, door.addressOf(request));
      refuseRequest(response, refusal);
    };
    const refusal = door.refuseRequest(request);
    if (refusal) return refuse(refusal);
    cutStalled(request, response, door);
    if (request.url === '/healthz') return answerHealth(response, core);
    if (!metrics || request.url !== '/metrics') return pages(request, response);
    const metricsRefusal = refuseMetrics(request, metricsToken);
    if (metricsRefusal) return refuse(metricsRefusal);
    return answerMetrics(response, metrics);
  });
  guardConnections(http, door);
  return http;
}

function httpOptions({ headersTimeoutMs, requestTimeoutMs, keepAliveTimeoutMs, headersBytes }: Door['limits']) {
  return {
    headersTimeout: headersTimeoutMs,
    // Node wants it no shorter than the headers' own.
    requestTimeout: Math.max(requestTimeoutMs, headersTimeoutMs),
    keepAliveTimeout: keepAliveTimeoutMs,
    // The two timeouts above are only looked at so often.
    connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs),
    maxHeaderSize: headersBytes,
  };
}

/** What Node refuses by itself, or would let in without end. */
function guardConnections(http: Server, door: Door): void {
  http.maxConnections = door.limits.connections;
  // One more than may be, so that one too many can be told from the last one.
  http.maxHeadersCount = door.limits.headers + 1;
  http.on('connection', (socket: Socket) => door.admitConnection(socket));
  http.on('drop', (dropped?: DropArgument) => {
    const text = `${door.limits.connections} connections are open.`;
    door.note({ kind: 'server_connections', status: 0, text }, dropped?.remoteAddress ?? '');
  });
  http.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const refusal = refusalOfError(error);
    if (refusal) door.refuseSocket(socket as Socket, refusal);
    else socket.destroy();
  });
}

/** Null where the connection only broke. */
function refusalOfError({ code = '' }: NodeJS.ErrnoException): HttpRefusal | null {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return { kind: 'slow_request', status: 408, text: 'The request did not come in time.' };
  }
  if (code === 'HPE_HEADER_OVERFLOW')
    return { kind: 'headers_too_large', status: 431, text: 'The headers are too long.' };
  if (code.startsWith('HPE_')) return { kind: 'malformed_request', status: 400, text: 'This is no HTTP request.' };
  return null;
}

/** A reader that takes nothing of its answer for so long holds memory for nothing. */
function cutStalled(request: IncomingMessage, response: ServerResponse, door: Door): void {
  response.setTimeout(door.limits.stalledTimeoutMs, () => {
    door.note({ kind: 'slow_reader', status: 0, text: 'The answer was not read.' }, door.addressOf(request));
    request.socket.destroy();
  });
}

function answerHealth(response: ServerResponse, core: SignalingCore): void {
  response.setHeader('content-type', 'application/json');
  response.setHeader('cache-control', 'no-store');
  // Devices ask whether their server is there again, from pages of other origins, too.
  response.setHeader('cross-origin-resource-policy', 'cross-origin');
  response.end(`${JSON.stringify({ status: 'ok', ...core.stats() })}\n`);
}

const notAPage: RequestListener = (request, response) => {
  response.statusCode = request.url === '/' ? 200 : 404;
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.end(NOT_A_PAGE);
};
