import { CredentialError, closeCodes, decodeForServer, encodeSignaling, type RelayMessage } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SignalingClientOptions } from './signaling-client.ts';
import { HEARTBEAT_MS, join, nonce, RECONNECT_MS, SignalingLab, settled } from './test-support/signaling-lab.ts';

const offer: RelayMessage = { type: 'offer', peer: 3, attempt: 7, nonce, sdp: 'v=0' };

let lab: SignalingLab;

beforeEach(() => {
  lab = new SignalingLab();
});

const joined = (options?: Partial<SignalingClientOptions>, seed?: number) => lab.joined(options, seed);

describe('joining', () => {
  it('takes relays that are lent before the welcome together with it, and later ones [J15]', async () => {
    const turn = { type: 'turn' as const, urls: ['turn:a'], expiresAt: 7, password: new Uint8Array(20) };
    const joining = lab.client().join();
    lab.last.challenge();
    lab.last.say(turn);
    lab.last.welcome();
    await joining;
    lab.last.say({ ...turn, expiresAt: 8 });
    expect(lab.told).toEqual([
      ['joined', turn],
      ['received', { ...turn, expiresAt: 8 }],
    ]);
  });

  it('takes nothing but relays before the welcome', async () => {
    const failed = lab.client({ autoReconnect: false }).join();
    lab.last.challenge();
    lab.last.say({ type: 'left', slot: 1 });
    await expect(failed).rejects.toThrow(/A "left" before the welcome/);
  });

  it('says that a server is being reached with the socket on its way, and not while a credential waits', async () => {
    const credential = Promise.withResolvers<void>();
    lab.waiting = credential.promise;
    const client = lab.client({ urls: ['ws://a', 'ws://b'] });
    client.join().catch(() => {});
    await settled();
    expect(lab.reached).toEqual([]);
    lab.waiting = null;
    credential.resolve();
    await settled();
    expect(lab.reached).toEqual([1]);
    client.stop();
  });

  it('answers the challenge for the server as it was dialled, and is done with the welcome [J3]', async () => {
    await joined({ urls: ['wss://signaling.example.com:8443/room'] });
    await settled();
    expect(lab.challenged).toEqual([[nonce, 'signaling.example.com:8443']]);
    expect(lab.last.heard.map(decodeForServer)).toEqual([join]);
    expect(lab.told).toEqual([['joined']]);
  });

  it('is tried once more where a server refuses the credential and there may be a better one', async () => {
    lab.hasAnother = true;
    const joining = lab.client().join();
    lab.last.onclose?.({ code: closeCodes.unauthorized, reason: 'expired: its time is over' });
    await settled();
    expect([lab.refusals, lab.prepared, lab.sockets.length]).toEqual([['expired'], 2, 2]);
    lab.last.welcome();
    await joining;
  });

  it('is not tried again with the same credential', async () => {
    const joining = lab.client().join();
    lab.last.onclose?.({ code: closeCodes.unauthorized, reason: 'other-tenant: it is for another' });
    await expect(joining).rejects.toMatchObject({ attempts: [{ closeCode: 4401 }] });
    expect(lab.sockets).toHaveLength(1);
  });

  it('to a server that gives something of no use fails, and the next one is tried', async () => {
    lab.useless = true;
    const joining = lab.client({ urls: ['ws://a', 'ws://b'] }).join();
    lab.last.welcome();
    await settled();
    lab.useless = false;
    lab.last.welcome();
    await joining;
    expect([lab.sockets.length, lab.told]).toEqual([2, [['joined']]]);
  });

  it('to a server that challenges twice fails', async () => {
    const joining = lab.client().join();
    lab.last.say({ type: 'challenge', nonce, development: false });
    lab.last.say({ type: 'challenge', nonce, development: false });
    await expect(joining).rejects.toMatchObject({
      attempts: [{ reason: expect.stringContaining('second challenge') }],
    });
  });

  it('gives a server 5 s from the first packet to the welcome', async () => {
    const joining = lab.client().join();
    lab.clock.advance(4_999);
    await settled();
    expect(lab.open).toEqual(['ws://a']);
    lab.clock.advance(1);
    await expect(joining).rejects.toMatchObject({ attempts: [{ reason: 'no word from it for 5000 ms' }] });
    expect([lab.open, lab.clock.pendingTimers]).toEqual([[], 0]);
  });

  it('that no server allows says of each why', async () => {
    const joining = lab.client({ urls: ['ws://forbidden', 'ws://a', 'ws://b'] }).join();
    await settled();
    lab.last.onclose?.({ code: closeCodes.unsupportedVersion, reason: 'other version' });
    await settled();
    lab.last.onerror();
    await expect(joining).rejects.toMatchObject({
      attempts: [
        { url: 'ws://forbidden', reason: 'mixed content', closeCode: null },
        { url: 'ws://a', reason: 'other version', closeCode: 4406 },
        { url: 'ws://b', reason: expect.stringContaining('nothing answers'), closeCode: 1006 },
      ],
    });
    expect(lab.clock.pendingTimers).toBe(0);
  });

  it.each([
    ['text', 'welcome', /^the server broke the protocol: Expected binary frames/],
    ['garbage', Uint8Array.of(250, 1).buffer, /^the server broke the protocol: No message .* code 250/],
    ["a device's message", encodeSignaling(join).slice().buffer, /^the server broke the protocol/],
  ])('to a server that sends %s fails with that reason', async (_, data, reason) => {
    const joining = lab.client().join();
    lab.last.onmessage?.({ data });
    await expect(joining).rejects.toMatchObject({ attempts: [{ reason: expect.stringMatching(reason) }] });
    expect([lab.last.readyState, lab.clock.pendingTimers]).toEqual([3, 0]);
  });
});

describe('in the room', () => {
  it('each heartbeat is answered', async () => {
    await joined();
    lab.last.heard.length = 0;
    lab.last.say({ type: 'heartbeat' });
    expect(lab.last.heard.map(decodeForServer)).toEqual([{ type: 'heartbeat' }]);
    expect(lab.events).toEqual(['joined']);
  });

  it('frames of other devices are handed on, and own ones sent', async () => {
    const client = await joined();
    lab.last.say(offer);
    client.send(offer);
    expect(lab.told.at(-1)).toEqual(['received', offer]);
    expect(lab.last.heard.at(-1)).toEqual(encodeSignaling(offer));
  });

  it('a frame for which the server would put this device out is not sent: it answers another’s offer [W4]', async () => {
    const client = await joined();
    lab.last.heard.length = 0;
    client.send({ ...offer, type: 'answer', sdp: 'a'.repeat(16 * 1024) });
    client.send(offer);
    expect(lab.last.heard).toEqual([encodeSignaling(offer)]);
  });

  it('a server that is silent for two and a half heartbeats is lost', async () => {
    await joined();
    lab.clock.advance(HEARTBEAT_MS);
    lab.last.say({ type: 'heartbeat' });
    lab.clock.advance(2.5 * HEARTBEAT_MS - 1);
    expect(lab.events).toEqual(['joined']);
    lab.clock.advance(1);
    expect([lab.events, lab.last.readyState]).toEqual([['joined', 'reconnecting'], 3]);
  });

  it('garbage from the server ends the connection, an error says so, and it is tried again', async () => {
    await joined();
    lab.last.onmessage?.({ data: 'text' });
    expect([lab.events, lab.open]).toEqual([['joined', 'reconnecting', 'failed'], []]);
    const broke = expect.stringContaining('the server broke the protocol');
    expect(lab.told.at(-1)).toEqual(['failed', expect.objectContaining({ code: 'SIGNALING_LOST', message: broke })]);
    await lab.untilDialled();
    expect(lab.open).toEqual(['ws://a']);
  });
});

describe('after a loss', () => {
  const lose = (code: number = closeCodes.goingAway) => lab.last.onclose?.({ code, reason: 'bye' });

  it('it comes back within the reconnect interval, each device at a moment of its own', async () => {
    const waits: number[] = [];
    for (let seed = 1; seed <= 40; seed++) {
      lab = new SignalingLab();
      await joined({}, seed);
      lose();
      waits.push(await lab.untilDialled());
    }
    expect(Math.max(...waits)).toBeLessThanOrEqual(RECONNECT_MS);
    for (let tenth = 0; tenth < 10; tenth += 2) {
      const inFifth = waits.filter((waitMs) => Math.floor((waitMs / RECONNECT_MS) * 5) === tenth / 2);
      expect(inFifth.length, `from ${tenth}/10 of it on`).toBeGreaterThan(0);
    }
  });

  it('it tries for as long as it takes, at least once in two intervals, and tells of each try that failed', async () => {
    await joined();
    lose();
    const waits: number[] = [];
    for (let tries = 0; tries < 8; tries++) {
      waits.push(await lab.untilDialled());
      lab.last.onerror();
      await settled();
    }
    for (const [tries, waitMs] of waits.slice(1).entries()) {
      const longestMs = Math.min(2 * RECONNECT_MS, RECONNECT_MS * 2 ** tries);
      expect(waitMs).toBeGreaterThanOrEqual(longestMs / 2);
      expect(waitMs).toBeLessThanOrEqual(longestMs);
    }
    await lab.untilDialled();
    lab.last.welcome();
    await settled();
    expect(lab.events).toEqual(['joined', 'reconnecting', ...Array(8).fill('failed'), 'joined']);
  });

  it('that follows soon it waits longer, and after a stay that lasted as at first', async () => {
    await joined();
    for (const [stayMs, atLeastMs, atMostMs] of [
      [1_000, 0, RECONNECT_MS],
      [29_999, RECONNECT_MS / 2, RECONNECT_MS],
      [1_000, RECONNECT_MS, 2 * RECONNECT_MS],
      [1_000, RECONNECT_MS, 2 * RECONNECT_MS],
      [30_000, 0, RECONNECT_MS],
    ] as const) {
      for (let leftMs = stayMs; leftMs > 0; leftMs -= HEARTBEAT_MS) {
        lab.last.say({ type: 'heartbeat' });
        lab.clock.advance(Math.min(leftMs, HEARTBEAT_MS));
      }
      lose();
      const waitMs = await lab.untilDialled();
      expect(waitMs).toBeGreaterThanOrEqual(atLeastMs);
      expect(waitMs).toBeLessThanOrEqual(atMostMs);
      lab.last.welcome();
      await settled();
    }
  });

  it.each([closeCodes.flooding, closeCodes.roomFull])(
    'to a server that asks for patience with %i it comes back after two intervals or more',
    async (code) => {
      await joined();
      lose(code);
      expect(lab.events).toEqual(['joined', 'reconnecting', 'failed']);
      expect(await lab.untilDialled()).toBeGreaterThanOrEqual(2 * RECONNECT_MS);
    },
  );

  it('no change of its network makes it come earlier to a server that lets in no more', async () => {
    const client = await joined();
    lose();
    client.networkChanged();
    lab.last.end(closeCodes.roomFull, 'The room is full');
    await settled();
    const { length } = lab.sockets;
    for (let waitedMs = 0; waitedMs < 2 * RECONNECT_MS; waitedMs += 100) {
      client.networkChanged();
      lab.clock.advance(100);
    }
    expect(lab.sockets.length).toBe(length);
    expect(await lab.untilDialled()).toBeLessThanOrEqual(2 * RECONNECT_MS);
  });

  it('one whose credential is refused, and that gets no other, comes back less and less often, or with a newer one', async () => {
    lab.hasAnother = true;
    const client = await joined();
    lose();
    await lab.untilDialled();
    lab.failing = new Error('no issuer');
    for (const longestMs of [4 * RECONNECT_MS, 8 * RECONNECT_MS]) {
      lab.last.end(closeCodes.unauthorized, 'expired: its time is over');
      await settled();
      lab.failing = null;
      expect(await lab.untilDialled()).toBeGreaterThanOrEqual(longestMs / 2);
      lab.failing = new Error('no issuer');
    }
    lab.last.end(closeCodes.unauthorized, 'expired: its time is over');
    await settled();
    const { length } = lab.sockets;
    lab.failing = null;
    client.renew('newer');
    await settled();
    expect(lab.sockets.length).toBe(length + 1);
  });

  it.each<[what: string, refuse: () => void]>([
    ['are refused for now', () => lab.last.end(closeCodes.flooding, 'too many')],
    [
      'are taken and not answered',
      () => {
        lab.last.challenge();
        lab.clock.advance(5_000);
      },
    ],
  ])('tries that %s are further apart each time, to a minute', async (_, refuse) => {
    await joined();
    lose();
    await lab.untilDialled();
    for (let longestMs = 4 * RECONNECT_MS; longestMs < 240_000; longestMs *= 2) {
      refuse();
      await settled();
      const waitMs = await lab.untilDialled();
      expect(waitMs).toBeGreaterThanOrEqual(Math.min(60_000, longestMs) / 2);
      expect(waitMs).toBeLessThanOrEqual(60_000);
    }
  });

  it('nobody waits when there is a network again', async () => {
    const client = await joined();
    lose();
    client.networkChanged();
    expect(lab.open).toEqual(['ws://a']);
    client.networkChanged();
    lab.last.welcome();
    await settled();
    expect([lab.events, lab.sockets.length]).toEqual([['joined', 'reconnecting', 'joined'], 2]);
  });

  it.each([closeCodes.unsupportedVersion, closeCodes.replaced])('with %i it does not come back', async (code) => {
    await joined();
    lose(code);
    expect(lab.told.at(-1)).toEqual([
      'failed',
      expect.objectContaining({ code: 'SIGNALING_REFUSED', closeCode: code }),
    ]);
    expect(lab.clock.pendingTimers).toBe(0);
  });

  it('it stops trying where every server refuses it for good, and only then', async () => {
    await joined({ urls: ['ws://a', 'ws://b'] });
    lose();
    for (const code of [closeCodes.goingAway, closeCodes.unsupportedVersion]) {
      await lab.untilDialled();
      lose(closeCodes.unsupportedVersion);
      await settled();
      lose(code);
      await settled();
    }
    expect(lab.sockets).toHaveLength(5);
    expect([lab.events, lab.clock.pendingTimers]).toEqual([['joined', 'reconnecting', 'failed', 'failed'], 0]);
  });

  it('it comes back where it was put out and may have another credential, and otherwise not', async () => {
    lab.hasAnother = true;
    await joined();
    lab.last.onclose?.({ code: closeCodes.revoked, reason: 'revoked: by the issuer' });
    expect([lab.refusals, lab.events]).toEqual([['revoked'], ['joined', 'reconnecting']]);
    lab.clock.advance(RECONNECT_MS);
    await settled();
    lab.last.welcome();
    lab.hasAnother = false;
    lab.last.onclose?.({ code: closeCodes.revoked, reason: 'revoked: by the issuer' });
    lab.clock.advance(RECONNECT_MS);
    await settled();
    expect([lab.events.slice(2), lab.sockets.length]).toEqual([['joined', 'failed'], 2]);
  });

  it('it goes on trying where its credential cannot be renewed for now, and stops where it never will be', async () => {
    await joined();
    lab.last.onclose?.({ code: 1006, reason: 'gone' });
    for (const error of [new TypeError('fetch failed'), new CredentialError('expired', 'the issuer is away')]) {
      lab.failing = error;
      lab.clock.advance(RECONNECT_MS);
      await settled();
    }
    expect([lab.events, lab.clock.pendingTimers]).toEqual([['joined', 'reconnecting', 'failed', 'failed'], 1]);
    lab.failing = new CredentialError('missing', 'there is none');
    lab.clock.advance(2 * RECONNECT_MS);
    await settled();
    expect(lab.clock.pendingTimers).toBe(0);
  });

  it('without autoReconnect it comes back when told to', async () => {
    const client = await joined({ autoReconnect: false });
    lose();
    expect(lab.told.at(-1)).toEqual(['failed', expect.objectContaining({ code: 'SIGNALING_LOST' })]);
    expect(lab.clock.pendingTimers).toBe(0);
    const back = client.comeBack();
    lab.last.welcome();
    await back;
    expect([lab.events.at(-1), lab.sockets.length]).toEqual(['joined', 2]);
    await client.comeBack();
    expect(lab.sockets).toHaveLength(2);
  });
});

describe('stop()', () => {
  const isOver = () => [lab.sockets.every(({ readyState }) => readyState === 3), lab.clock.pendingTimers];

  it.each([['ws://a'], ['ws://forbidden']])(
    'while it connects to %s rejects the join and tries no other',
    async (url) => {
      const client = lab.client({ urls: [url, 'ws://b'] });
      const joining = client.join();
      client.stop();
      await expect(joining).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
      lab.clock.advance(10 * RECONNECT_MS);
      expect(lab.sockets.map((socket) => socket.url)).toEqual([url === 'ws://a' ? 'ws://a' : 'ws://b']);
      expect(isOver()).toEqual([true, 0]);
    },
  );

  it('from within the news that it has joined rejects the join and tries no other', async () => {
    const client = lab.client({ urls: ['ws://a', 'ws://b'] });
    lab.reactions.joined = () => client.stop();
    const joining = client.join();
    lab.last.welcome();
    await expect(joining).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
    expect([lab.sockets.length, ...isOver()]).toEqual([1, true, 0]);
  });

  it.each(['reconnecting', 'failed'])('from within the news "%s" is the end of it', async (event) => {
    const client = await joined();
    lab.reactions[event] = () => client.stop();
    lab.last.onclose?.({ code: 1006, reason: '' });
    lab.clock.advance(RECONNECT_MS);
    lab.last.onerror();
    await settled();
    lab.clock.advance(10 * RECONNECT_MS);
    expect([lab.sockets.length, ...isOver()]).toEqual([event === 'failed' ? 2 : 1, true, 0]);
  });
});

describe('a socket that does not open after the network has changed', () => {
  it('is opened anew once, and the one before is given up', async () => {
    const client = lab.client();
    const joining = client.join();
    lab.sockets[0]?.welcome();
    await joining;
    client.networkChanged();
    await settled();
    lab.clock.advance(500);
    expect(lab.sockets.map(({ isClosed }) => isClosed)).toEqual([false, true, false]);
    lab.sockets[2]?.welcome();
    await settled();
    expect(lab.sockets.map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
    lab.clock.advance(2_000);
    expect(lab.sockets).toHaveLength(3);
  });

  it('is followed by another one within a quarter of a second, as long as the network is fresh', async () => {
    const client = lab.client({ reconnectIntervalMs: 5_000 });
    const joining = client.join();
    lab.sockets[0]?.welcome();
    await joining;
    lab.sockets[0]?.end(1006);
    client.networkChanged();
    await settled();
    for (let tries = 2; tries < 6; tries++) {
      expect(lab.sockets).toHaveLength(tries);
      lab.sockets.at(-1)?.onerror();
      await settled();
      lab.clock.advance(250);
      await settled();
    }
    lab.clock.advance(4_500);
    const count = lab.sockets.length;
    lab.sockets.at(-1)?.onerror();
    await settled();
    lab.clock.advance(500);
    await settled();
    expect(lab.sockets).toHaveLength(count);
  });

  it('is left alone where it opens, or where the network is the same as before', async () => {
    const client = lab.client();
    const joining = client.join();
    lab.clock.advance(1_000);
    expect(lab.sockets).toHaveLength(1);
    lab.sockets[0]?.welcome();
    await joining;
    client.networkChanged();
    await settled();
    lab.sockets[1]?.challenge();
    lab.clock.advance(1_000);
    expect(lab.sockets).toHaveLength(2);
  });
});

describe('a page that is put to sleep', () => {
  it('leaves the room, and comes back when it goes on', async () => {
    const client = lab.client();
    const joining = client.join();
    lab.sockets[0]?.welcome();
    await joining;
    client.pause();
    lab.clock.advance(120_000);
    expect(lab.sockets.map(({ isClosed }) => isClosed)).toEqual([true]);
    expect(client.send(offer)).toBe(false);
    client.resume();
    await settled();
    lab.sockets[1]?.welcome();
    await settled();
    expect([client.send(offer), lab.sockets.length]).toEqual([true, 2]);
    client.resume();
    expect(lab.sockets).toHaveLength(2);
  });

  it('does not come back by itself where it waited for a server', async () => {
    const client = lab.client();
    const joining = client.join();
    lab.sockets[0]?.welcome();
    await joining;
    lab.sockets[0]?.end(1001);
    client.pause();
    lab.clock.advance(120_000);
    await settled();
    expect(lab.sockets).toHaveLength(1);
  });
});
