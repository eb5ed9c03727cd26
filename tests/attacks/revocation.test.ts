import { DENY_LIST_TYPE } from '@innmesh/protocol';
import { expect, it, vi } from 'vitest';
import { Link } from '../../lib/webrtc/client/link/link.ts';
import { idOf } from '../../lib/webrtc/server/test-support/device-keys.ts';
import { until } from '../support/devices.ts';
import { signedByItself } from './support/forged-tokens.ts';
import { without } from './support/guards.ts';
import { HostileServer } from './support/hostile-server.ts';
import { Device, hotel } from './support/hotel.ts';

vi.mock('../../lib/protocol/trust/deny-list.ts', async (importOriginal) =>
  (await import('./support/guards.ts')).weakDenyLists(await importOriginal()),
);
vi.mock('../../lib/protocol/trust/jws.ts', async (importOriginal) =>
  (await import('./support/guards.ts')).weakTokens(await importOriginal()),
);

let rooms = 0;

/** Devices that are all linked to each other, in a room that a hostile server keeps. */
async function linkedDevices(...names: string[]) {
  rooms += 1;
  const server = await HostileServer.start();
  const devices = names.map((name) => new Device(server.url, `${name} ${rooms}`));
  for (const device of devices) await device.connection.connect();
  const all = () => devices.every((one) => devices.every((other) => one === other || one.isLinkedTo(other.peerId)));
  await until(all, 'all are linked');
  const push = (to: Device, list: string) => {
    const seat = server.seats.find(({ peerId }) => peerId === to.peerId);
    if (seat) server.say(seat, { type: 'deny', list });
  };
  return { devices, push };
}

const moment = () => new Promise((resolve) => setTimeout(resolve, 500));

it('a thief whose revocation the server holds back from a device stays linked to it, unless a peer tells [D5] [L13]', async () => {
  const attack = async () => {
    const { devices, push } = await linkedDevices('desk', 'bar', 'thief');
    const [desk, bar, thief] = devices as [Device, Device, Device];
    push(bar, hotel.denyList(1, { [thief.name]: 1 }));
    await until(() => !bar.isLinkedTo(thief.peerId), 'the bar has dropped the thief');
    await moment();
    return desk.isLinkedTo(thief.peerId);
  };
  const silent = vi.spyOn(Link.prototype, 'deny').mockImplementation(() => {});
  expect(await attack()).toBe(true);
  silent.mockRestore();
  expect(await attack()).toBe(false);
});

it('a server replays an older list, so that a thief comes back [D3]', async () => {
  const attack = async () => {
    const { devices, push } = await linkedDevices('desk', 'thief');
    const [desk, thief] = devices as [Device, Device];
    push(desk, hotel.denyList(2, { [thief.name]: 1 }));
    await until(() => !desk.isLinkedTo(thief.peerId), 'the desk has dropped the thief');
    push(desk, hotel.denyList(1, {}));
    const links = desk.linked.length;
    const refusals = desk.problems.length;
    await until(() => desk.linked.length > links || desk.problems.length > refusals, 'the thief comes again');
    return desk.linked.length > links ? 'linked' : desk.problems.at(-1);
  };
  expect(await without('list order', attack)).toBe('linked');
  expect(await attack()).toBe('revoked');
});

it('a server forges a list, so that an honest device is put out [D1] [D3]', async () => {
  const attack = async () => {
    const { devices, push } = await linkedDevices('desk', 'bar');
    const [desk, bar] = devices as [Device, Device];
    const claims = { iss: 'https://id.test', tenant: 'hotel', seq: 9, iat: 0, denied: { [idOf(bar.name)]: 1 } };
    push(desk, signedByItself(DENY_LIST_TYPE, claims));
    await moment();
    return { linked: desk.isLinkedTo(bar.peerId), isRefused: desk.problems.includes('unknown-key') };
  };
  expect(await without('known keys', attack)).toEqual({ linked: false, isRefused: false });
  expect(await attack()).toEqual({ linked: true, isRefused: true });
});
