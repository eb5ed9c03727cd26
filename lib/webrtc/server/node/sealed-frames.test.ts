import { once } from 'node:events';
import { decodeForDevice, encodeSignaling, type RelayMessage, type ServerMessage } from '@innmesh/protocol';
import { describe, expect, it, vi } from 'vitest';
import {
  type AttackedServer,
  HOST,
  joinFrame,
  openSocket,
  rawFrame,
  startAttacked,
  upgradeRaw,
} from '../test-support/attacked-server.ts';

const KIB = 1024;
const BINARY = 2;
const frameTo = (peer: number, length = 8 * KIB) =>
  encodeSignaling({ type: 'frame', peer, attempt: 7, bytes: new Uint8Array(length) });

/** A device that has joined, and what it has heard since. */
async function deviceOf({ server }: AttackedServer, name: string) {
  const { websocket, join, welcomed } = openSocket(server);
  const heard: (ServerMessage | RelayMessage)[] = [];
  websocket.on('message', (data: Buffer) => heard.push(decodeForDevice(new Uint8Array(data))));
  await join(name);
  await welcomed;
  return { websocket, heard, types: () => new Set(heard.map(({ type }) => type)) };
}

describe('over real sockets', () => {
  it('a frame of the longest crosses, and is counted', async () => {
    const attacked = await startAttacked();
    const [a, b] = [await deviceOf(attacked, 'a'), await deviceOf(attacked, 'b')];
    a.websocket.send(frameTo(1, 16 * KIB - 3));
    await once(b.websocket, 'message');
    const last = b.heard.at(-1);
    expect(last).toMatchObject({ type: 'frame', peer: 0 });
    const metrics = ['frames', 'bytes'].map((what) => attacked.metric(`innmesh_relayed_sealed_${what}_total`));
    expect(await Promise.all(metrics)).toEqual([1, 16 * KIB]);
    expect(await attacked.metric('innmesh_relayed_frames_total')).toBe(1);
  });

  it('a flood is told to pause, then told of what is dropped, and then closed; the receiver stays [F7] [F8]', async () => {
    const attacked = await startAttacked({ limits: { device: { sealedBytes: { burst: 64 * KIB, perSecond: 1 } } } });
    const [a, b] = [await deviceOf(attacked, 'a'), await deviceOf(attacked, 'b')];
    const closed = once(a.websocket, 'close');
    for (let frames = 0; frames < 3_000; frames++) a.websocket.send(frameTo(1));
    expect((await closed)[0]).toBe(4429);
    expect(a.types()).toEqual(new Set(['challenge', 'welcome', 'joined', 'pause', 'undelivered']));
    await vi.waitFor(() => expect(b.types()).toContain('left'));
    expect(b.heard.filter(({ type }) => type === 'frame').length * 8 * KIB).toBeLessThanOrEqual(128 * KIB);
    expect(b.websocket.readyState).toBe(b.websocket.OPEN);
    expect(await attacked.metric('innmesh_refusals_total{reason="device_sealed_bytes"}')).toBeGreaterThan(0);
  });

  it('one that does not read costs the server no more than a bound, and the sender is told [F8]', async () => {
    const maxBufferedBytes = 256 * KIB;
    const unlimited = { sealedBytes: { burst: 1e9, perSecond: 1e9 } };
    const attacked = await startAttacked({ maxBufferedBytes, limits: { device: unlimited, tenant: unlimited } });
    const slow = await upgradeRaw(attacked.server);
    slow.socket.write(rawFrame(BINARY, joinFrame(HOST, await slow.challenge(), 'slow')));
    await vi.waitFor(() => expect(attacked.server.stats().devices).toBe(1));
    slow.socket.pause();
    const quick = await deviceOf(attacked, 'quick');
    const sending = setInterval(() => {
      for (let frames = 0; frames < 50; frames++) quick.websocket.send(frameTo(0));
    }, 5);
    await vi.waitFor(() => expect(quick.types()).toContain('undelivered'), 10_000);
    clearInterval(sending);
    expect(quick.heard.find(({ type }) => type === 'undelivered')).toMatchObject({ reason: 'slow-receiver' });
    expect([attacked.server.stats().devices, attacked.log.map(({ kind }) => kind)]).toEqual([2, ['slow_receiver']]);
  });

  it('none is handed on where the operator has switched it off [F9]', async () => {
    const attacked = await startAttacked({ relayFrames: false });
    const [a] = [await deviceOf(attacked, 'a'), await deviceOf(attacked, 'b')];
    a.websocket.send(frameTo(1));
    await vi.waitFor(() => expect(a.heard.at(-1)).toMatchObject({ type: 'undelivered', reason: 'off' }));
  });
});
