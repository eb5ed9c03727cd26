import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { startCountingProxy } from './counting-proxy.ts';
import { startJsonRelay } from './json-relay.ts';

const closers: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function openSocket(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  closers.push(() => socket.terminate());
  await once(socket, 'open');
  return socket;
}

describe('the counting proxy', () => {
  it('counts what two devices exchange through the relay, both ways, from the reset on', async () => {
    const relay = await startJsonRelay();
    const proxy = await startCountingProxy(relay.port);
    closers.push(proxy.close, relay.close);
    const waiter = await openSocket(proxy.port);
    waiter.send('{"join":"a"}');
    const newcomer = await openSocket(proxy.port);
    newcomer.send('{"join":"a"}');
    newcomer.send('"hello"');
    await once(waiter, 'message');

    const maskedHeaderBytes = 6;
    const join = 12 + maskedHeaderBytes;
    expect(proxy.counted()).toMatchObject({ dataBytes: 2 * join + (7 + maskedHeaderBytes) + (7 + 2), dataFrames: 4 });

    proxy.reset();
    waiter.send('"bye"');
    await once(newcomer, 'message');
    expect(proxy.counted()).toMatchObject({ dataBytes: 5 + maskedHeaderBytes + (5 + 2), dataFrames: 2 });
  });
});
