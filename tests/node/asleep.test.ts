import { systemClock } from '@innmesh/kit';
import type { P2PConnection } from '@innmesh/webrtc';
import { createSignalingServer, type SignalingServer } from '@innmesh/webrtc/signaling-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDevice, nextEvent, until } from '../support/devices.ts';

const MINUTE_MS = 60_000;

let server: SignalingServer;
const devices: P2PConnection[] = [];
/** How long the page has stood still. */
let stoodStillMs: number;
let isHidden: boolean;
let dialled: number;
/** How often it has looked at the time. */
let looks: number;

beforeEach(async () => {
  server = await createSignalingServer({ port: 0, host: '127.0.0.1' });
  [stoodStillMs, isHidden, dialled, looks] = [0, false, 0, 0];
});

afterEach(async () => {
  for (const device of devices.splice(0)) device.disconnect();
  await server.close();
});

function device(name: string): P2PConnection {
  const created = createDevice(
    server.url,
    { iceServers: [], deviceInfo: { type: 'staff', name, capabilities: [] } },
    {
      isHidden: () => isHidden,
      openWebSocket: (url, subprotocol) => {
        dialled += 1;
        return new WebSocket(url, subprotocol);
      },
      clock: {
        ...systemClock,
        nowMs: () => {
          looks += 1;
          return systemClock.nowMs() + stoodStillMs;
        },
      },
    },
  );
  devices.push(created);
  return created;
}

async function standsStill(ms: number): Promise<void> {
  stoodStillMs += ms;
  looks = 0;
  await until(() => looks > 3, 'it to look around');
}

describe('a page whose timers have stood still', () => {
  it('has slept, and comes in anew', async () => {
    await device('Desk').connect();
    await standsStill(MINUTE_MS);
    await until(() => dialled === 2, 'it to come in anew');
  });

  it('has not where it is hidden and has no link: browsers run its timers once a minute', async () => {
    await device('Desk').connect();
    isHidden = true;
    for (const _ of [1, 2, 3]) await standsStill(MINUTE_MS);
    expect(dialled).toBe(1);
    await standsStill(2 * MINUTE_MS);
    await until(() => dialled === 2, 'it to come in anew');
  });

  it('has slept where it is hidden and has a link: its timers go on', async () => {
    const [desk, bar] = [device('Desk'), device('Bar')];
    await desk.connect();
    const linked = nextEvent(desk, 'connected');
    await bar.connect();
    await linked;
    isHidden = true;
    await standsStill(MINUTE_MS);
    await until(() => dialled > 2, 'it to come in anew');
  });
});
