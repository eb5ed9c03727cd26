import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@innmesh/kit';
import { ConfigurationError, CredentialError, readCredential } from '@innmesh/protocol';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createSignalingServer } from '../../signaling-server.ts';
import type { Trust } from '../auth/assemble-auth.ts';
import type { AuthOptions } from '../auth/auth-options.ts';
import { verifyBy } from '../auth/issuer-key-source.ts';
import { sharedSecretKey } from '../auth/signatures.ts';
import { TestIssuer } from '../test-support/test-issuer.ts';
import { openTrust } from './open-trust.ts';

let clock: ManualClock;
let issuer: TestIssuer;
let next: TestIssuer;
let failures: unknown[];

beforeEach(() => {
  clock = new ManualClock(Date.UTC(2026, 0, 10));
  [issuer, next] = [new TestIssuer(clock), new TestIssuer(clock)];
  failures = [];
});

async function open(auth: AuthOptions): Promise<Trust> {
  const failed = (error: unknown) => void failures.push(error);
  const trust = await openTrust(auth, { clock, failed, isProduction: true });
  if (!trust) throw new Error('This is development mode.');
  onTestFinished(() => trust.keys.close());
  return trust;
}

/** Whether what `by` signs is believed. */
function trusts({ keys }: Trust, by: TestIssuer): boolean {
  try {
    verifyBy(keys, readCredential(by.credential()).jws);
    return true;
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error;
    return false;
  }
}

describe('in production', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('a server that checks nobody does not start, and says what to set [J10]', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    const starting = createSignalingServer({ port: 0, host: '127.0.0.1' });
    await expect(starting).rejects.toThrow(expect.objectContaining({ code: 'INVALID_CONFIGURATION', path: 'auth' }));
    await expect(starting).rejects.toThrow('INNMESH_ISSUER_KEYS');
  });

  it('a server that checks its devices starts', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    const server = await createSignalingServer({ port: 0, host: '127.0.0.1', auth: { issuerKeys: issuer.keySet } });
    await server.close();
  });
});

describe('options that let nobody in, or the wrong ones, are refused with their path', () => {
  it.each<[string, AuthOptions]>([
    ['auth.issuerKeys', {}],
    ['auth.issuerKeys', { hosts: ['signaling.example.com'] }],
    ['auth.issuerKeys', { issuerKeys: { keys: [] } }],
    ['auth.issuerKeys', { issuerKeys: '/nowhere/keys.json' }],
    ['auth.issuerKeys', { issuerKeys: () => ({ keys: [{ kty: 'RSA', kid: 'a' }] }) }],
    ['auth.sharedSecret', { sharedSecret: 'x'.repeat(31) }],
    ['auth.hosts[0]', { sharedSecret: 'x'.repeat(32), hosts: ['https://signaling.example.com'] }],
    ['auth.hosts[1]', { sharedSecret: 'x'.repeat(32), hosts: ['ok.example', 'Signaling.Example.com'] }],
    ['auth.hosts[0]', { sharedSecret: 'x'.repeat(32), hosts: ['signaling.example.com:443'] }],
    ['auth.denyList', { sharedSecret: 'x'.repeat(32), denyList: 'list' as never }],
  ])('%s of %j', async (path, auth) => {
    await expect(open(auth)).rejects.toThrow(ConfigurationError);
    await expect(open(auth)).rejects.toThrow(expect.objectContaining({ path }));
  });
});

describe('a shared secret', () => {
  const secret = 'a secret of at least 32 bytes, this';
  const bySecret = () => new TestIssuer(clock, sharedSecretKey(Buffer.from(secret)));

  it('verifies what was signed with it, beside public keys and alone', async () => {
    const both = await open({ sharedSecret: secret, issuerKeys: issuer.keySet });
    expect([trusts(both, bySecret()), trusts(both, issuer), trusts(both, next)]).toEqual([true, true, false]);
    const alone = await open({ sharedSecret: secret });
    expect([trusts(alone, bySecret()), trusts(alone, issuer)]).toEqual([true, false]);
  });

  it('is another one where a letter differs', async () => {
    expect(trusts(await open({ sharedSecret: `${secret}.` }), bySecret())).toBe(false);
  });
});

describe('keys from a function', () => {
  it('are asked for again when one is unknown, every ten seconds at most, and after a minute in any case', async () => {
    const ask = vi.fn(() => issuer.keySet);
    const trust = await open({ issuerKeys: ask });
    ask.mockImplementation(() => next.keySet);
    for (let times = 0; times < 50; times++) expect(trusts(trust, next)).toBe(false);
    expect(ask).toHaveBeenCalledTimes(1);
    clock.advance(10_000);
    expect(trusts(trust, next)).toBe(true);
    ask.mockImplementation(() => issuer.keySet);
    clock.advance(60_000);
    expect([trusts(trust, next), ask.mock.calls.length]).toEqual([false, 3]);
  });
});

describe('keys from a file', () => {
  let path: string;
  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), 'innmesh-keys-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    path = join(folder, 'keys.json');
    writeFileSync(path, JSON.stringify(issuer.keySet));
  });

  it('are read again when the file has changed', async () => {
    const trust = await open({ issuerKeys: path });
    expect([trusts(trust, issuer), trusts(trust, next)]).toEqual([true, false]);
    writeFileSync(path, JSON.stringify({ keys: [...issuer.keySet.keys, ...next.keySet.keys] }));
    clock.advance(10_000);
    expect([trusts(trust, issuer), trusts(trust, next)]).toEqual([true, true]);
    writeFileSync(path, JSON.stringify(next.keySet));
    clock.advance(60_000);
    expect(trusts(trust, issuer)).toBe(false);
  });

  it('stay as they were while the file is broken, and the operator is told', async () => {
    const trust = await open({ issuerKeys: path });
    writeFileSync(path, '{"keys": [');
    clock.advance(60_000);
    expect(trusts(trust, issuer)).toBe(true);
    expect(failures).toEqual([expect.objectContaining({ message: expect.stringContaining(path) })]);
  });

  it('that is no JWK set keep the server from starting', async () => {
    writeFileSync(path, '[]');
    await expect(open({ issuerKeys: path })).rejects.toThrow('"auth.issuerKeys" is no JWK set');
  });
});

describe('keys from a URL', () => {
  const answer: { with: RequestListener } = { with: () => {} };
  const serve = (body: unknown) => {
    answer.with = (_, response) => void response.end(JSON.stringify(body));
  };
  let requests: number;

  async function startIssuer(): Promise<string> {
    requests = 0;
    const server = createServer((request, response) => {
      requests += 1;
      answer.with(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/issuer-keys`;
  }

  it('are fetched behind the joins, and one that is unknown is good as soon as it came', async () => {
    serve(issuer.keySet);
    const trust = await open({ issuerKeys: await startIssuer() });
    serve(next.keySet);
    clock.advance(10_000);
    expect([trusts(trust, issuer), trusts(trust, next)]).toEqual([true, false]);
    await vi.waitFor(() => expect(trusts(trust, next)).toBe(true));
  });

  it('are fetched once in ten seconds at most, however many unknown ones come', async () => {
    serve(issuer.keySet);
    const trust = await open({ issuerKeys: await startIssuer() });
    for (let times = 0; times < 50; times++) trusts(trust, next);
    clock.advance(10_000);
    for (let times = 0; times < 50; times++) trusts(trust, next);
    await vi.waitFor(() => expect(requests).toBe(2));
    await new Promise(setImmediate);
    expect(requests).toBe(2);
  });

  it('are fetched every five minutes, and stay as they were while the issuer is away', async () => {
    serve(issuer.keySet);
    const trust = await open({ issuerKeys: await startIssuer() });
    answer.with = (_, response) => void response.writeHead(503).end();
    clock.advance(5 * 60_000);
    await vi.waitFor(() => expect(failures).toHaveLength(1));
    expect(String(failures[0])).toContain('HTTP 503');
    expect(trusts(trust, issuer)).toBe(true);
  });

  it('keep the server from starting where the issuer leads elsewhere, which may be from https to http', async () => {
    answer.with = ({ url }, response) => {
      if (url === '/elsewhere') response.end(JSON.stringify(issuer.keySet));
      else response.writeHead(302, { location: '/elsewhere' }).end();
    };
    await expect(open({ issuerKeys: await startIssuer() })).rejects.toThrow('cannot be had from');
  });

  it.each<[string, RequestListener, string]>([
    ['answers with a failure', (_, response) => void response.writeHead(404).end(), 'the answer was HTTP 404'],
    ['answers with something else', (_, response) => void response.end('<html>'), 'is not valid JSON'],
    ['has no keys', (_, response) => void response.end('{"keys":[]}'), 'has no P-256 key'],
    ['hangs up', (request) => void request.socket.destroy(), 'cannot be had from http://127.0.0.1'],
  ])('keep the server from starting where the issuer %s', async (_, listener, words) => {
    answer.with = listener;
    await expect(open({ issuerKeys: await startIssuer() })).rejects.toThrow(words);
  });
});
