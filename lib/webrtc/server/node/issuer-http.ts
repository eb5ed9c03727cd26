import type { IncomingMessage, ServerResponse } from 'node:http';
import { TokenBucket } from '@innmesh/kit';
import type { IssuerContext } from '../issuer/context.ts';
import { IssuerProblem } from '../issuer/problems.ts';
import { readJsonBody, sendAnswer, sendProblem } from './http-exchange.ts';
import { type Call, routes } from './issuer-routes.ts';

export interface IssuerHttpOptions {
  /** Where this server is reached; asked for each request, as a machine's addresses change. */
  origins(): readonly string[];
  /** Where the pages are, with `/` at the end. */
  pagesUrl(): string;
  /** Origins of other servers' pages that may call us; `*` for any. */
  allowedOrigins: readonly string[] | '*';
  /** Who is calling: for limits, and for managers to recognise. */
  addressOf(request: IncomingMessage): string;
}

/** A property's guests often share one address, and each phone that waits asks every five seconds. */
const REQUESTS_PER_ADDRESS = { burst: 600, perSecond: 60 };
const MAX_ADDRESSES = 10_000;

/** Answers what is under `/v1/`. Anything else is left to others: `handle` returns `false`. */
export class IssuerHttp {
  readonly #context: IssuerContext;
  readonly #options: IssuerHttpOptions;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(context: IssuerContext, options: IssuerHttpOptions) {
    this.#context = context;
    this.#options = options;
  }

  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const path = pathOf(request);
    if (!path.startsWith('/v1/')) return false;
    this.#answer(request, response, path).catch((error: unknown) => this.#fail(response, error));
    return true;
  }

  async #answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    this.#allowOrigin(request, response, path);
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end();
      return;
    }
    const address = this.#options.addressOf(request);
    this.#takeFromBucket(address);
    const { route, parameter } = routeFor(request.method ?? '', path);
    const body = request.method === 'POST' ? await readJsonBody(request) : undefined;
    const { authorization, dpop, 'if-none-match': ifNoneMatch } = request.headers;
    const call: Call = {
      context: this.#context,
      method: request.method ?? '',
      path,
      parameter,
      body,
      address,
      origins: this.#options.origins(),
      pagesUrl: this.#options.pagesUrl(),
      headers: { authorization, dpop: typeof dpop === 'string' ? dpop : undefined, ifNoneMatch },
    };
    sendAnswer(response, route(call));
  }

  /** No cookies are used, so what a page may do here it does with its own key. What is public is so for all. */
  #allowOrigin({ headers: { origin } }: IncomingMessage, response: ServerResponse, path: string): void {
    const { allowedOrigins } = this.#options;
    const isPublic = /^\/v1\/(issuer-keys$|deny-lists\/)/.test(path);
    response.setHeader('vary', 'origin');
    if (!origin || !(isPublic || allowedOrigins === '*' || allowedOrigins.includes(origin))) return;
    response.setHeader('access-control-allow-origin', isPublic ? '*' : origin);
    response.setHeader('access-control-allow-methods', 'GET, POST');
    response.setHeader('access-control-allow-headers', 'authorization, content-type, dpop, if-none-match');
    response.setHeader('access-control-expose-headers', 'etag, retry-after');
    response.setHeader('access-control-max-age', '600');
  }

  #takeFromBucket(address: string): void {
    let bucket = this.#buckets.get(address);
    if (!bucket) {
      bucket = new TokenBucket(REQUESTS_PER_ADDRESS, this.#context.clock);
      this.#buckets.set(address, bucket);
      const [oldest] = this.#buckets.keys();
      if (this.#buckets.size > MAX_ADDRESSES && oldest !== undefined) this.#buckets.delete(oldest);
    }
    if (bucket.take()) return;
    throw new IssuerProblem('too_many_requests', 'Too many requests from this address.', { retryAfterSeconds: 5 });
  }

  #fail(response: ServerResponse, error: unknown): void {
    if (response.headersSent || response.destroyed) return;
    sendProblem(response, error instanceof IssuerProblem ? error : this.#fault(error));
  }

  /** What is no refusal of ours is a fault of ours: its words go to the operator, not to the caller. */
  #fault(error: unknown): IssuerProblem {
    this.#context.log(`issuer: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return new IssuerProblem('internal_error', 'The issuer failed. Its log says why.');
  }
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split(/[?#]/)[0] ?? '/';
}

function routeFor(method: string, path: string) {
  const found = Object.entries(routes).flatMap(([pattern, route]) => {
    const [routeMethod = '', routePath = ''] = pattern.split(' ');
    const match = patternOf(routePath).exec(path);
    return match ? [{ method: routeMethod, route, parameter: match[1] ?? '' }] : [];
  });
  if (found.length === 0) throw new IssuerProblem('not_found', 'There is nothing at this address.');
  const fitting = found.find((candidate) => candidate.method === method);
  if (!fitting) {
    const methods = found.map((candidate) => candidate.method).join(' and ');
    throw new IssuerProblem('method_not_allowed', `This address takes ${methods}, not ${method.slice(0, 10)}.`);
  }
  return { route: fitting.route, parameter: decode(fitting.parameter) };
}

const patterns = new Map<string, RegExp>();

function patternOf(path: string): RegExp {
  let pattern = patterns.get(path);
  if (!pattern) {
    pattern = new RegExp(`^${path.replace('*', '([^/]+)')}$`);
    patterns.set(path, pattern);
  }
  return pattern;
}

function decode(parameter: string): string {
  try {
    return decodeURIComponent(parameter);
  } catch {
    throw new IssuerProblem('not_found', 'There is nothing at this address.');
  }
}
