import type { IncomingMessage } from 'node:http';
import type { HttpRefusal } from './http-answers.ts';

const SECRET_NAMES =
  /^(?:access_?token|id_?token|refresh_?token|token|credentials?|jwt|auth|authorization|bearer|password|secret|api_?key)$/i;
const JWT = /[\w-]{8,}\.[\w-]{8,}\.[\w-]*/;

const TOKEN_IN_URL: HttpRefusal = {
  kind: 'token_in_url',
  status: 400,
  text: 'The URL carries what looks like a token. URLs end up in logs and histories: send it in the join frame instead.',
};

/** A secret in a URL is refused even where it would be ignored, so that nobody gets used to it (RFC 6750 §5.3). */
export function refuseTokenInUrl(url = '/'): HttpRefusal | null {
  const [, query] = url.split(/\?(.*)/s);
  if (query === undefined) return null;
  for (const [name, value] of new URLSearchParams(query)) {
    if (SECRET_NAMES.test(name) || JWT.test(name) || JWT.test(value)) return TOKEN_IN_URL;
  }
  return null;
}

/** A body of unknown length is not waited for. */
export function refuseBody({ headers }: IncomingMessage, maxBytes: number): HttpRefusal | null {
  const kind = 'body_too_large';
  if (headers['transfer-encoding'] !== undefined) {
    return { kind, status: 411, text: 'The length of a body must be announced: Content-Length.' };
  }
  if (Number(headers['content-length'] ?? 0) <= maxBytes) return null;
  return { kind, status: 413, text: `A body may be ${maxBytes} bytes long here.` };
}

/**
 * Node 20 leaves out the headers over its own limit without a word (later ones refuse them). A proxy's X-Forwarded-For
 * comes last and would be among them.
 */
export function refuseHeaders({ rawHeaders }: IncomingMessage, maxHeaders: number): HttpRefusal | null {
  if (rawHeaders.length / 2 <= maxHeaders) return null;
  return { kind: 'headers_too_large', status: 431, text: `A request may have ${maxHeaders} headers here.` };
}
