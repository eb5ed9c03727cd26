import {
  CredentialError,
  type EntitlementRules,
  Entitlements,
  type OrderMessage,
  type P2PMessage,
  roles,
} from '@innmesh/protocol';
import { createSignalingServer, type SignalingServer } from '@innmesh/webrtc/signaling-server';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { applicationSamples } from '../../lib/protocol/test-support/application-samples.ts';
import { Introductions } from '../../lib/webrtc/client/journal/introductions.ts';
import { Journals } from '../../lib/webrtc/client/journal/journals.ts';
import { createPeerConnection } from '../../lib/webrtc/client/link/peer-connection.node.ts';
import { OfferLimits } from '../../lib/webrtc/client/mesh/offer-limits.ts';
import { until } from '../support/devices.ts';
import { HostileServer } from './support/hostile-server.ts';
import { credentialOf, Device, hotel } from './support/hotel.ts';
import { RawDevice } from './support/raw-device.ts';

/* A guest's page is in the guest's hands: its library leaves out every check of its own. */

const anything = [{ writers: roles, readers: roles }];
/** Of a build that checks nothing. */
const NO_RULES: EntitlementRules = {
  order: anything,
  print: anything,
  notification: anything,
  'iot-command': anything,
};

let server: SignalingServer;

beforeEach(async () => {
  server = await createSignalingServer({ port: 0, host: '127.0.0.1', auth: { issuerKeys: hotel.keySet } });
  onTestFinished(() => server.close());
});

const guestAt = (name: string, table: string, more = {}) =>
  new Device(server.url, name, 'guest', {
    credential: credentialOf(name, 'guest', { table }),
    entitlements: NO_RULES,
    ...more,
  });

async function link(one: Device, other: Device): Promise<void> {
  await one.connection.connect();
  await other.connection.connect();
  await until(() => one.isLinkedTo(other.peerId) && other.isLinkedTo(one.peerId), 'the link stands');
}

let numbers = 0;

/** What a member of staff hears of it; `rules` of the staff's build. */
async function staffHears(message: P2PMessage, rules?: EntitlementRules) {
  numbers += 1;
  const staff = new Device(server.url, `staff ${numbers}`, 'staff', rules ? { entitlements: rules } : {});
  const guest = guestAt(`guest ${numbers}`, '5');
  await link(staff, guest);
  guest.connection.send(message, staff.peerId);
  await until(() => staff.heard.length + staff.errors.length > 0, 'it is heard or refused');
  staff.connection.disconnect();
  guest.connection.disconnect();
  return { heard: staff.heard.map(({ type }) => type), problems: staff.problems };
}

const hotelGuest = 'G'.repeat(43);

function sample(name: string): P2PMessage {
  const message = applicationSamples[name];
  if (!message) throw new Error(`There is no sample "${name}".`);
  return message;
}

const order = (tableId: string, placedBy?: string): P2PMessage => {
  const message = sample('order') as OrderMessage;
  numbers += 1;
  return { ...message, order: { ...message.order, orderId: `o${numbers}`, tableId, ...(placedBy && { placedBy }) } };
};

describe('a guest with a library of its own', () => {
  const attacks: [string, () => P2PMessage][] = [
    ['prints', () => sample('print text')],
    ['orders for another table', () => order('7')],
    ['orders in the name of another guest', () => order('5', hotelGuest)],
    ['opens a door', () => sample('iot-command')],
    ['notifies the staff as if it were the house', () => sample('notification')],
  ];
  it.each(attacks)('%s [R2] [R4] [R5]', async (_, message) => {
    const { type } = message();
    expect(await staffHears(message(), NO_RULES)).toEqual({ heard: [type], problems: [] });
    expect(await staffHears(message())).toEqual({ heard: [], problems: ['NOT_ENTITLED'] });
  });

  it('reads the order of another guest, or of another table, that the house sends to all [R2] [R3]', async () => {
    const attack = async (rules: EntitlementRules) => {
      numbers += 1;
      const pos = new Device(server.url, `pos ${numbers}`, 'pos', { entitlements: rules });
      const spy = guestAt(`spy ${numbers}`, '5');
      await link(pos, spy);
      pos.connection.send(order('7', hotelGuest));
      // Behind it, so that it would have come before.
      pos.connection.send(sample('ping'), spy.peerId);
      await until(() => spy.heard.some(({ type }) => type === 'ping'), 'the ping');
      pos.connection.disconnect();
      spy.connection.disconnect();
      return spy.heard.map(({ type }) => type);
    };
    expect(await attack(NO_RULES)).toEqual(['order', 'ping']);
    expect(await attack({})).toEqual(['ping']);
  });
});

it('a signaling server introduces two guests to each other [R6] [L8]', async () => {
  const attack = async () => {
    numbers += 1;
    const hostile = await HostileServer.start();
    const [one, other] = ['one', 'other'].map(
      (name) =>
        new Device(hostile.url, `${name} ${numbers}`, 'guest', {
          credential: credentialOf(`${name} ${numbers}`, 'guest', { table: '5' }),
        }),
    );
    await one?.connection.connect();
    await other?.connection.connect();
    return { one, other };
  };
  const blind = vi.spyOn(Entitlements.prototype, 'mayLink').mockReturnValue(true);
  const { one: linked } = await attack();
  await until(() => (linked?.linked.length ?? 0) > 0, 'the guests are linked');
  linked?.connection.disconnect();
  blind.mockRestore();
  const { one, other } = await attack();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect([one?.present, other?.present, one?.linked, other?.linked]).toEqual([[], [], [], []]);
});

/** A build that takes anyone's word of a writer, and holds it against the writer where it is not so. */
function believeAnyone() {
  const { writer } = Introductions.prototype;
  const said = new Set<string>();
  const heard = vi.spyOn(Introductions.prototype, 'add').mockImplementation(({ peerId }) => void said.add(peerId));
  const asked = vi.spyOn(Introductions.prototype, 'writer').mockImplementation(function (this: Introductions, peerId) {
    const isFalse = said.has(peerId);
    return isFalse
      ? Promise.reject(new CredentialError('signature', 'it was introduced so'))
      : writer.call(this, peerId);
  });
  return () => [heard, asked].map((each) => each.mockRestore());
}

it('a guest says of a waiter who it is, so that the kitchen drops the waiter [L21] [L22]', async () => {
  /** Who has lost its link to the kitchen. */
  const attack = async () => {
    numbers += 1;
    const linked = vi.spyOn(Journals.prototype, 'linked');
    const kitchen = new Device(server.url, `kitchen ${numbers}`, 'kitchen-display');
    const guest = guestAt(`guest ${numbers}`, '5');
    const waiter = new Device(server.url, `waiter ${numbers}`);
    await link(kitchen, guest);
    const [toKitchen] = linked.mock.calls.map(([peer]) => peer).filter(({ peerId }) => peerId === kitchen.peerId);
    linked.mockRestore();
    toKitchen?.send(0, { ...toKitchen.shown, type: 'origin', origin: waiter.peerId }, 0);
    await link(kitchen, waiter);
    waiter.connection.send(sample('notification'));
    await until(() => kitchen.heard.length > 0, 'the kitchen hears the waiter');
    // Its signature comes behind.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const lost = [waiter, guest].filter(({ peerId }) => kitchen.unlinked.includes(peerId));
    for (const { connection } of [kitchen, guest, waiter]) connection.disconnect();
    return lost.map(({ name }) => name.split(' ')[0]);
  };
  const restore = believeAnyone();
  expect(await attack()).toEqual(['waiter']);
  restore();
  expect(await attack()).toEqual(['guest']);
});

/** Of a real connection. */
async function offerOf(): Promise<string> {
  const connection = createPeerConnection({ iceServers: [] });
  onTestFinished(() => connection.close());
  connection.createDataChannel('entries', { negotiated: true, id: 0 });
  await connection.setLocalDescription();
  return connection.localDescription?.sdp ?? '';
}

describe('a guest signals offers without end to a member of staff', () => {
  /** How many of them it takes up. */
  async function offering(offers: number) {
    numbers += 1;
    const staff = new Device(server.url, `staff ${numbers}`, 'staff');
    await staff.connection.connect();
    const [name, type] = [`guest ${numbers}`, 'guest'] as const;
    const guest = await RawDevice.enter(server.url, {
      name,
      type,
      credential: credentialOf(name, type, { table: '5' }),
    });
    const { slot: peer = 0 } = guest.roster.find(({ peerId }) => peerId === staff.peerId) ?? {};
    const sdp = await offerOf();
    const answers = () => guest.heard.filter((message) => message.type === 'answer').length;
    for (let attempt = 1; attempt <= offers; attempt++) {
      const before = answers();
      guest.say({ type: 'offer', peer, attempt, nonce: new Uint8Array(16), sdp });
      const deadlineMs = performance.now() + 300;
      while (answers() === before && performance.now() < deadlineMs)
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
    staff.connection.disconnect();
    return answers();
  }

  it('to use up its connections, and gets ten [L16]', async () => {
    const unbounded = vi.spyOn(OfferLimits.prototype, 'take').mockReturnValue(true);
    expect(await offering(14)).toBe(14);
    unbounded.mockRestore();
    expect(await offering(14)).toBe(10);
  });
});
