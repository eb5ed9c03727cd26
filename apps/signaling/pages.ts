import type { RequestListener } from 'node:http';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';
import { build } from 'vite';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));

/** Builds the examples' pages; resolves with what serves them. */
export async function buildPages(): Promise<RequestListener> {
  await build({ configFile: `${examples}vite.config.ts`, logLevel: 'warn' });
  const serve = sirv(`${examples}dist`, { etag: true });
  return (request, response) => {
    serve(request, response, () => {
      response.statusCode = 404;
      response.setHeader('content-type', 'text/plain; charset=utf-8');
      response.end('There is no such page here. All of them are linked at /.\n');
    });
  };
}
