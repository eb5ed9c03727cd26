import { describe, expect, it, vi } from 'vitest';
import {
  connectRaw,
  HOST,
  openSocket,
  startAttacked,
  UPGRADE,
  type Upgraded,
  upgradeRaw,
} from '../test-support/attacked-server.ts';

const kinds = (log: { kind: string }[]) => log.map(({ kind }) => kind);
const request = (line: string, ...headers: string[]) =>
  [`${line} HTTP/1.1`, `Host: ${HOST}`, 'Connection: close', ...headers, '', ''].join('\r\n');

describe('an address with too many', () => {
  it('WebSockets is told so with 429, and when to try again; when one closes, the next is let in', async () => {
    const { server, log, metric } = await startAttacked({ limits: { address: { sockets: 2 } } });
    const [first, second] = [openSocket(server), openSocket(server)];
    expect(await Promise.all([first.outcome, second.outcome])).toEqual(['open', 'open']);
    expect(await openSocket(server).outcome).toEqual({
      status: 429,
      retryAfter: '10',
      text: '2 WebSockets are open from this address. Try again in 10 s.\n',
    });
    expect(kinds(log)).toEqual(['address_sockets']);
    expect(await metric('innmesh_refusals_total{reason="address_sockets"}')).toBe(1);
    first.websocket.close();
    await first.ended;
    await vi.waitFor(async () => expect(await openSocket(server).outcome).toBe('open'));
  });

  it('new WebSockets in a time is told when it may', async () => {
    const newSockets = { burst: 1, perSecond: 0.01 };
    const { server, log } = await startAttacked({ limits: { address: { newSockets } } });
    expect(await openSocket(server).outcome).toBe('open');
    expect(await openSocket(server).outcome).toMatchObject({ status: 429, retryAfter: '100' });
    expect(kinds(log)).toEqual(['address_new_sockets']);
  });

  it('connections is refused before it has said anything', async () => {
    const { server, log } = await startAttacked({ limits: { address: { connections: 2 } } });
    const held = [await connectRaw(server), await connectRaw(server)];
    expect(await (await connectRaw(server)).closed).toContain('2 connections are open from this address.');
    expect(kinds(log)).toEqual(['address_connections']);
    held[0]?.socket.destroy();
    await vi.waitFor(async () => {
      const next = await connectRaw(server, request('GET /healthz'));
      expect(await next.closed).toContain('200 OK');
    });
  });

  it('refused joins may not try again, and one that joined from there before may', async () => {
    const { server, log } = await startAttacked({
      limits: { address: { failedJoins: { burst: 2, perSecond: 0.001 } } },
    });
    const attempt = async (act: (upgraded: Upgraded) => unknown) => {
      const upgraded = openSocket(server);
      expect(await upgraded.outcome).toBe('open');
      await act(upgraded);
      return Promise.race([upgraded.welcomed, upgraded.ended.then(({ code }) => code)]);
    };
    const garbage = ({ websocket }: Upgraded) => websocket.send(new Uint8Array(9));
    const joinAs = (name: string) => (upgraded: Upgraded) => upgraded.join(name);
    expect(await attempt(joinAs('known'))).toBe('welcome');
    expect([await attempt(garbage), await attempt(garbage)]).toEqual([4400, 4400]);
    expect(await attempt(joinAs('stranger'))).toBe(4429);
    expect(await attempt(joinAs('known'))).toBe('welcome');
    expect(kinds(log)).toEqual(['malformed_frame', 'address_failed_joins']);
  });
});

describe('the server as a whole', () => {
  it('has so many connections open, wherever they are from', async () => {
    const { server, log } = await startAttacked({ limits: { http: { connections: 2 } } });
    const held = [await connectRaw(server), await connectRaw(server)];
    expect(await (await connectRaw(server)).closed).toBe('');
    expect(log).toMatchObject([{ kind: 'server_connections', address: '127.0.0.0/24' }]);
    expect(held.every(({ socket }) => !socket.destroyed)).toBe(true);
  });
});

describe('behind a trusted proxy', () => {
  const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } });
  const limits = { address: { sockets: 1, connections: 1 } };

  it('each client has its own account, and its own address in the log', async () => {
    const { server, log } = await startAttacked({ limits, trustedProxies: ['127.0.0.1'] });
    expect(await openSocket(server, from('203.0.113.7')).outcome).toBe('open');
    expect(await openSocket(server, from('198.51.100.1')).outcome).toBe('open');
    expect(await openSocket(server, from('203.0.113.7')).outcome).toMatchObject({ status: 429 });
    expect(await openSocket(server, from('192.0.2.9, 203.0.113.7')).outcome).toMatchObject({ status: 429 });
    expect(log).toMatchObject([{ kind: 'address_sockets', address: '203.0.113.0/24' }]);
  });

  it('cannot be claimed by a client that comes directly', async () => {
    const { server } = await startAttacked({ limits: { address: { sockets: 1 } } });
    expect(await openSocket(server, from('203.0.113.7')).outcome).toBe('open');
    expect(await openSocket(server, from('198.51.100.1')).outcome).toMatchObject({ status: 429 });
  });
});

describe("a page's WebSocket", () => {
  const allowedOrigins = ['https://hotel.example'];

  it('is refused with 403 and words when its origin is not allowed', async () => {
    const { server, log } = await startAttacked({ allowedOrigins });
    expect(await openSocket(server, { origin: 'https://evil.example' }).outcome).toMatchObject({
      status: 403,
      text: expect.stringContaining('Pages of this origin may not connect here.'),
    });
    expect(kinds(log)).toEqual(['origin']);
    expect(server.stats().sockets).toBe(0);
  });

  it("is let in from an allowed origin, from the server's own, and without any", async () => {
    const { server } = await startAttacked({ allowedOrigins });
    for (const origin of ['https://hotel.example', `http://${HOST}:${server.port}`, undefined]) {
      expect(await openSocket(server, origin ? { origin } : {}).outcome).toBe('open');
    }
  });

  it('is let in from anywhere in development mode', async () => {
    const { server } = await startAttacked();
    expect(await openSocket(server, { origin: 'https://anywhere.example' }).outcome).toBe('open');
  });
});

describe('a token in a URL', () => {
  const TOKEN = 'eyJhbGciOiJFZERTQSJ9.eyJ0ZW5hbnQiOiJob3RlbCJ9.c2lnbmF0dXJl';

  it('is refused with 400, on an upgrade and on a page, and stands in no log', async () => {
    const { server, log, lines } = await startAttacked();
    const words = expect.stringContaining('send it in the join frame instead');
    expect(await openSocket(server, {}, `/?token=${TOKEN}`).outcome).toMatchObject({ status: 400, text: words });
    const page = await fetch(`http://${HOST}:${server.port}/page?x=${TOKEN}`);
    expect([page.status, await page.text()]).toEqual([400, words]);
    expect(kinds(log)).toEqual(['token_in_url']);
    expect(lines.join('\n')).not.toMatch(/eyJ|token=/);
  });

  it('stands in no log either when it is sent as a subprotocol', async () => {
    const { server, lines } = await startAttacked();
    const client = await connectRaw(server, UPGRADE.replace('innmesh.', `${TOKEN}, innmesh.9`));
    await client.heard('This server speaks');
    client.socket.destroy();
    expect(lines).toEqual([expect.stringContaining('subprotocol offered: [redacted]')]);
  });
});

describe('a request', () => {
  it.each([
    ['with headers over 8 KiB', request('GET /', `X: ${'x'.repeat(9_000)}`), '431', 'headers_too_large'],
    ['with 65 headers', request('GET /', ...new Array(63).fill('X: y')), '431', 'headers_too_large'],
    ['with a body over 64 KiB', request('POST /', 'Content-Length: 65537'), '413', 'body_too_large'],
    ['with a body without a length', request('POST /', 'Transfer-Encoding: chunked'), '411', 'body_too_large'],
    ['that is no HTTP', '\u0016\u0003\u0001 hello \r\n\r\n', '400', 'malformed_request'],
    ['for a broken upgrade', UPGRADE.replace('AAAAAAAAAAAAAAAAAAAAAA==', 'short'), '400', 'malformed_request'],
    [
      'for an upgrade with 65 headers',
      UPGRADE.replace('\r\n', `\r\n${'X: y\r\n'.repeat(59)}`),
      '431',
      'headers_too_large',
    ],
  ])('%s is refused', async (_, words, status, kind) => {
    const { server, log, metric } = await startAttacked();
    const client = await connectRaw(server, words);
    expect(await client.closed).toContain(`HTTP/1.1 ${status}`);
    expect(kinds(log)).toEqual([kind]);
    expect(await metric(`innmesh_refusals_total{reason="${kind}"}`)).toBe(1);
  });

  it('with as many headers as may be is answered', async () => {
    const { server } = await startAttacked({ limits: { http: { headers: 5 } } });
    const client = await connectRaw(server, request('GET /healthz', 'A: 1', 'B: 2', 'C: 3'));
    expect(await client.closed).toContain('200 OK');
  });
});

describe('/metrics', () => {
  it('counts what happens on real sockets', async () => {
    const { server, metric } = await startAttacked();
    const { join, welcomed } = openSocket(server);
    await join('p');
    await welcomed;
    expect([await metric('innmesh_devices'), await metric('innmesh_joins_total')]).toEqual([1, 1]);
  });

  it('asks for its token, where there is one', async () => {
    const { server, log, lines } = await startAttacked({ metricsToken: 'a token for metrics' });
    const get = (headers: Record<string, string>) => fetch(`http://${HOST}:${server.port}/metrics`, { headers });
    const wrong = ['Bearer a token for metricz', 'Bearer a', 'a token for metrics', ''];
    for (const authorization of wrong) expect((await get({ authorization })).status).toBe(401);
    expect((await get({ authorization: 'Bearer a token for metrics' })).status).toBe(200);
    expect([kinds(log), lines.join().includes('metricz')]).toEqual([['metrics_token'], false]);
  });

  it('is a page like any other where it is switched off', async () => {
    const { server } = await startAttacked({ metrics: false });
    expect((await fetch(`http://${HOST}:${server.port}/metrics`)).status).toBe(404);
  });
});

describe('the log', () => {
  it('has one line for the first refusal of a kind, and the rest at the end', async () => {
    const { server, log } = await startAttacked({ allowedOrigins: [] });
    const refused = { origin: 'https://evil.example' };
    for (let attempts = 0; attempts < 20; attempts++) await openSocket(server, refused).outcome;
    expect(log).toEqual([expect.objectContaining({ kind: 'origin', code: 403, address: '127.0.0.0/24' })]);
    await server.close();
    expect(log[1]).toMatchObject({ kind: 'origin', repeated: 19 });
  });

  it('tells of a mute WebSocket that did not join', async () => {
    const { server, lines } = await startAttacked({ joinTimeoutMs: 20, limits: { http: { closingTimeoutMs: 20 } } });
    await (await upgradeRaw(server)).closed;
    expect(lines).toEqual([
      'event=refused kind=join_timeout code=4408 address=127.0.0.0/24 reason="No join within 20 ms."',
    ]);
  });
});
