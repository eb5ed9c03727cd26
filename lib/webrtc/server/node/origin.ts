import type { HttpRefusal } from './http-answers.ts';

/** Origins besides the server's own, or `any`. */
export type AllowedOrigins = readonly string[] | 'any';

const FORBIDDEN: HttpRefusal = {
  kind: 'origin',
  status: 403,
  text: "Pages of this origin may not connect here. The server's operator can allow it: allowedOrigins.",
};

/**
 * Browsers let any page open a WebSocket to anywhere and only tell where the page is from (RFC 6455 §10.2). A client
 * without that header is no browser; nothing would keep it from sending the right one, so it is let in.
 */
export function refuseOrigin(
  origin: string | undefined,
  host: string | undefined,
  allowed: AllowedOrigins,
): HttpRefusal | null {
  if (origin === undefined || allowed === 'any') return null;
  if (allowed.includes(origin) || isOwn(origin, host)) return null;
  return FORBIDDEN;
}

/** Of the scheme only the proxy in front knows. */
function isOwn(origin: string, host: string | undefined): boolean {
  const isWeb = /^https?:\/\//.test(origin) && URL.canParse(origin);
  return isWeb && new URL(origin).host === host?.toLowerCase();
}
