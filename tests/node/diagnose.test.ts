import { type Clock, systemClock } from '@innmesh/kit';
import type { CheckName, CredentialSource, Diagnosis, LinkError, P2PConnection } from '@innmesh/webrtc';
import { createSignalingServer, type SignalingServer } from '@innmesh/webrtc/signaling-server';
import { afterEach, describe, expect, it } from 'vitest';
import { IssuerUnreachableError } from '../../lib/webrtc/client/enrolment/errors.ts';
import { createPeerConnection } from '../../lib/webrtc/client/link/peer-connection.node.ts';
import { FakeWebSocket } from '../../lib/webrtc/client/signaling/test-support/signaling-lab.ts';
import { createDevice, nextEvent, until } from '../support/devices.ts';

const devices: P2PConnection[] = [];
const servers: SignalingServer[] = [];

afterEach(async () => {
  for (const device of devices.splice(0)) device.disconnect();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function startServer(options: Parameters<typeof createSignalingServer>[0] = {}): Promise<SignalingServer> {
  const server = await createSignalingServer({ port: 0, host: '127.0.0.1', ...options });
  servers.push(server);
  return server;
}

function add(...args: Parameters<typeof createDevice>): P2PConnection {
  const device = createDevice(...args);
  devices.push(device);
  return device;
}

const named = (name: string) => ({ deviceInfo: { type: 'staff' as const, name, capabilities: [] } });
const check = ({ checks }: Diagnosis, name: CheckName) => checks.find((each) => each.name === name);

/** Of what a link waits for 15 seconds, this one waits for a third of one. */
const hurried: Clock = {
  ...systemClock,
  setTimer: (callback, delayMs) => systemClock.setTimer(callback, delayMs === 15_000 ? 300 : delayMs),
};

/** A link's connection, which is the one made with the configuration's ICE servers, hears of no way to the other side. */
function createIsolated(configuration: RTCConfiguration): RTCPeerConnection {
  const isProbe = configuration.iceTransportPolicy !== undefined || configuration.iceServers?.length === 0;
  const connection = createPeerConnection({ ...configuration });
  if (isProbe) return connection;
  connection.setRemoteDescription = async () => {};
  return connection;
}

/** A server that answers whoever calls it, and lets in whom `calls` says. */
function answering() {
  const calls: FakeWebSocket[] = [];
  const openWebSocket = (url: string) => {
    const socket = new FakeWebSocket(url);
    calls.push(socket);
    setTimeout(() => socket.challenge(), 5);
    return socket as unknown as WebSocket;
  };
  return { calls, openWebSocket };
}

/** As an issuer writes it for this device; nobody verifies it here. */
function credentialOf(peerId: string): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: 'i',
    sub: peerId,
    cnf: { jkt: peerId },
    tenant: 'hotel-abc-123',
    role: 'staff',
    caps: [],
    gen: 1,
  };
  const header = { alg: 'ES256', kid: 'k', typ: 'innmesh+jwt' };
  return `${encode(header)}.${encode({ ...claims, iat: now, exp: now + 86_400 })}.${encode(Buffer.alloc(64))}`;
}

describe('a diagnosis in Node', () => {
  it('of a device that is linked names both ends of the way', async () => {
    const { url } = await startServer();
    const [desk, kitchen] = [add(url, named('Desk')), add(url, named('Kitchen'))];
    await desk.connect();
    const linked = nextEvent(desk, 'connected');
    await kitchen.connect();
    await linked;
    const diagnosis = await desk.diagnose(kitchen.peerId);
    expect(diagnosis.verdict).toBe('ok');
    expect(check(diagnosis, 'direct-path')?.words).toMatch(
      /^A link to Kitchen stands, directly \(\w+ [\da-f.:]+ ↔ \w+ /,
    );
    expect(check(diagnosis, 'signaling')?.words).toMatch(
      /^This device is in the hotel’s room\. The server ws:\S+ answers/,
    );
    expect(check(await desk.diagnose('nobody'), 'direct-path')).toMatchObject({ verdict: 'failed' });
  });

  it('suspects isolation where links to several devices time out', async () => {
    const { url } = await startServer();
    for (const name of ['Kitchen', 'Bar']) await add(url, named(name)).connect();
    const config = { ...named('Desk'), iceServers: [{ urls: 'stun:127.0.0.1:9' }] };
    const desk = add(url, config, { clock: hurried, createPeerConnection: createIsolated });
    const failed = new Set<string>();
    desk.on('error', (error) => failed.add((error as LinkError).peerId));
    await desk.connect();
    await until(() => failed.size === 2, 'both links to fail');
    const diagnosis = await desk.diagnose();
    expect(check(diagnosis, 'isolation')).toMatchObject({ verdict: 'failed' });
    expect(check(diagnosis, 'isolation')?.words).toMatch(/Kitchen and Bar|Bar and Kitchen/);
    expect(check(diagnosis, 'direct-path')?.words).toContain('it did not open within 15 s.');
    expect(diagnosis.summary).toMatch(/^The WiFi seems to keep devices apart\./);
  });

  it('asks the relays that the signaling server lends, too', async () => {
    const without = await startServer();
    const lending = await startServer({
      turn: { urls: ['turn:127.0.0.1:9'], secret: 'a secret of this test alone', lifetimeSeconds: 3_600 },
    });
    for (const [{ url }, expected] of [
      [without, 'skipped'],
      [lending, 'failed'],
    ] as const) {
      const device = add(url, { ...named('Desk'), iceServers: [] });
      await device.connect();
      expect(check(await device.diagnose(), 'turn')).toMatchObject({ verdict: expected });
    }
  });

  it('says why a server turned the device away', async () => {
    const { url } = await startServer({ auth: { sharedSecret: 'a secret of thirty-two characters' } });
    const desk = add(url, { ...named('Desk'), credential: 'no.credential.atall' });
    await expect(desk.connect()).rejects.toThrow();
    const diagnosis = await desk.diagnose();
    expect(check(diagnosis, 'signaling')).toMatchObject({ verdict: 'failed' });
    expect(check(diagnosis, 'signaling')?.words).toMatch(
      /answers, after \d+\sms\. But this device is not in its room: .*malformed/,
    );
  });

  it('says why a device cannot come back to a server that answers', async () => {
    const { calls, openWebSocket } = answering();
    let isIssuerAway = false;
    const credential: CredentialSource = async ({ device }) => {
      if (isIssuerAway) throw new IssuerUnreachableError('https://id.example', new Error('refused'));
      return credentialOf(device.peerId);
    };
    const desk = add('ws://a', { ...named('Desk'), credential, reconnectInterval: 50 }, { openWebSocket });
    const connecting = desk.connect();
    await until(() => calls[0]?.heard.length === 1, 'the device to join');
    calls[0]?.welcome();
    await connecting;
    isIssuerAway = true;
    const failed = nextEvent(desk, 'error');
    const expired = 'expired: the credential was not renewed in time';
    calls[0]?.end(4401, expired);
    await until(() => calls[1]?.heard.length === 1, 'the device to join with what it has');
    calls[1]?.end(4401, expired);
    await failed;
    expect(check(await desk.diagnose(), 'signaling')).toMatchObject({
      verdict: 'failed',
      words: expect.stringMatching(/ answers, .* not in its room: The issuer at https:\/\/id\.example does not answer/),
    });
    isIssuerAway = false;
    const entered = nextEvent(desk, 'peers-discovered');
    await until(() => calls.at(-1)?.heard.length === 1, 'the device to join again');
    calls.at(-1)?.welcome();
    await entered;
    expect(check(await desk.diagnose(), 'signaling')?.verdict).toBe('ok');
  });

  it('says that a device has lost its server and does not come back by itself', async () => {
    const { calls, openWebSocket } = answering();
    const desk = add(
      'ws://a',
      { ...named('Desk'), credential: ({ device }) => credentialOf(device.peerId), autoReconnect: false },
      { openWebSocket },
    );
    const connecting = desk.connect();
    await until(() => calls[0]?.heard.length === 1, 'the device to join');
    calls[0]?.welcome();
    await connecting;
    desk.on('error', () => {});
    calls[0]?.end(1006);
    expect(check(await desk.diagnose(), 'signaling')).toMatchObject({
      verdict: 'failed',
      words: expect.stringMatching(
        / answers, .* not in its room: The connection to ws:\/\/a is lost: the connection broke/,
      ),
      advice: expect.stringContaining('reload the page'),
    });
  });

  it('says that a device is not in its room which waits for its credential', async () => {
    const { openWebSocket } = answering();
    const credential = () => new Promise<string>(() => {});
    const desk = add('ws://a', { ...named('Desk'), credential }, { openWebSocket });
    desk.connect().catch(() => {});
    expect(check(await desk.diagnose(), 'signaling')).toMatchObject({
      verdict: 'warning',
      words: expect.stringMatching(/ answers, .* But this device is not in its room yet\.$/),
    });
  });

  it('works while the device connects, and after it has gone', async () => {
    const { url } = await startServer();
    const desk = add(url, named('Desk'));
    const connecting = desk.connect();
    expect((await desk.diagnose()).verdict).not.toBe('failed');
    await connecting;
    desk.disconnect();
    expect(check(await desk.diagnose(), 'direct-path')?.verdict).toBe('skipped');
  });

  it('leaves the server with no more connections than before', async () => {
    const server = await startServer();
    const desk = add(server.url, named('Desk'));
    await desk.connect();
    await desk.diagnose();
    expect(server.stats().devices).toBe(1);
    await until(() => server.stats().sockets === 1, 'the diagnosis to hang up');
  });
});
