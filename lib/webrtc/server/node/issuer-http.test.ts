import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKeySet } from '@innmesh/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { problemCodes } from '../issuer/problems.ts';
import { Device, IssuerLab } from '../test-support/issuer-lab.ts';
import { createIssuer } from './create-issuer.ts';

const HOTEL = 'hotel-abc';
const root = join(import.meta.dirname, '../../../..');

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'innmesh-issuer-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('a request', () => {
  it('over 16 KiB is refused, whether its length is told or not', async () => {
    const lab = await IssuerLab.start();
    const device = new Device();
    const rawBody = JSON.stringify({ tenantId: 'x'.repeat(17_000) });
    const told = await lab.call(device, 'POST', '/v1/enrolments', undefined, { rawBody });
    expect(told).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
    const stream = new ReadableStream({
      start(controller) {
        for (let index = 0; index < 40; index++) controller.enqueue(new Uint8Array(1_000));
        controller.close();
      },
    });
    const streamed = await fetch(`${lab.url}/v1/enrolments`, {
      method: 'POST',
      body: stream,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    } as RequestInit);
    expect(streamed.status).toBe(413);
  });

  it('that is no JSON is refused', async () => {
    const lab = await IssuerLab.start();
    const call = (headers: Record<string, string>, rawBody: string) =>
      lab.call(new Device(), 'POST', '/v1/enrolments', undefined, { headers, rawBody });
    expect((await call({ 'content-type': 'text/plain' }, '{}')).body.code).toBe('unsupported_media_type');
    expect((await call({}, '{')).body.code).toBe('invalid_request');
    expect((await call({}, '"text"')).body).toMatchObject({ code: 'invalid_request', status: 400 });
  });

  it('with a wrong field is told which, and what it should be', async () => {
    const lab = await IssuerLab.start();
    const reply = await lab.ask(new Device(), HOTEL, { device: { type: 'toaster', name: 'x', capabilities: [] } });
    expect(reply.body).toMatchObject({
      type: 'urn:innmesh:problem:invalid_request',
      code: 'invalid_request',
      path: 'device.type',
      detail: expect.stringContaining('The request’s "device.type" must be one of "staff", "pos"'),
    });
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
    expect((await lab.ask(new Device(), HOTEL, { setupcode: 'x' })).body.detail).toContain('"setupcode"');
  });

  it('to nowhere, or by another method, is told so', async () => {
    const lab = await IssuerLab.start();
    expect((await lab.call(null, 'GET', '/v1/nowhere')).body.code).toBe('not_found');
    expect((await lab.call(null, 'GET', '/v1/deny-lists/%')).body.code).toBe('not_found');
    expect((await lab.call(null, 'GET', '/v1/renewals')).body).toMatchObject({
      code: 'method_not_allowed',
      detail: 'This address takes POST, not GET.',
    });
  });

  it('to another address than /v1/ is left to others', async () => {
    const lab = await IssuerLab.start();
    expect(await (await fetch(`${lab.url}/guest/`)).text()).toBe('somebody else’s');
  });

  it('beyond the bound of its address is told to wait', async () => {
    const lab = await IssuerLab.start();
    const replies = await Promise.all(Array.from({ length: 610 }, () => lab.call(null, 'GET', '/v1/issuer-keys')));
    expect(replies.filter(({ status }) => status === 429).length).toBe(10);
  });

  it('that is cut off harms nothing', async () => {
    const lab = await IssuerLab.start();
    const { port } = new URL(lab.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      'POST /v1/enrolments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    );
    await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    expect((await lab.call(null, 'GET', '/v1/issuer-keys')).status).toBe(200);
  });
});

describe('a page of another origin', () => {
  it('may call the issuer where its origin is allowed', async () => {
    const lab = await IssuerLab.start({ allowedOrigins: ['https://orders.example'] });
    const preflight = (origin: string) => fetch(`${lab.url}/v1/renewals`, { method: 'OPTIONS', headers: { origin } });
    const allowed = await preflight('https://orders.example');
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://orders.example');
    expect(allowed.headers.get('access-control-allow-headers')).toContain('dpop');
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
    expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('may always fetch what is public', async () => {
    const lab = await IssuerLab.start();
    const response = await fetch(`${lab.url}/v1/issuer-keys`, { headers: { origin: 'https://any.example' } });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe('what is public', () => {
  it('is the key set, with the next key in it, for an hour', async () => {
    const lab = await IssuerLab.start();
    const { body, headers } = await lab.call(null, 'GET', '/v1/issuer-keys');
    expect(headers.get('cache-control')).toBe('public, max-age=3600');
    expect(readKeySet(body).keys).toHaveLength(2);
    expect(JSON.stringify(body)).not.toMatch(/"d"|PRIVATE/);
  });

  it('is the deny list, fetched again only when it has changed', async () => {
    const lab = await IssuerLab.start();
    const manager = await lab.manager(HOTEL);
    const device = await lab.member(manager, HOTEL);
    const path = `/v1/deny-lists/${HOTEL}`;
    const first = await lab.call(null, 'GET', path);
    expect(first.headers.get('content-type')).toBe('application/jwt');
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
    expect((await lab.call(null, 'GET', path, undefined, { headers })).status).toBe(304);
    await lab.call(manager, 'POST', `/v1/devices/${device.peerId}/revoke`);
    const changed = await lab.call(null, 'GET', path, undefined, { headers });
    expect([changed.status, changed.body]).toEqual([200, lab.issuer.denyList(HOTEL)]);
    expect((await lab.call(null, 'GET', '/v1/deny-lists/nowhere')).body.code).toBe('unknown_tenant');
  });
});

describe('an issuer with a data directory', () => {
  it('keeps devices and keys over a restart, for its owner alone, and no secret of a device [E11]', async () => {
    const dataDir = temporaryFolder();
    const lab = await IssuerLab.start({ dataDir });
    const manager = await lab.manager(HOTEL);
    const { deviceCode, userCode } = (await lab.ask(new Device(), HOTEL)).body;
    expect(statSync(join(dataDir, 'issuer-keys.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, 'issuer.sqlite')).mode & 0o777).toBe(0o600);
    lab.issuer.close();
    const files = ['issuer.sqlite', 'issuer.sqlite-wal'].map((file) => join(dataDir, file));
    const stored = files.map((file) => (statSync(file, { throwIfNoEntry: false }) ? readFileSync(file, 'latin1') : ''));
    expect(stored.join()).toContain(manager.peerId);
    for (const secret of [manager.renewalToken, deviceCode, userCode, userCode.replace('-', ''), manager.credential]) {
      expect(stored.join()).not.toContain(secret);
    }
    lab.issuer = createIssuer({ dataDir, origins: [lab.url], clock: lab.clock });
    expect((await lab.call(manager, 'GET', '/v1/devices')).status).toBe(200);
    expect((await lab.renew(manager, HOTEL)).status).toBe(200);
    expect(lab.issuer.firstSetupCode()).toBeNull();
  });

  it('remembers used proofs over a restart [E2]', async () => {
    const dataDir = temporaryFolder();
    const lab = await IssuerLab.start({ dataDir });
    const manager = await lab.manager(HOTEL);
    const proof = lab.proofOf(manager, 'GET', '/v1/devices', manager.credential);
    await lab.call(manager, 'GET', '/v1/devices', undefined, { proof });
    lab.issuer.close();
    lab.issuer = createIssuer({ dataDir, origins: [lab.url], clock: lab.clock });
    expect((await lab.call(manager, 'GET', '/v1/devices', undefined, { proof })).status).toBe(401);
  });
});

describe('the log', () => {
  it('has no secret in it, whatever goes wrong', async () => {
    const lab = await IssuerLab.start();
    const manager = await lab.manager(HOTEL);
    lab.issuer.on('denyListChanged', () => {
      throw new Error('a handler’s fault');
    });
    const token = manager.renewalToken;
    await lab.renew(manager, HOTEL);
    await lab.confirm(manager, HOTEL);
    lab.clock.advance(61_000);
    await lab.renew(manager, HOTEL, token);
    expect(lab.log).toHaveLength(2);
    for (const secret of [token, manager.credential, manager.renewalToken])
      expect(lab.log.join()).not.toContain(secret);
  });
});

describe('createIssuer()', () => {
  it.each([
    [{ origins: [] }, 'origins'],
    [{ origins: ['https://id.example.com/'] }, 'origins[0]'],
    [{ origins: ['https://a.example'], limits: { credentialMs: 0 } }, 'limits.credentialMs'],
    [{ origins: ['https://a.example'], limits: { lifetime: 1 } as object }, 'limits.lifetime'],
  ])('says what is wrong with its options (%#)', (options, path) => {
    expect(() => createIssuer(options)).toThrow(expect.objectContaining({ code: 'INVALID_CONFIGURATION', path }));
  });
});

describe('the documents', () => {
  it('explain every code of a problem', () => {
    const explained = readFileSync(join(root, 'docs/operations/issuer.md'), 'utf8');
    expect(problemCodes.filter((code) => !explained.includes(`\`${code}\``))).toEqual([]);
  });
});

describe('tsx lib/webrtc/issuer-server.ts', () => {
  it('prints a setup code at its first start, and prints further ones when asked', async () => {
    const dataDir = temporaryFolder();
    const run = (...args: string[]) =>
      spawn(join(root, 'node_modules/.bin/tsx'), ['lib/webrtc/issuer-server.ts', ...args], {
        cwd: root,
        env: {
          ...process.env,
          PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
          PORT: '0',
          INNMESH_DATA_DIR: dataDir,
          HOST: '127.0.0.1',
        },
      });
    const output = async (child: ReturnType<typeof run>, pattern: RegExp) => {
      let text = '';
      for await (const chunk of child.stdout) {
        text += chunk;
        if (pattern.test(text)) return text;
      }
      throw new Error(`It ended and said: ${text}`);
    };
    const server = run();
    onTestFinished(() => void server.kill('SIGKILL'));
    expect(await output(server, /for a day: /)).toMatch(/([B-Z]{4}-){3}[B-Z]{4}/);
    expect(await output(run('setup-code', 'hotel-two'), /for "hotel-two" alone: .*\n/)).toMatch(
      /([B-Z]{4}-){3}[B-Z]{4}/,
    );
    server.kill('SIGTERM');
  });
});
