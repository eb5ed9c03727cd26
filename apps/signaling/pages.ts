import type { RequestListener } from 'node:http';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';
import { build } from 'vite';

const folderOf = (path: string) => fileURLToPath(new URL(`../../${path}/`, import.meta.url));

/** Builds the examples' pages, and those of enrolment where they are wanted; resolves with what serves them. */
export async function buildPages({ enrolment = false } = {}): Promise<RequestListener> {
  const examples = await buildFolder(folderOf('examples'));
  const settings = JSON.stringify({ enrolment });
  const served = enrolment ? mount('/enrolment', await buildFolder(folderOf('apps/enrolment')), examples) : examples;
  return (request, response) => {
    if (request.url === '/settings.json') {
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(settings);
      return;
    }
    served(request, response, () => {
      response.statusCode = 404;
      response.setHeader('content-type', 'text/plain; charset=utf-8');
      response.end('There is no such page here. All of them are linked at /.\n');
    });
  };
}

type Handler = ReturnType<typeof sirv>;

async function buildFolder(folder: string): Promise<Handler> {
  await build({ configFile: `${folder}vite.config.ts`, logLevel: 'warn' });
  return sirv(`${folder}dist`, { etag: true });
}

/** A manager's page lets devices in at a touch: nothing else may run in it, and it runs in no other page. */
const ENROLMENT_POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";

/** What is under `path` comes from `inner`, the rest from `outer`. */
function mount(path: string, inner: Handler, outer: Handler): Handler {
  return (request, response, next) => {
    const { url = '/' } = request;
    if (url === path) {
      response.writeHead(301, { location: `${path}/` }).end();
    } else if (url.startsWith(`${path}/`)) {
      request.url = url.slice(path.length);
      response.setHeader('content-security-policy', ENROLMENT_POLICY);
      inner(request, response, next);
    } else {
      outer(request, response, next);
    }
  };
}
