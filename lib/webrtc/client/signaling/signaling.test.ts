import { ManualClock, seededRandom } from '@innmesh/kit';
import {
  CredentialError,
  closeCodes,
  type DeviceInfo,
  decodeForServer,
  encodeSignaling,
  MalformedFrameError,
  type RelayMessage,
  type ServerMessage,
} from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { SignalingClient, type SignalingClientOptions } from './signaling-client.ts';

const RECONNECT_MS = 1_000;
const HEARTBEAT_MS = 10_000;

const device: DeviceInfo = { type: 'staff', name: 'iPad', capabilities: [] };
const join = {
  type: 'join' as const,
  tenantId: 'hotel',
  device,
  credential: '',
  publicKey: new Uint8Array(65),
  signature: new Uint8Array(64),
  offers: [],
};
const nonce = new Uint8Array(16).fill(9);
const offer: RelayMessage = { type: 'offer', peer: 3, attempt: 7, nonce, sdp: 'v=0' };

/** The device's end of a connection to a server that this test plays. */
class FakeWebSocket {
  readyState = 0;
  binaryType = '';
  onopen = () => {};
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror = () => {};
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly url: string;
  readonly heard: Uint8Array<ArrayBuffer>[] = [];
  constructor(url: string) {
    this.url = url;
  }
  send(frame: Uint8Array<ArrayBuffer>): void {
    this.heard.push(frame);
  }
  close(): void {
    this.readyState = 3;
  }
  /** The server lets the device in. */
  welcome(): void {
    this.readyState = 1;
    this.onopen?.();
    this.say({ type: 'challenge', nonce, development: true });
    const nothing = { credential: '', issuerKeys: '' };
    this.say({ type: 'welcome', slot: 1, heartbeatMs: HEARTBEAT_MS, roster: [], offeredTo: [], relay: [], ...nothing });
  }
  say(message: ServerMessage | RelayMessage): void {
    this.onmessage?.({ data: encodeSignaling(message).slice().buffer });
  }
}

let clock: ManualClock;
let sockets: FakeWebSocket[];
let told: unknown[];
let challenged: unknown[];
let refusals: string[];
let hasAnother: boolean;
let prepared: number;
/** What a credential waits for. */
let waiting: Promise<void> | null;
/** How many sockets there were when a server was being reached. */
let reached: number[];
/** Why no credential can be had. */
let failing: Error | null;
/** What the server gives in its welcome. */
let useless: boolean;
/** What the application does when it is told of this. */
let reactions: Record<string, () => void>;

beforeEach(() => {
  clock = new ManualClock();
  [sockets, told, reactions] = [[], [], {}];
  [challenged, refusals, hasAnother, prepared, failing, useless] = [[], [], false, 0, null, false];
  [waiting, reached] = [null, []];
});

function clientWith(options: Partial<SignalingClientOptions> = {}, seed = 1): SignalingClient {
  const tell = (event: string, ...details: unknown[]) => {
    told.push([event, ...details]);
    reactions[event]?.();
  };
  const openWebSocket = (url: string) => {
    if (url === 'ws://forbidden') throw new Error('mixed content');
    const socket = new FakeWebSocket(url);
    sockets.push(socket);
    return socket as unknown as WebSocket;
  };
  return new SignalingClient(
    { urls: ['ws://a'], autoReconnect: true, reconnectIntervalMs: RECONNECT_MS, ...options },
    {
      clock,
      random: seededRandom(seed),
      openWebSocket,
      log: () => {},
      prepare: () => {
        prepared += 1;
        return failing ? Promise.reject(failing) : waiting;
      },
      reaching: () => reached.push(sockets.length),
      join: async ({ nonce: challenge }, host) => {
        challenged.push([challenge, host]);
        return join;
      },
      accept: () => {
        if (useless) throw new MalformedFrameError('It is of no use.');
      },
      refuse: (problem) => {
        refusals.push(problem);
        return hasAnother;
      },
    },
    {
      joined: () => tell('joined'),
      received: (message) => tell('received', message),
      reconnecting: () => tell('reconnecting'),
      failed: (error) => tell('failed', error),
    },
  );
}

const last = () => sockets.at(-1) as FakeWebSocket;
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
const events = () => told.map((event) => (event as unknown[])[0]);

/** In the room through the first server. */
async function joined(options: Partial<SignalingClientOptions> = {}, seed?: number): Promise<SignalingClient> {
  const client = clientWith(options, seed);
  const joining = client.join();
  last().welcome();
  await joining;
  return client;
}

describe('joining', () => {
  it('says that a server is being reached for each one, with the socket on its way, and not while a credential waits', async () => {
    const credential = Promise.withResolvers<void>();
    waiting = credential.promise;
    const client = clientWith({ urls: ['ws://a', 'ws://b'] });
    client.join().catch(() => {});
    await settled();
    expect(reached).toEqual([]);
    [waiting] = [null];
    credential.resolve();
    await settled();
    expect(reached).toEqual([1]);
    last().onerror();
    await settled();
    expect(reached).toEqual([1, 2]);
    client.stop();
  });

  it('answers the challenge for the server as it was dialled, and is done with the welcome [J3]', async () => {
    await joined({ urls: ['wss://signaling.example.com:8443/room'] });
    await settled();
    expect(challenged).toEqual([[nonce, 'signaling.example.com:8443']]);
    expect(last().heard.map(decodeForServer)).toEqual([join]);
    expect(told).toEqual([['joined']]);
  });

  it('is tried once more where a server refuses the credential and there may be a better one', async () => {
    hasAnother = true;
    const joining = clientWith().join();
    last().onclose?.({ code: closeCodes.unauthorized, reason: 'expired: its time is over' });
    await settled();
    expect([refusals, prepared, sockets.length]).toEqual([['expired'], 2, 2]);
    last().welcome();
    await joining;
  });

  it('is not tried again with the same credential', async () => {
    const joining = clientWith().join();
    last().onclose?.({ code: closeCodes.unauthorized, reason: 'other-tenant: it is for another' });
    await expect(joining).rejects.toMatchObject({ attempts: [{ closeCode: 4401 }] });
    expect(sockets).toHaveLength(1);
  });

  it('to a server that gives something of no use fails, and the next one is tried', async () => {
    useless = true;
    const joining = clientWith({ urls: ['ws://a', 'ws://b'] }).join();
    last().welcome();
    await settled();
    useless = false;
    last().welcome();
    await joining;
    expect([sockets.length, told]).toEqual([2, [['joined']]]);
  });

  it('to a server that challenges twice fails', async () => {
    const joining = clientWith().join();
    last().say({ type: 'challenge', nonce, development: false });
    last().say({ type: 'challenge', nonce, development: false });
    await expect(joining).rejects.toMatchObject({
      attempts: [{ reason: expect.stringContaining('second challenge') }],
    });
  });

  it('gives a server 5 s from the first packet to the welcome, then takes the next', async () => {
    const joining = clientWith({ urls: ['ws://a', 'ws://b'] }).join();
    clock.advance(4_999);
    await settled();
    expect(sockets.map(({ url }) => url)).toEqual(['ws://a']);
    clock.advance(1);
    await settled();
    expect(sockets.map(({ url, readyState }) => [url, readyState])).toEqual([
      ['ws://a', 3],
      ['ws://b', 0],
    ]);
    last().welcome();
    await joining;
  });

  it('that no server allows says of each why', async () => {
    const joining = clientWith({ urls: ['ws://forbidden', 'ws://a', 'ws://b'] }).join();
    await settled();
    last().onclose?.({ code: closeCodes.unsupportedVersion, reason: 'other version' });
    await settled();
    last().onerror();
    await expect(joining).rejects.toMatchObject({
      attempts: [
        { url: 'ws://forbidden', reason: 'mixed content', closeCode: null },
        { url: 'ws://a', reason: 'other version', closeCode: 4406 },
        { url: 'ws://b', reason: expect.stringContaining('nothing answers'), closeCode: 1006 },
      ],
    });
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ['text', 'welcome', /^the server broke the protocol: Expected binary frames/],
    ['garbage', Uint8Array.of(250, 1).buffer, /^the server broke the protocol: No message .* code 250/],
    ["a device's message", encodeSignaling(join).slice().buffer, /^the server broke the protocol/],
  ])('to a server that sends %s fails with that reason', async (_, data, reason) => {
    const joining = clientWith().join();
    last().onmessage?.({ data });
    await expect(joining).rejects.toMatchObject({ attempts: [{ reason: expect.stringMatching(reason) }] });
    expect([last().readyState, clock.pendingTimers]).toEqual([3, 0]);
  });
});

describe('in the room', () => {
  it('each heartbeat is answered', async () => {
    await joined();
    last().heard.length = 0;
    last().say({ type: 'heartbeat' });
    expect(last().heard.map(decodeForServer)).toEqual([{ type: 'heartbeat' }]);
    expect(events()).toEqual(['joined']);
  });

  it('frames of other devices are handed on, and own ones sent', async () => {
    const client = await joined();
    last().say(offer);
    client.send(offer);
    expect(told.at(-1)).toEqual(['received', offer]);
    expect(last().heard.at(-1)).toEqual(encodeSignaling(offer));
  });

  it('a frame for which the server would put this device out is not sent: it answers another’s offer [W4]', async () => {
    const client = await joined();
    last().heard.length = 0;
    client.send({ ...offer, type: 'answer', sdp: 'a'.repeat(16 * 1024) });
    client.send(offer);
    expect(last().heard).toEqual([encodeSignaling(offer)]);
  });

  it('a server that is silent for two and a half heartbeats is lost', async () => {
    await joined();
    clock.advance(HEARTBEAT_MS);
    last().say({ type: 'heartbeat' });
    clock.advance(2.5 * HEARTBEAT_MS - 1);
    expect(events()).toEqual(['joined']);
    clock.advance(1);
    expect([events(), last().readyState]).toEqual([['joined', 'reconnecting'], 3]);
  });

  it('garbage from the server ends the connection, and it is tried again', async () => {
    await joined();
    last().onmessage?.({ data: 'text' });
    expect([events(), last().readyState]).toEqual([['joined', 'reconnecting'], 3]);
  });
});

describe('after a loss', () => {
  const lose = (code: number = closeCodes.goingAway) => last().onclose?.({ code, reason: 'bye' });

  it('it comes back after the reconnect interval, less up to half of it by chance', async () => {
    const waits = new Set<number>();
    for (let seed = 1; seed <= 20; seed++) {
      clock = new ManualClock();
      sockets = [];
      await joined({}, seed);
      lose();
      while (sockets.length === 1) clock.advance(1);
      expect(clock.nowMs()).toBeGreaterThanOrEqual(RECONNECT_MS / 2);
      expect(clock.nowMs()).toBeLessThanOrEqual(RECONNECT_MS);
      waits.add(clock.nowMs());
    }
    expect(waits.size).toBeGreaterThan(10);
  });

  it('it tries for as long as it takes, and tells of each try that failed', async () => {
    await joined();
    lose();
    for (let tries = 0; tries < 3; tries++) {
      clock.advance(RECONNECT_MS);
      last().onerror();
      await settled();
    }
    clock.advance(RECONNECT_MS);
    last().welcome();
    await settled();
    expect(events()).toEqual(['joined', 'reconnecting', 'failed', 'failed', 'failed', 'joined']);
  });

  it.each([closeCodes.unsupportedVersion, closeCodes.replaced])('with %i it does not come back', async (code) => {
    await joined();
    lose(code);
    expect(told.at(-1)).toEqual(['failed', expect.objectContaining({ code: 'SIGNALING_REFUSED', closeCode: code })]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('it stops trying where every server refuses it for good, and only then', async () => {
    await joined({ urls: ['ws://a', 'ws://b'] });
    lose();
    for (const code of [closeCodes.goingAway, closeCodes.unsupportedVersion]) {
      clock.advance(RECONNECT_MS);
      lose(closeCodes.unsupportedVersion);
      await settled();
      lose(code);
      await settled();
    }
    expect(sockets).toHaveLength(5);
    expect([events(), clock.pendingTimers]).toEqual([['joined', 'reconnecting', 'failed', 'failed'], 0]);
  });

  it('it comes back where it was put out and may have another credential, and otherwise not', async () => {
    hasAnother = true;
    await joined();
    last().onclose?.({ code: closeCodes.revoked, reason: 'revoked: by the issuer' });
    expect([refusals, events()]).toEqual([['revoked'], ['joined', 'reconnecting']]);
    clock.advance(RECONNECT_MS);
    await settled();
    last().welcome();
    hasAnother = false;
    last().onclose?.({ code: closeCodes.revoked, reason: 'revoked: by the issuer' });
    clock.advance(RECONNECT_MS);
    await settled();
    expect([events().slice(2), sockets.length]).toEqual([['joined', 'failed'], 2]);
  });

  it('it goes on trying where its credential cannot be renewed for now, and stops where it never will be', async () => {
    await joined();
    last().onclose?.({ code: 1006, reason: 'gone' });
    for (const error of [new TypeError('fetch failed'), new CredentialError('expired', 'the issuer is away')]) {
      failing = error;
      clock.advance(RECONNECT_MS);
      await settled();
    }
    expect([events(), clock.pendingTimers]).toEqual([['joined', 'reconnecting', 'failed', 'failed'], 1]);
    failing = new CredentialError('missing', 'there is none');
    clock.advance(RECONNECT_MS);
    await settled();
    expect(clock.pendingTimers).toBe(0);
  });

  it('without autoReconnect it comes back when told to', async () => {
    const client = await joined({ autoReconnect: false });
    lose();
    expect(told.at(-1)).toEqual(['failed', expect.objectContaining({ code: 'SIGNALING_LOST' })]);
    expect(clock.pendingTimers).toBe(0);
    const back = client.comeBack();
    last().welcome();
    await back;
    expect([events().at(-1), sockets.length]).toEqual(['joined', 2]);
    await client.comeBack();
    expect(sockets).toHaveLength(2);
  });
});

describe('stop()', () => {
  const isOver = () => [sockets.every(({ readyState }) => readyState === 3), clock.pendingTimers];

  it.each([['ws://a'], ['ws://forbidden']])(
    'while it connects to %s rejects the join and tries no other',
    async (url) => {
      const client = clientWith({ urls: [url, 'ws://b'] });
      const joining = client.join();
      client.stop();
      await expect(joining).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
      expect(sockets.map((socket) => socket.url)).toEqual(url === 'ws://a' ? ['ws://a'] : []);
      expect(isOver()).toEqual([true, 0]);
    },
  );

  it('from within the news that it has joined rejects the join and tries no other', async () => {
    const client = clientWith({ urls: ['ws://a', 'ws://b'] });
    reactions.joined = () => client.stop();
    const joining = client.join();
    last().welcome();
    await expect(joining).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
    expect([sockets.length, ...isOver()]).toEqual([1, true, 0]);
  });

  it.each(['reconnecting', 'failed'])('from within the news "%s" is the end of it', async (event) => {
    const client = await joined();
    reactions[event] = () => client.stop();
    last().onclose?.({ code: 1006, reason: '' });
    clock.advance(RECONNECT_MS);
    last().onerror();
    await settled();
    clock.advance(10 * RECONNECT_MS);
    expect([sockets.length, ...isOver()]).toEqual([event === 'failed' ? 2 : 1, true, 0]);
  });
});
