import type { IncomingMessage, ServerResponse } from 'node:http';
import { IssuerProblem } from '../issuer/problems.ts';

/** A request of ours is a few hundred bytes. */
export const MAX_BODY_BYTES = 16 * 1024;

/** The body's JSON; an empty one is `{}`. Throws `unsupported_media_type`, `body_too_large`, `invalid_request`. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const text = (await readBody(request)).toString('utf8');
  if (text === '') return {};
  const [mediaType = ''] = (request.headers['content-type'] ?? '').split(';');
  if (mediaType.trim().toLowerCase() !== 'application/json') {
    throw new IssuerProblem('unsupported_media_type', 'Send the body as JSON, with "Content-Type: application/json".');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new IssuerProblem('invalid_request', 'The request’s body is no JSON.');
  }
}

/** What comes over the bound is read and thrown away, so that the caller gets to see the answer. */
function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
      else reject(tooLarge());
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

const tooLarge = () => new IssuerProblem('body_too_large', `The request’s body is over ${MAX_BODY_BYTES} bytes.`);

/** What a route answers. */
export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  /** JSON, unless `headers` names another type. */
  body: unknown;
}

export function sendAnswer(response: ServerResponse, { status = 200, headers = {}, body }: Answer): void {
  const isText = typeof body === 'string';
  response.writeHead(status, {
    'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(status === 304 ? undefined : isText ? body : `${JSON.stringify(body)}\n`);
}

/** RFC 9457. `code` is stable, `detail` is for people. */
export function sendProblem(response: ServerResponse, { code, status, message, details }: IssuerProblem): void {
  const { retryAfterSeconds } = details;
  response.writeHead(status, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    ...(status === 401 && { 'www-authenticate': `DPoP algs="ES256", error="${code}"` }),
    // What is still coming of a body that is too large is not read.
    ...(status === 413 && { connection: 'close' }),
  });
  const title = code.replaceAll('_', ' ');
  response.end(
    `${JSON.stringify({ type: `urn:innmesh:problem:${code}`, title, status, code, detail: message, ...details })}\n`,
  );
}
