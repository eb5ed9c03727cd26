import { once } from 'node:events';
import { systemClock } from '@innmesh/kit';
import { decodeForDevice, encodeSignaling, SIGNALING_SUBPROTOCOL } from '@innmesh/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { createSignalingServer, type SignalingServer, type SignalingServerOptions } from '../../signaling-server.ts';
import { idOf, joinMessage, type Seat } from '../test-support/device-keys.ts';
import { TestIssuer } from '../test-support/test-issuer.ts';

/* The same as in memory, once more over real sockets: what is theirs is the Host header and the close frame. */

const issuer = new TestIssuer(systemClock);

async function start(options: SignalingServerOptions = {}): Promise<SignalingServer> {
  const auth = { issuerKeys: issuer.keySet, ...options.auth };
  const server = await createSignalingServer({ port: 0, host: '127.0.0.1', ...options, auth });
  onTestFinished(() => server.close());
  return server;
}

/** Answers the challenge, and resolves with the next message, or the close code and reason. */
async function join(url: string, seat: Seat, options: ClientOptions = {}) {
  const websocket = new WebSocket(url, SIGNALING_SUBPROTOCOL, options);
  onTestFinished(() => websocket.terminate());
  const [first] = await once(websocket, 'message');
  const challenge = decodeForDevice(new Uint8Array(first));
  if (challenge.type !== 'challenge') throw new Error(`The server began with ${challenge.type}.`);
  const ended = once(websocket, 'close').then(([code, reason]) => `${code} ${reason}`);
  const answered = once(websocket, 'message').then(([frame]) => decodeForDevice(new Uint8Array(frame)));
  websocket.send(encodeSignaling(joinMessage(challenge.nonce, { host: new URL(url).host, ...seat })));
  return { websocket, ended, outcome: await Promise.race([answered, ended]) };
}

describe('a device over a real socket', () => {
  it('joins with its credential, signing for the host that it dialled', async () => {
    const server = await start();
    expect((await join(server.url, issuer.enrolled())).outcome).toMatchObject({ type: 'welcome' });
    const spelled = { headers: { host: 'Signaling.Example.COM' } };
    const seat = issuer.enrolled({ host: 'signaling.example.com' });
    expect((await join(server.url, seat, spelled)).outcome).toMatchObject({ type: 'welcome' });
  });

  it('is refused when it signed for another host, and reads why [J3]', async () => {
    const server = await start();
    const { outcome } = await join(server.url, issuer.enrolled({ host: 'elsewhere.example' }));
    expect(outcome).toBe(`4401 signature: not signed for "127.0.0.1:${server.port}". Behind a proxy set auth.hosts.`);
  });

  it('comes through a proxy that changes the Host header where the operator has named the server', async () => {
    const server = await start({ auth: { hosts: ['signaling.example.com'] } });
    const proxied = { headers: { host: '10.0.0.7:8080' } };
    const seat = issuer.enrolled({ host: 'signaling.example.com' });
    expect((await join(server.url, seat, proxied)).outcome).toMatchObject({ type: 'welcome' });
    expect((await join(server.url, issuer.enrolled())).outcome).toMatch(/^4401 signature: /);
  });

  it('is refused without a credential, and is put out when it is revoked', async () => {
    const server = await start();
    expect((await join(server.url, {})).outcome).toMatch(/^4401 missing: /);
    const { ended } = await join(server.url, issuer.enrolled({ name: 'thief' }));
    expect(server.deny(issuer.denyList(1, { thief: 1 }))).toBe(true);
    expect(await ended).toBe('4403 revoked: the device was revoked');
    expect((await join(server.url, issuer.enrolled({ name: 'thief' }))).outcome).toMatch(/^4403 revoked: /);
  });

  it('is told the longest of reasons within what a close frame holds', async () => {
    const server = await start();
    const { outcome } = await join(server.url, issuer.enrolled({}, { tenant: 'ü"'.repeat(64) }));
    expect(outcome).toMatch(/^4401 other-tenant: it is for the tenant "/);
  });
});

it('a guess is logged with its problem, and without the credential', async () => {
  const lines: string[] = [];
  const server = await start({ log: (line) => lines.push(line) });
  await (await join(server.url, { name: 'a', credential: issuer.credential({ name: 'b' }) })).ended;
  expect(lines).toEqual([
    'event=refused kind=unauthorized code=4401 address=127.0.0.0/24 reason="other-device: it was issued to another device."',
  ]);
  expect(lines.join()).not.toContain(idOf('b'));
});

it('pages of other origins are not let in, where devices are checked', async () => {
  const server = await start();
  const websocket = new WebSocket(server.url, SIGNALING_SUBPROTOCOL, { origin: 'https://evil.example' });
  const [error] = await once(websocket, 'error');
  expect(String(error)).toContain('403');
});
