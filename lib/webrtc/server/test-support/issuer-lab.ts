import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ManualClock } from '@innmesh/kit';
import { type CredentialClaims, type DenyList, readCredential, readDenyList } from '@innmesh/protocol';
import { onTestFinished } from 'vitest';
import { thumbprintOf, verifyJws } from '../auth/signatures.ts';
import { createIssuer, type Issuer, type IssuerOptions } from '../node/create-issuer.ts';

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
const decode = (part = '') => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;

/** A device with a key of its own, and the proofs it makes; tests bend them. */
export class Device {
  readonly peerId: string;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly jwk: { kty: string; crv: string; x: string; y: string };
  readonly #privateKey: KeyObject;
  credential = '';
  renewalToken = '';

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    this.jwk = { kty: 'EC', crv: 'P-256', x, y };
    this.#privateKey = privateKey;
    this.publicKey = Uint8Array.of(4, ...Buffer.from(x, 'base64url'), ...Buffer.from(y, 'base64url'));
    this.peerId = thumbprintOf(this.publicKey);
  }

  async sign(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(sign('sha256', bytes, { key: this.#privateKey, dsaEncoding: 'ieee-p1363' }));
  }

  proof(payload: Record<string, unknown>, header: Record<string, unknown> = {}): string {
    const signed = `${encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: this.jwk, ...header })}.${encode(payload)}`;
    const signature = sign('sha256', Buffer.from(signed), { key: this.#privateKey, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  }
}

export interface Reply {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what comes back is what the tests look at.
  body: any;
  headers: Headers;
}

/** What a test says otherwise than a device in order would. */
export interface Bent {
  /** Instead of a proof made for this request. */
  proof?: string | null;
  /** Parts of the proof's payload and header. */
  payload?: Record<string, unknown>;
  header?: Record<string, unknown>;
  /** Whose credential goes along; default: the device's, where it has one. */
  credential?: string | null;
  headers?: Record<string, string>;
  /** Instead of JSON. */
  rawBody?: string;
}

/** An issuer on a real socket and a clock that stands still. */
export class IssuerLab {
  readonly clock = new ManualClock(Date.UTC(2026, 0, 10, 12));
  readonly log: string[] = [];
  readonly denyLists: { tenantId: string; token: string }[] = [];
  url = '';
  issuer!: Issuer;

  static async start(options: Partial<IssuerOptions> = {}): Promise<IssuerLab> {
    const lab = new IssuerLab();
    const server = createServer((request, response) => {
      if (!lab.issuer.handle(request, response)) response.writeHead(404).end('somebody else’s');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    lab.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const log = (line: string) => void lab.log.push(line);
    lab.issuer = createIssuer({ origins: [lab.url], clock: lab.clock, log, ...options });
    lab.issuer.on('denyListChanged', (tenantId, token) => void lab.denyLists.push({ tenantId, token }));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
      lab.issuer.close();
    });
    return lab;
  }

  async call(device: Device | null, method: 'GET' | 'POST', path: string, body?: unknown, bent: Bent = {}) {
    const credential = bent.credential === undefined ? device?.credential : bent.credential;
    const proof =
      bent.proof === undefined ? device && this.proofOf(device, method, path, credential, bent) : bent.proof;
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(method === 'POST' && { 'content-type': 'application/json' }),
        ...(proof && { dpop: proof }),
        ...(credential && { authorization: `DPoP ${credential}` }),
        ...bent.headers,
      },
      ...(method === 'POST' && { body: bent.rawBody ?? JSON.stringify(body ?? {}) }),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers } as Reply;
  }

  proofOf(device: Device, method: string, path: string, credential?: string | null, bent: Bent = {}): string {
    const payload = {
      jti: randomUUID(),
      htm: method,
      htu: this.url + path,
      iat: Math.floor(this.clock.nowMs() / 1000),
      ...(credential && { ath: createHash('sha256').update(credential).digest('base64url') }),
      ...bent.payload,
    };
    return device.proof(payload, bent.header);
  }

  ask(device: Device, tenantId: string, more: Record<string, unknown> = {}, type = 'staff'): Promise<Reply> {
    const asked = { tenantId, device: { type, name: 'Front desk', capabilities: ['orders'] }, ...more };
    return this.call(device, 'POST', '/v1/enrolments', asked, { credential: null });
  }

  async poll(device: Device, tenantId: string, deviceCode: string): Promise<Reply> {
    return this.keep(
      device,
      await this.call(device, 'POST', '/v1/enrolments/token', { tenantId, deviceCode }, { credential: null }),
    );
  }

  async renew(device: Device, tenantId: string, renewalToken = device.renewalToken): Promise<Reply> {
    return this.keep(
      device,
      await this.call(device, 'POST', '/v1/renewals', { tenantId, renewalToken }, { credential: null }),
    );
  }

  confirm(device: Device, tenantId: string, renewalToken = device.renewalToken): Promise<Reply> {
    return this.call(device, 'POST', '/v1/renewals/confirm', { tenantId, renewalToken }, { credential: null });
  }

  guest(device: Device, tenantId: string, tableKey: string): Promise<Reply> {
    return this.call(device, 'POST', '/v1/guests', { tenantId, tableKey }, { credential: null });
  }

  approve(manager: Device, userCode: string, grant: Record<string, unknown> = {}): Promise<Reply> {
    const body = { userCode, role: 'staff', name: 'Front desk', capabilities: [], ...grant };
    return this.call(manager, 'POST', '/v1/enrolments/approve', body);
  }

  /** The first device of a property. */
  async manager(tenantId: string): Promise<Device> {
    const device = new Device();
    const asked = await this.ask(device, tenantId, { setupCode: this.issuer.createSetupCode() });
    await this.poll(device, tenantId, asked.body.deviceCode);
    return device;
  }

  /** A device that a manager has let in. */
  async member(manager: Device, tenantId: string, grant: Record<string, unknown> = {}): Promise<Device> {
    const device = new Device();
    const asked = await this.ask(device, tenantId);
    await this.approve(manager, asked.body.userCode, grant);
    await this.poll(device, tenantId, asked.body.deviceCode);
    return device;
  }

  /** The key of a table that is there from now on. */
  async table(manager: Device, tableId: string): Promise<string> {
    return (await this.call(manager, 'POST', `/v1/tables/${encodeURIComponent(tableId)}/key`)).body.tableKey;
  }

  /** What the issuer has signed. Throws where it has not. */
  claims(credential: string): CredentialClaims {
    const { jws, claims } = readCredential(credential);
    verifyJws(jws, this.issuer.publicKeys());
    return claims;
  }

  denyList(tenantId: string): DenyList {
    const list = readDenyList(this.issuer.denyList(tenantId));
    verifyJws(list.jws, this.issuer.publicKeys());
    return list;
  }

  keep(device: Device, reply: Reply): Reply {
    if (reply.status === 200) Object.assign(device, reply.body);
    return reply;
  }
}

/** The parts of a token, to be bent. */
export function takeApart(token: string) {
  const [header, payload, signature = ''] = token.split('.');
  return { header: decode(header), payload: decode(payload), signature, encode };
}
