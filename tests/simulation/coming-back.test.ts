import { seededRandom } from '@innmesh/kit';
import { expect, it } from 'vitest';
import { readConfiguration } from '../../lib/webrtc/client/configuration.ts';
import { SeenEntries } from '../../lib/webrtc/client/journal/seen-entries.ts';
import { softwareSealing } from '../../lib/webrtc/client/relay/software-sealing.ts';
import { Session, type SessionEvents } from '../../lib/webrtc/client/session.ts';
import { fakeDevice, immediateCryptography } from './fake-identity.ts';
import { World } from './world.ts';

/* A session whose first join reaches no server, as in a tab that takes over while the server is away. */

const world = new World(1);
const kitchen = fakeDevice(world.keys);

function openKitchen(message: SessionEvents['message'], loadSealing = async () => softwareSealing): Session {
  const none = () => {};
  const name = 'kitchen';
  return new Session(
    {
      clock: world.time,
      random: seededRandom(7),
      openWebSocket: (url) => world.serverAt(url).open(name),
      mayAsk: () => false,
      answersAt: async () => false,
      createPeerConnection: () => world.network.create(name) as unknown as RTCPeerConnection,
      onPageGone: () => none,
      onNetworkChange: () => none,
      onPageSleep: () => none,
      device: kitchen,
      identity: () => kitchen.openIdentity(name, false),
      loadCryptography: async () => immediateCryptography,
      loadSealing,
      fetchJson: () => Promise.reject(new Error('It needs none.')),
      tabs: null,
      configuration: readConfiguration({
        signalingServers: ['ws://signaling.local'],
        tenantId: 'hotel',
        deviceInfo: { type: 'staff', name, capabilities: [] },
      }),
      seen: new SeenEntries(),
      openDeliveries: new Map(),
      met: new Set(),
      storeIsFree: async () => {},
      log: none,
    },
    {
      discovered: none,
      peerJoined: none,
      peerLeft: none,
      linked: none,
      unlinked: none,
      message,
      pendingChanged: none,
      storageFull: none,
      topology: none,
      wantsTopology: () => false,
      reconnecting: none,
      failed: none,
    },
  );
}

it('what an earlier run did not hand over, and all that follows, is handed over once a server is reached', async () => {
  const till = world.addDevice();
  till.arrive();
  let refused = 0;
  const before = openKitchen(() => {
    refused += 1;
    throw new Error('The application has not taken it.');
  });
  before.join();
  await world.time.until(() => till.linked.has(kitchen.peerId), 5_000);
  till.send('small', kitchen.peerId);
  expect(await world.time.until(() => refused > 0, 2_000)).toBe(true);
  before.leave();
  await world.time.pass(2_000);

  world.signaling.stop();
  const handed: number[] = [];
  const session = openKitchen((message) => {
    if (message.type === 'x-small') handed.push((message.data as { number: number }).number);
  });
  let failure: unknown;
  session.join().catch((error) => {
    failure = error;
  });
  expect(await world.time.until(() => failure !== undefined, 20_000)).toBe(true);
  world.signaling.start();
  session.comeBack();
  await world.time.until(() => till.linked.has(kitchen.peerId), 20_000);
  till.send('small', kitchen.peerId);
  await world.time.until(() => handed.length > 1, 5_000);
  expect(handed).toEqual([1, 2]);
});

it('what links through the server need is loaded a second after a session has joined, and once for each room', async () => {
  let loads = 0;
  const session = openKitchen(
    () => {},
    async () => {
      loads += 1;
      return softwareSealing;
    },
  );
  session.join();
  const pass = async (ms: number) => {
    await world.time.pass(ms);
    // Virtual time does not wait for what is loaded.
    await import('../../lib/webrtc/client/relay/relayed-transport.ts');
    await new Promise((resolve) => setImmediate(resolve));
  };
  await pass(900);
  const early = loads;
  await pass(5_000);
  expect([early, loads]).toEqual([0, 1]);
  session.leave();
  await world.time.pass(3_000);
});
