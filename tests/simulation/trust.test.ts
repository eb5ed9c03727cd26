import { ManualClock } from '@innmesh/kit';
import {
  CREDENTIAL_TYPE,
  DENY_LIST_TYPE,
  type EntitlementRules,
  NotEntitledError,
  type Role,
  roles,
} from '@innmesh/protocol';
import type { P2PConnectionConfig, P2PMessage } from '@innmesh/webrtc';
import { describe, expect, it } from 'vitest';
import { signJws } from '../../lib/webrtc/server/auth/signatures.ts';
import { TestIssuer } from '../../lib/webrtc/server/test-support/test-issuer.ts';
import type { SimulatedDevice } from './simulated-device.ts';
import { World } from './world.ts';

const anything: EntitlementRules = {
  notification: [{ writers: roles, readers: roles }],
  'x-*': [{ writers: roles, readers: roles }],
};
const notification: P2PMessage = { type: 'notification', notification: { notificationId: '1', title: 'Fire drill' } };

/** What the device's application is given. */
function heardBy({ connection }: SimulatedDevice): unknown[] {
  const heard: unknown[] = [];
  connection.on('message', ({ type }, fromPeerId) => heard.push([type, fromPeerId]));
  return heard;
}

async function linked(world: World, ...configs: Partial<P2PConnectionConfig>[]): Promise<SimulatedDevice[]> {
  const devices = configs.map((config) => world.addDevice(config));
  for (const device of devices) {
    device.arrive();
    await world.time.pass(1_000);
  }
  await world.time.pass(4_000);
  if (!devices.every(({ linked }) => linked.size === devices.length - 1)) throw new Error('They did not link.');
  return devices;
}

const as = (type: Role, entitlements?: EntitlementRules): Partial<P2PConnectionConfig> => ({
  deviceInfo: { type, name: type, capabilities: [] },
  ...(entitlements && { entitlements }),
});

describe('a guest', () => {
  it('is kept by its own library from sending what it may not [R3]', async () => {
    const [guest, staff] = await linked(new World(1), as('guest'), as('staff'));
    expect(() => guest?.connection.send(notification)).toThrow(NotEntitledError);
    expect(() => guest?.connection.send({ type: 'x-a', data: 1 }, staff?.peerId)).toThrow(NotEntitledError);
    expect(() => staff?.connection.send(notification, guest?.peerId)).toThrow(NotEntitledError);
  });

  it('gets nothing of what is sent to all and is not for it, though its page would take it [R3]', async () => {
    const world = new World(1);
    const [guest, staff, till] = await linked(world, as('guest', anything), as('staff'), as('pos'));
    const [heard, heardByTill] = [guest, till].map((device) => heardBy(device as SimulatedDevice));
    staff?.connection.send(notification);
    staff?.connection.send({ type: 'x-a', data: 1 });
    await world.time.pass(3_000);
    expect([heard, heardByTill?.length]).toEqual([[], 2]);
  });

  it('whose page sends all the same is not heard, and the application is told who it was [R4] [R7]', async () => {
    const world = new World(1);
    const [guest, staff] = await linked(world, as('guest', anything), as('staff'));
    const heard = heardBy(staff as SimulatedDevice);
    const delivery = guest?.connection.send(notification, staff?.peerId);
    guest?.connection.send({ type: 'ping' }, staff?.peerId);
    await world.time.pass(3_000);
    expect(heard).toEqual([['ping', guest?.peerId]]);
    expect(staff?.errors).toMatchObject([{ peerId: guest?.peerId, cause: { code: 'NOT_ENTITLED' } }]);
    expect(delivery?.status).toBe('delivered');
  });
});

describe('a device that the issuer puts out', () => {
  const issuer = new TestIssuer(new ManualClock(0));

  function propertyOf(): { world: World; config: Partial<P2PConnectionConfig>; listOf(peerId: string): string } {
    const world = new World(1, issuer.trust());
    const nowS = Math.floor(world.time.nowMs() / 1000);
    const config: Partial<P2PConnectionConfig> = {
      issuerKeys: issuer.keySet,
      autoReconnect: false,
      credential: ({ device: { peerId } }) =>
        signJws(CREDENTIAL_TYPE, issuer.key, {
          ...{ ...issuer.claims(), sub: peerId, cnf: { jkt: peerId }, caps: [], gen: 0, iat: nowS },
          exp: nowS + 86_400,
        }),
    };
    const listOf = (peerId: string) =>
      signJws(DENY_LIST_TYPE, issuer.key, { iss: 'i', tenant: 'hotel', seq: 1, iat: nowS, denied: { [peerId]: 1 } });
    return { world, config, listOf };
  }

  it('loses its links also to those that no server reaches: peers hand the list on [D5] [L13]', async () => {
    const { world, config, listOf } = propertyOf();
    const [told, cutOff, lost] = await linked(world, config, config, config);
    for (const device of [cutOff, lost]) world.signaling.break(device?.name ?? '');
    await world.time.pass(1_000);
    expect(cutOff?.linked).toEqual(new Set([told?.peerId, lost?.peerId]));
    world.signaling.deny(listOf(lost?.peerId ?? ''));
    await world.time.pass(2_000);
    expect([cutOff?.linked, lost?.linked]).toEqual([new Set([told?.peerId]), new Set()]);
  });

  it('is not let in by a newcomer either, though the server has forgotten the list: a peer tells [D5]', async () => {
    const { world, config, listOf } = propertyOf();
    const [told, lost] = await linked(world, { ...config, autoReconnect: true }, config);
    world.signaling.deny(listOf(lost?.peerId ?? ''));
    await world.time.pass(1_000);
    world.signaling.stop();
    world.signaling.start();
    const newcomer = world.addDevice(config);
    newcomer.arrive();
    await world.time.pass(10_000);
    lost?.arrive();
    await world.time.pass(10_000);
    expect(newcomer.known).toEqual(new Set([told?.peerId, lost?.peerId]));
    expect([newcomer.linked, lost?.linked]).toEqual([new Set([told?.peerId]), new Set()]);
  });
});
