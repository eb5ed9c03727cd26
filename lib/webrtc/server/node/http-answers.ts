import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RefusalKind } from '../refusals.ts';

/** A refusal where there is no WebSocket yet. */
export interface HttpRefusal {
  kind: RefusalKind;
  status: keyof typeof statusTexts;
  /** In plain words: what happened, and what to do. */
  text: string;
  headers?: Record<string, string>;
}

const statusTexts = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  408: 'Request Timeout',
  411: 'Length Required',
  413: 'Content Too Large',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
} as const;

/** Refuses, and closes the connection: what may still come on it is not wanted. */
export function refuseRequest(response: ServerResponse, { status, text, headers }: HttpRefusal): void {
  response.writeHead(status, { ...plainText, ...headers });
  response.end(`${text}\n`, () => (response.req.complete ? undefined : response.req.destroy()));
}

/** The same where Node has made no response: on an upgrade, and for what is no HTTP. */
export function refuseSocket(socket: Socket, { status, text, headers }: HttpRefusal): void {
  socket.on('error', () => {});
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = `${text}\n`;
  const fields = { ...plainText, 'content-length': String(Buffer.byteLength(body)), ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} ${statusTexts[status]}\r\n${lines.join('')}\r\n${body}`);
  socket.destroySoon();
}

const plainText = { 'content-type': 'text/plain; charset=utf-8', connection: 'close' };
