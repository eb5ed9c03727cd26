import type { DeviceType, P2PConnection, P2PMessage } from '@innmesh/webrtc';
import { createSignalingServer, type SignalingServer } from '@innmesh/webrtc/signaling-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDevice, nextEvent, until } from '../support/devices.ts';

const order: P2PMessage = {
  type: 'order',
  order: {
    orderId: 'order-123',
    tableId: 5,
    items: [{ itemId: 'burger', name: 'Burger', quantity: 1 }],
    total: 15,
    status: 'pending',
  },
};

let server: SignalingServer;
let devices: P2PConnection[];

beforeEach(async () => {
  devices = [];
  server = await createSignalingServer({ port: 0, host: '127.0.0.1' });
});

afterEach(async () => {
  for (const device of devices) device.disconnect();
  await server.close();
});

function device(
  ...config: Parameters<typeof createDevice> extends [string, ...infer Rest] ? Rest : never
): P2PConnection {
  const created = createDevice(server.url, ...config);
  devices.push(created);
  return created;
}

async function linkedPair(type: DeviceType = 'guest'): Promise<[P2PConnection, P2PConnection]> {
  const guest = device({ deviceInfo: { type, name: 'Table 5', capabilities: [] } });
  const kitchen = device({ deviceInfo: { type: 'kitchen-display', name: 'Main Kitchen', capabilities: ['orders'] } });
  await kitchen.connect();
  const linked = [nextEvent(guest, 'connected'), nextEvent(kitchen, 'connected')];
  await guest.connect();
  await Promise.all(linked);
  return [guest, kitchen];
}

describe('an order between two devices in Node', () => {
  it('arrives in its normal form, and its status comes back', async () => {
    const [guest, kitchen] = await linkedPair();
    kitchen.on('order', ({ order }, fromPeerId) => {
      kitchen.send({ type: 'order', order: { ...order, status: 'confirmed' } }, fromPeerId);
    });
    const arrived = nextEvent(kitchen, 'order');
    const answered = nextEvent(guest, 'order');
    const delivery = guest.send(order);
    expect(delivery.status).toBe('pending');

    const [message, fromPeerId] = await arrived;
    expect(fromPeerId).toBe(guest.peerId);
    expect(message.order.total).toEqual({ amountMinor: 1500, currency: 'USD' });
    expect((await answered)[0].order.status).toBe('confirmed');
    await delivery.delivered;
    expect(delivery.status).toBe('delivered');
  });

  it('that was sent while nobody was there reaches the kitchen when it comes, and neither printer nor guest', async () => {
    const guest = device();
    await guest.connect();
    const delivery = guest.send(order);
    const orders: string[] = [];
    for (const type of ['printer', 'guest', 'kitchen-display'] as const) {
      const newcomer = device({ deviceInfo: { type, name: type, capabilities: [] } });
      newcomer.on('order', ({ order }) => orders.push(`${type} ${order.orderId}`));
      const linked = nextEvent(guest, 'connected', ({ peerId }) => peerId === newcomer.peerId);
      await newcomer.connect();
      await linked;
      await guest.send({ type: 'ping' }, newcomer.peerId).delivered;
    }
    await delivery.delivered;
    expect(orders).toEqual(['kitchen-display order-123']);
  });

  it('is delivered also where the handler disconnects', async () => {
    const [guest, kitchen] = await linkedPair();
    kitchen.on('order', () => kitchen.disconnect());
    await guest.send(order).delivered;
  });

  it('gets through while a peer pings without end and takes no answer', async () => {
    const [guest, kitchen] = await linkedPair();
    const pings = Array.from({ length: 5_000 }, () => guest.send({ type: 'ping' }).delivered);
    await Promise.all(pings);
    await kitchen.send(order, guest.peerId).delivered;
    const ping = kitchen.send({ type: 'ping' }, guest.peerId);
    // A pong to each ping would have numbered this one 5,001.
    expect(Number(ping.id.split('-').at(-1))).toBeLessThan(5_000);
  });

  it('is sent to one or to all', async () => {
    const [guest, kitchen] = await linkedPair('staff');
    const waiter = device();
    const received: string[] = [];
    for (const [name, reader] of [
      ['kitchen', kitchen],
      ['waiter', waiter],
    ] as const) {
      reader.on('message', ({ type }) => received.push(`${name} ${type}`));
    }
    const linked = nextEvent(guest, 'connected', ({ peerId }) => peerId === waiter.peerId);
    await waiter.connect();
    await linked;
    await guest.send({ type: 'x-one', data: 1 }, kitchen.peerId).delivered;
    guest.send({ type: 'x-all', data: 2 });
    await until(() => received.length === 3, 'three messages');
    expect(received.sort()).toEqual(['kitchen x-all', 'kitchen x-one', 'waiter x-all']);
  });

  it('keeps the order in which messages were sent, and all of a large one', async () => {
    const [guest, kitchen] = await linkedPair('staff');
    const numbers: unknown[] = [];
    const sizes: number[] = [];
    kitchen.on('message', (message) => {
      if (message.type === 'x-number') numbers.push(message.data);
      if (message.type === 'x-photo') sizes.push((message.data as Uint8Array).reduce((sum, byte) => sum + byte, 0));
    });
    const photo = new Uint8Array(3_000_000).fill(1);
    const last = [guest.send({ type: 'x-photo', data: photo })];
    for (let number = 0; number < 2_000; number += 1) last.push(guest.send({ type: 'x-number', data: number }));
    await Promise.all(last.map(({ delivered }) => delivered));
    expect(numbers).toEqual(Array.from({ length: 2_000 }, (_, number) => number));
    expect(sizes).toEqual([3_000_000]);
  });

  it('that was sent just before disconnect() still arrives', async () => {
    const [guest, kitchen] = await linkedPair();
    const arrived = nextEvent(kitchen, 'order');
    const left = nextEvent(kitchen, 'disconnected');
    const delivery = guest.send(order);
    guest.disconnect();
    await arrived;
    await delivery.delivered;
    expect(await left).toEqual([guest.peerId]);
  });

  it('raises the event of its type, and message, for each of the nine', async () => {
    const [guest, kitchen] = await linkedPair('staff');
    const events: string[] = [];
    kitchen.on('message', ({ type }) => events.push(`message ${type}`));
    kitchen.on('order', () => events.push('order'));
    kitchen.on('print', () => events.push('print'));
    kitchen.on('notification', () => events.push('notification'));
    const pong = nextEvent(guest, 'message', ({ type }) => type === 'pong');
    guest.send(order);
    guest.send({ type: 'print', printJob: { jobId: 'j', content: { kind: 'text', text: 'Hello' } } }, kitchen.peerId);
    guest.send({ type: 'notification', notification: { notificationId: 'n', title: 'Table 5 waits' } });
    guest.send({
      type: 'room-assignment',
      assignment: { assignmentId: 'a', roomNumber: '205', taskType: 'clean', assignedTo: 'staff-456' },
    });
    guest.send({ type: 'iot-command', command: { commandId: 'c', deviceId: 'lamp', action: 'off' } });
    guest.send({ type: 'sync-request', requestId: 'r', scope: 'orders' });
    guest.send({ type: 'sync-response', requestId: 'r', scope: 'orders', items: [] });
    guest.send({ type: 'pong' });
    await guest.send({ type: 'ping', timestamp: 7 }).delivered;
    expect(await pong).toEqual([{ type: 'pong', timestamp: 7 }, kitchen.peerId, expect.anything()]);
    expect(events).toEqual([
      ...['message order', 'order', 'message print', 'print', 'message notification', 'notification'],
      ...['message room-assignment', 'message iot-command', 'message sync-request', 'message sync-response'],
      ...['message pong', 'message ping'],
    ]);
  });

  it('shows its way: local, free, and measured', async () => {
    const guest = device();
    const kitchen = device();
    await kitchen.connect();
    const detected = nextEvent(guest, 'topology-detected');
    await guest.connect();
    const [announced] = await detected;
    expect(announced).toMatchObject({ peerId: kitchen.peerId, topology: 'local-p2p', path: 'host', estimatedCost: 0 });
    const measured = await guest.getNetworkTopology(kitchen.peerId);
    expect(measured?.latency).toBeGreaterThan(0);
    expect(measured?.bytesReceived).toBeGreaterThan(0);
    expect(await guest.getNetworkTopology('nobody')).toBeNull();
  });
});
