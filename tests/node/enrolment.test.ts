import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandom } from '@innmesh/kit';
import type { CredentialRequest, EnrolmentCode } from '@innmesh/webrtc/enrolment';
import {
  type EnrolledCredentialOptions,
  enrolledCredential,
  guestCredential,
  MemoryCredentialStore,
  PropertyDevices,
} from '@innmesh/webrtc/enrolment';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openCredentialStore } from '../../lib/webrtc/client/enrolment/credential-store.node.ts';
import { Device, IssuerLab } from '../../lib/webrtc/server/test-support/issuer-lab.ts';

const HOTEL = 'hotel-abc';
const HOUR_MS = 3_600_000;

/** A device's own side, against a real issuer; `calls` are the paths that it asked for. */
class Lab {
  readonly issuer: IssuerLab;
  readonly device = new Device();
  readonly store = new MemoryCredentialStore();
  readonly codes: EnrolmentCode[] = [];
  readonly calls: string[] = [];
  /** What happens to a request instead of being sent, or to its answer. */
  intercept: (path: string, send: () => Promise<Response>) => Promise<Response> = (_, send) => send();
  /** How far the device's clock is off. */
  clockOffMs = 0;

  private constructor(issuer: IssuerLab) {
    this.issuer = issuer;
  }

  static async start(...options: Parameters<typeof IssuerLab.start>): Promise<Lab> {
    return new Lab(await IssuerLab.start(...options));
  }

  get deps() {
    const { clock } = this.issuer;
    return {
      random: systemRandom,
      clock: {
        nowMs: () => clock.nowMs() + this.clockOffMs,
        monotonicMs: () => clock.monotonicMs(),
        setTimer: clock.setTimer.bind(clock),
      },
      fetch: (async (url: string, init: RequestInit) => {
        const { pathname } = new URL(url);
        this.calls.push(pathname);
        return this.intercept(pathname, () => fetch(url, init));
      }) as typeof fetch,
    };
  }

  get request(): CredentialRequest {
    const deviceInfo = { type: 'staff' as const, name: 'Tablet', capabilities: [] };
    return { tenantId: HOTEL, deviceInfo, device: this.device };
  }

  source(options: Partial<EnrolledCredentialOptions> = {}) {
    const onCode = (code: EnrolmentCode) => void this.codes.push(code);
    const source = enrolledCredential({ issuer: this.issuer.url, store: this.store, onCode, ...options }, this.deps);
    return (refused?: CredentialRequest['refused']) => source({ ...this.request, ...(refused && { refused }) });
  }

  /** The issuer has had the confirmation. */
  async settled(): Promise<void> {
    await vi.waitFor(() => expect(this.calls).toContain('/v1/renewals/confirm'));
    await vi.waitFor(() => expect(this.issuer.clock.pendingTimers).toBe(0));
    this.calls.length = 0;
  }

  /** Shows its code, is approved, and has its credential. */
  async enrolled(): Promise<string> {
    const manager = await this.issuer.manager(HOTEL);
    const credential = this.source()();
    await vi.waitFor(() => expect(this.codes).toHaveLength(1));
    await this.issuer.approve(manager, this.codes[0]?.userCode ?? '');
    await this.poll();
    const got = await credential;
    await this.settled();
    return got;
  }

  /** Until the device waits, and then over that. */
  async poll(): Promise<void> {
    await vi.waitFor(() => expect(this.calls.at(-1)).toBe('/v1/enrolments/token'));
    await vi.waitFor(() => expect(this.issuer.clock.pendingTimers).toBe(1));
    // The request's own time limit is longer than the interval: what is pending may be either.
    this.issuer.clock.advance(3_000);
  }
}

describe('enrolledCredential()', () => {
  it('shows a code, waits for a manager, and keeps what it gets', async () => {
    const lab = await Lab.start();
    const credential = await lab.enrolled();
    expect(lab.issuer.claims(credential)).toMatchObject({ sub: lab.device.peerId, tenant: HOTEL });
    const [code] = lab.codes;
    expect(code?.qrText).toBe(`${code?.verificationUri}#tenant=${HOTEL}&code=${code?.userCode}`);
    expect(await lab.source()()).toBe(credential);
    expect(lab.calls).toEqual([]);
  });

  it('returns the kept credential for half of its life, and renews it then [E12]', async () => {
    const lab = await Lab.start();
    const credential = await lab.enrolled();
    lab.issuer.clock.advance(12 * HOUR_MS - 10_000);
    expect(await lab.source()()).toBe(credential);
    lab.issuer.clock.advance(10_000);
    const renewed = await lab.source()();
    expect(lab.issuer.claims(renewed).exp).toBeGreaterThan(lab.issuer.claims(credential).exp);
    expect(lab.codes).toHaveLength(1);
  });

  it('returns the kept credential as long as it is good while the issuer is away, and then says so [E12]', async () => {
    const lab = await Lab.start();
    const credential = await lab.enrolled();
    lab.intercept = () => Promise.reject(new TypeError('fetch failed'));
    lab.issuer.clock.advance(23 * HOUR_MS);
    expect(await lab.source()()).toBe(credential);
    lab.issuer.clock.advance(HOUR_MS);
    await expect(lab.source()()).rejects.toMatchObject({ code: 'ISSUER_UNREACHABLE' });
  });

  it('does not return again what a server has refused', async () => {
    const lab = await Lab.start();
    const credential = await lab.enrolled();
    lab.issuer.clock.advance(1_000);
    expect(await lab.source()('unknown-key')).not.toBe(credential);
    lab.intercept = () => Promise.reject(new TypeError('fetch failed'));
    await expect(lab.source()('unknown-key')).rejects.toMatchObject({ code: 'ISSUER_UNREACHABLE' });
  });

  it('does not wait long for a newer credential where the issuer is silent', async () => {
    const lab = await Lab.start();
    const credential = await lab.enrolled();
    lab.issuer.clock.advance(13 * HOUR_MS);
    lab.intercept = async (_, send) => {
      lab.issuer.clock.advance(4_000);
      return send();
    };
    expect(await lab.source()()).toBe(credential);
  });

  it('comes through an answer that was lost, also the next day', async () => {
    const lab = await Lab.start();
    await lab.enrolled();
    lab.issuer.clock.advance(13 * HOUR_MS);
    lab.intercept = async (_, send) => {
      await send();
      throw new TypeError('network changed');
    };
    await lab.source()();
    lab.intercept = (_, send) => send();
    lab.issuer.clock.advance(24 * HOUR_MS);
    const credential = await lab.source()();
    expect(lab.issuer.claims(credential).exp * 1000).toBe(lab.issuer.clock.nowMs() + 24 * HOUR_MS);
    expect(lab.codes).toHaveLength(1);
  });

  it('confirms later where the confirmation was lost', async () => {
    const lab = await Lab.start();
    await lab.enrolled();
    lab.issuer.clock.advance(13 * HOUR_MS);
    lab.intercept = (path, send) => (path.endsWith('confirm') ? Promise.reject(new TypeError('away')) : send());
    const credential = await lab.source()();
    await lab.settled();
    lab.intercept = (_, send) => send();
    expect(await lab.source()()).toBe(credential);
    await lab.settled();
    await vi.waitFor(async () => {
      lab.calls.length = 0;
      await lab.source()();
      expect(lab.calls).toEqual([]);
    });
  });

  it('asks a manager again after it was revoked', async () => {
    const lab = await Lab.start();
    await lab.enrolled();
    const manager = await lab.issuer.manager('hotel-x');
    const own = new Device();
    const { deviceCode } = (await lab.issuer.ask(own, HOTEL, { setupCode: lab.issuer.issuer.createSetupCode(HOTEL) }))
      .body;
    await lab.issuer.poll(own, HOTEL, deviceCode);
    expect(manager.credential).not.toBe('');
    await lab.issuer.call(own, 'POST', `/v1/devices/${lab.device.peerId}/revoke`);
    const abort = new AbortController();
    const asking = lab.source({ alwaysRenew: true, signal: abort.signal })();
    await vi.waitFor(() => expect(lab.codes).toHaveLength(2));
    abort.abort(new Error('the page was closed'));
    await expect(asking).rejects.toThrow('the page was closed');
  });

  it('shows a new code when one has expired', async () => {
    const lab = await Lab.start({ limits: { enrolmentMs: 60_000 } });
    await lab.issuer.manager(HOTEL);
    const abort = new AbortController();
    const asking = lab.source({ signal: abort.signal })();
    await vi.waitFor(() => expect(lab.codes).toHaveLength(1));
    const overTheInterval = () => {
      lab.issuer.clock.advance(3_000);
      expect(lab.codes).toHaveLength(2);
    };
    await vi.waitFor(overTheInterval, { timeout: 20_000, interval: 10 });
    expect(lab.codes[1]?.userCode).not.toBe(lab.codes[0]?.userCode);
    abort.abort();
    await expect(asking).rejects.toThrow();
  });

  it('says so when a manager turns it down', async () => {
    const lab = await Lab.start();
    const manager = await lab.issuer.manager(HOTEL);
    const asking = lab.source()();
    asking.catch(() => {});
    await vi.waitFor(() => expect(lab.codes).toHaveLength(1));
    await lab.issuer.call(manager, 'POST', '/v1/enrolments/deny', { peerId: lab.device.peerId });
    await lab.poll();
    await expect(asking).rejects.toMatchObject({ code: 'ENROLMENT_DENIED' });
  });

  it('becomes a first manager with a setup code, and shows no other', async () => {
    const lab = await Lab.start();
    const credential = await lab.source({ setupCode: lab.issuer.issuer.createSetupCode() })();
    expect(lab.issuer.claims(credential).caps).toEqual(['manage-devices']);
    expect(lab.codes).toEqual([]);
  });

  it('says with the issuer’s code and words why it is refused', async () => {
    const lab = await Lab.start();
    await expect(lab.source({ setupCode: 'WRONG' })()).rejects.toMatchObject({
      code: 'ISSUER_REFUSED',
      problem: 'invalid_setup_code',
      message: expect.stringContaining('The operator can print a new one.'),
    });
    await expect(lab.source()()).rejects.toMatchObject({ problem: 'unknown_tenant' });
  });

  it('says so where what answers is no issuer', async () => {
    const lab = await Lab.start();
    lab.intercept = async () => new Response('<h1>Welcome to the WiFi</h1>', { status: 200 });
    await expect(lab.source()()).rejects.toMatchObject({ problem: 'no_issuer' });
  });

  it.each([-5 * HOUR_MS, 400 * 24 * HOUR_MS])('works on a device whose clock is %d ms off', async (offMs) => {
    const lab = await Lab.start();
    lab.clockOffMs = offMs;
    const credential = await lab.enrolled();
    expect(await lab.source()()).toBe(credential);
    lab.issuer.clock.advance(13 * HOUR_MS);
    expect(await lab.source()()).not.toBe(credential);
  });

  it('asks once where it is called twice', async () => {
    const lab = await Lab.start();
    await lab.enrolled();
    lab.issuer.clock.advance(13 * HOUR_MS);
    const source = lab.source();
    const [first, second] = await Promise.all([source(), source()]);
    expect(second).toBe(first);
    expect(lab.calls.filter((path) => path === '/v1/renewals')).toHaveLength(1);
  });

  it('works where crypto.subtle is missing', async () => {
    const lab = await Lab.start();
    const subtle = vi.spyOn(crypto, 'subtle', 'get').mockReturnValue(undefined as never);
    onTestFinished(() => subtle.mockRestore());
    const source = lab.source({ setupCode: lab.issuer.issuer.createSetupCode() });
    const devices = new PropertyDevices({ issuer: lab.issuer.url, request: lab.request, credential: source }, lab.deps);
    expect(await devices.devices()).toHaveLength(1);
  });
});

describe('guestCredential()', () => {
  async function withTable() {
    const lab = await Lab.start();
    const manager = await lab.issuer.manager(HOTEL);
    const tableKey = await lab.issuer.table(manager, '5');
    const open = () => lab.issuer.call(manager, 'POST', '/v1/tables/5/open');
    const close = () => lab.issuer.call(manager, 'POST', '/v1/tables/5/close');
    const onWaiting = vi.fn();
    const options = { issuer: lab.issuer.url, tableKey, store: lab.store, onWaiting };
    const source = guestCredential(options, lab.deps);
    return { lab, open, close, onWaiting, options, credential: () => source(lab.request) };
  }

  it('waits until staff open the table', async () => {
    const { lab, open, onWaiting, credential } = await withTable();
    const asking = credential();
    await vi.waitFor(() => expect(onWaiting).toHaveBeenCalledTimes(1));
    await open();
    await vi.waitFor(() => expect(lab.issuer.clock.pendingTimers).toBe(1));
    lab.issuer.clock.advance(5_000);
    expect(lab.issuer.claims(await asking)).toMatchObject({ role: 'guest', table: '5' });
  });

  it('keeps what it has while the network is away, and gives it up when the table is closed', async () => {
    const { lab, open, close, onWaiting, credential } = await withTable();
    await open();
    const first = await credential();
    lab.intercept = () => Promise.reject(new TypeError('away'));
    expect(await credential()).toBe(first);
    lab.intercept = (_, send) => send();
    await close();
    credential().catch(() => {});
    await vi.waitFor(() => expect(onWaiting).toHaveBeenCalled());
  });

  it('says so where the table’s code is not good', async () => {
    const { lab, options } = await withTable();
    const source = guestCredential({ ...options, tableKey: 'NQ.wrong' }, lab.deps);
    await expect(source(lab.request)).rejects.toMatchObject({ problem: 'invalid_table_key' });
  });
});

describe('PropertyDevices', () => {
  it('lets a manager find, approve, turn down and revoke devices, and handle tables', async () => {
    const lab = await Lab.start();
    const credential = lab.source({ setupCode: lab.issuer.issuer.createSetupCode() });
    const property = new PropertyDevices({ issuer: lab.issuer.url, request: lab.request, credential }, lab.deps);
    await property.devices();
    const [welcome, stranger] = [new Device(), new Device()];
    const { userCode } = (await lab.issuer.ask(welcome, HOTEL)).body;
    await lab.issuer.ask(stranger, HOTEL);
    expect((await property.pending()).map(({ peerId }) => peerId).sort()).toEqual(
      [welcome.peerId, stranger.peerId].sort(),
    );
    expect((await property.find(userCode)).peerId).toBe(welcome.peerId);
    await property.approve({ userCode, role: 'pos', name: 'Till', capabilities: ['orders'] });
    await property.turnDown(stranger.peerId);
    expect(await property.pending()).toEqual([]);
    await property.revoke(welcome.peerId);
    const named = (await property.devices()).find(({ peerId }) => peerId === welcome.peerId);
    expect(named).toMatchObject({ name: 'Till', role: 'pos', status: 'revoked' });

    const { url, tableKey } = await property.tableCode('Terrace 1/2');
    expect(url).toContain(encodeURIComponent(tableKey));
    expect((await property.renewTableCode('Terrace 1/2')).tableKey).not.toBe(tableKey);
    await property.openTable('Terrace 1/2', 30);
    expect(await property.tables()).toMatchObject([{ tableId: 'Terrace 1/2', session: { guests: 0 } }]);
    await property.closeTable('Terrace 1/2');
    expect(await property.tables()).toMatchObject([{ session: null }]);
  });
});

describe('the credential file in Node', () => {
  it('is for its owner alone, and takes changes one after the other', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'innmesh-credentials-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'deep', 'credentials.json');
    const store = openCredentialStore(path);
    const kept = { credential: 'c', renewalToken: 'r', receivedAtMs: 1, lifetimeMs: 2, isConfirmed: true };
    expect(await store.read('a')).toBeUndefined();
    await Promise.all(['a', 'b', 'c'].map((key) => store.write(key, kept)));
    await store.remove('b');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(Object.keys(JSON.parse(readFileSync(path, 'utf8')))).toEqual(['a', 'c']);
    expect(await openCredentialStore(path).read('a')).toEqual(kept);
  });
});
