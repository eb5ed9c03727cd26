import { decodeForDevice, encodeSignaling, SIGNALING_SUBPROTOCOL } from '@innmesh/protocol';
import type { P2PConnection } from '@innmesh/webrtc';
import { createSignalingServer, type SignalingServer } from '@innmesh/webrtc/signaling-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { idOf, joinMessage } from '../../lib/webrtc/server/test-support/device-keys.ts';
import { createDevice, nextEvent, until } from '../support/devices.ts';

const nonce = new Uint8Array(16);
let server: SignalingServer;
const devices: P2PConnection[] = [];
const intruders: WebSocket[] = [];

beforeEach(async () => {
  server = await createSignalingServer({ port: 0, host: '127.0.0.1' });
});

afterEach(async () => {
  for (const device of devices.splice(0)) device.disconnect();
  for (const intruder of intruders.splice(0)) intruder.close();
  await server.close();
});

async function connectDevice(tenantId: string): Promise<P2PConnection> {
  const device = createDevice(server.url, { tenantId });
  devices.push(device);
  await device.connect();
  return device;
}

interface Intruder {
  socket: WebSocket;
  /** Every message that the server has sent it. */
  heard: ReturnType<typeof decodeForDevice>[];
  closed: Promise<{ code: number; reason: string }>;
}

/** A client of our own that sends what it likes. */
async function intrude(tenantId?: string): Promise<Intruder> {
  const socket = new WebSocket(server.url, SIGNALING_SUBPROTOCOL);
  intruders.push(socket);
  socket.binaryType = 'arraybuffer';
  const heard: Intruder['heard'] = [];
  socket.onmessage = ({ data }) => heard.push(decodeForDevice(new Uint8Array(data)));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.onclose = ({ code, reason }) => resolve({ code, reason });
  });
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  await until(() => heard.length === 1, 'the challenge');
  if (tenantId) {
    socket.send(join(heard.shift(), tenantId));
    await until(() => heard.length > 0, 'the welcome');
  }
  return { socket, heard, closed };
}

describe('rooms of two tenants', () => {
  it('never mix: no roster, no event, no message crosses', async () => {
    const [ours, colleague] = [await connectDevice('hotel-a'), await connectDevice('hotel-a')];
    const theirs = await connectDevice('hotel-b');
    const seen: unknown[] = [];
    theirs.on('message', (message) => seen.push(message));
    theirs.on('peer-joined', (peer) => seen.push(peer));
    await ours.send({ type: 'x-secret', data: 1 }).delivered;
    await connectDevice('hotel-a');
    await until(() => ours.getPeers().length === 2, 'both colleagues');
    expect(ours.getPeers().map(({ peerId }) => peerId)).toContain(colleague.peerId);
    expect(theirs.getPeers()).toEqual([]);
    expect(seen).toEqual([]);
  });

  it('cannot be reached by forged targets, and every one of them is answered alike', async () => {
    const victims = [await connectDevice('hotel-a'), await connectDevice('hotel-a')];
    await until(
      () => victims.every((victim) => victim.getPeers().every(({ status }) => status === 'connected')),
      'links',
    );
    const disturbed: unknown[] = [];
    for (const victim of victims) {
      for (const event of ['error', 'disconnected', 'peer-joined', 'peer-left', 'message'] as const) {
        victim.on(event, (...args: unknown[]) => disturbed.push([event, ...args]));
      }
    }
    const intruder = await intrude('hotel-b');
    for (let slot = 1; slot <= 50; slot += 1) {
      intruder.socket.send(encodeSignaling({ type: 'offer', peer: slot, attempt: slot, nonce, sdp: 'v=0' }));
      intruder.socket.send(encodeSignaling({ type: 'answer', peer: slot, attempt: slot, nonce, sdp: 'v=0' }));
      intruder.socket.send(encodeSignaling({ type: 'candidate', peer: slot, attempt: slot, candidate: 'x', mid: '0' }));
    }
    await until(() => intruder.heard.length === 151, 'an answer to each');
    const slots = intruder.heard.flatMap((message) => (message.type === 'unreachable' ? [message.slot] : []));
    expect(slots).toEqual(Array.from({ length: 50 }, (_, index) => [index + 1, index + 1, index + 1]).flat());
    const [first, second] = victims as [P2PConnection, P2PConnection];
    await first.send({ type: 'x-undisturbed', data: 1 }, second.peerId).delivered;
    expect(disturbed.filter((event) => (event as unknown[])[0] !== 'message')).toEqual([]);
  });
});

describe('rubbish within one room', () => {
  it('from one socket closes that socket with a code and a reason, and nobody else notices', async () => {
    const [desk, kitchen] = [await connectDevice('hotel-a'), await connectDevice('hotel-a')];
    const failures: string[] = [];
    for (const device of [desk, kitchen]) {
      device.on('disconnected', (peerId) => failures.push(`disconnected ${peerId}`));
      device.on('reconnecting', () => failures.push('reconnecting'));
    }
    await until(() => desk.getPeers()[0]?.status === 'connected', 'a link');
    const rubbish: [string, (socket: WebSocket) => void, number][] = [
      ['garbage', (socket) => socket.send(Uint8Array.of(250, 1, 2, 3)), 4400],
      ['text', (socket) => socket.send('{"type":"join"}'), 4400],
      [
        'a second join',
        (socket) => socket.send(join({ type: 'challenge', nonce, development: true }, 'hotel-b')),
        4400,
      ],
      ['a frame over the limit', (socket) => socket.send(new Uint8Array(16 * 1024 + 1)), 1009],
      ['a frame far over the limit', (socket) => socket.send(new Uint8Array(5_000_000)), 1009],
      ['a flood', (socket) => flood(socket), 4429],
    ];
    for (const [what, send, code] of rubbish) {
      const intruder = await intrude('hotel-a');
      send(intruder.socket);
      const end = await intruder.closed;
      expect(end, what).toMatchObject({ code });
      expect(end.reason.length, what).toBeGreaterThan(10);
    }
    await desk.send({ type: 'x-undisturbed', data: 1 }, kitchen.peerId).delivered;
    expect(failures).toEqual([]);
    expect(server.stats()).toMatchObject({ rooms: 1, devices: 2 });
  });

  it('behind a valid address reaches a device and does it no harm [W4]', async () => {
    const desk = await connectDevice('hotel-a');
    const disturbed: string[] = [];
    desk.on('reconnecting', () => disturbed.push('reconnecting'));
    const intruder = await intrude('hotel-a');
    const welcome = intruder.heard[0];
    const slot = welcome?.type === 'welcome' ? (welcome.roster[0]?.slot ?? 0) : 0;
    for (const code of [16, 17, 18]) intruder.socket.send(Uint8Array.of(code, slot, 0xff, 0xff, 0xff));
    const colleague = await connectDevice('hotel-a');
    await colleague.send({ type: 'x-fine', data: 1 }, desk.peerId).delivered;
    expect(disturbed).toEqual([]);
    expect(desk.getPeers().map(({ peerId }) => peerId)).toContain(idOf('Intruder'));
  });

  it('as a session description makes an error on the other side and no harm', async () => {
    const desk = await connectDevice('hotel-a');
    const failed = nextEvent(desk, 'error');
    const intruder = await intrude('hotel-a');
    const welcome = intruder.heard[0];
    const slot = welcome?.type === 'welcome' ? (welcome.roster[0]?.slot ?? 0) : 0;
    intruder.socket.send(
      encodeSignaling({ type: 'offer', peer: slot, attempt: 1, nonce, sdp: 'not a session description' }),
    );
    expect((await failed)[0]).toMatchObject({ code: 'LINK_FAILED', peerId: idOf('Intruder') });
    const colleague = await connectDevice('hotel-a');
    await until(() => desk.getPeers().some(({ peerId }) => peerId === colleague.peerId), 'the colleague to be known');
    await desk.send({ type: 'x-fine', data: 1 }, colleague.peerId).delivered;
  });
});

describe('a peer that sends an invalid message', () => {
  it('raises an error at the other side, where nothing is delivered, and the link goes on [W6]', async () => {
    const kitchen = await connectDevice('hotel-a');
    const forger = createDevice(server.url, { tenantId: 'hotel-a' });
    devices.push(forger);
    await forger.connect();
    await until(() => kitchen.getPeers()[0]?.status === 'connected', 'a link');
    const delivered: unknown[] = [];
    kitchen.on('message', (message) => delivered.push(message));
    const failed = nextEvent(kitchen, 'error');
    forgeNextMessage('"quantity":1', '"quantity":0');
    forger.send({
      type: 'order',
      order: {
        orderId: 'o',
        tableId: 5,
        items: [{ itemId: 'b', name: 'B', quantity: 1 }],
        total: 1,
        status: 'pending',
      },
    });
    const [error] = await failed;
    expect(error).toMatchObject({ code: 'INVALID_PEER_MESSAGE', peerId: forger.peerId });
    expect(error.message).toContain('order.items[0].quantity');
    await forger.send({ type: 'x-valid', data: 1 }).delivered;
    expect(delivered).toEqual([{ type: 'x-valid', data: 1 }]);
  });
});

function join(challenge: Intruder['heard'][number] | undefined, tenantId: string): Uint8Array<ArrayBuffer> {
  if (challenge?.type !== 'challenge') throw new Error('The server began without a challenge.');
  const seat = { tenantId, name: 'Intruder', host: new URL(server.url).host };
  return encodeSignaling(joinMessage(challenge.nonce, seat));
}

function flood(socket: WebSocket): void {
  const heartbeat = encodeSignaling({ type: 'heartbeat' });
  for (let count = 0; count < 10_000; count += 1) socket.send(heartbeat);
}

/** What a hostile sender's own build would do: the message is valid where it is checked and is not when it is written. */
function forgeNextMessage(text: string, forged: string): void {
  const stringify = JSON.stringify;
  JSON.stringify = ((value: unknown) => {
    JSON.stringify = stringify;
    return stringify(value).replace(text, forged);
  }) as typeof JSON.stringify;
}
