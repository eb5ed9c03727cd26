import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { createSignalingServer, type SignalingServer } from '@innmesh/webrtc/signaling-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { POSApp } from '../../examples/printer-p2p/pos-app.ts';
import { PrinterWebApp } from '../../examples/printer-p2p/printer-web-app.ts';
import { rawTcpPrinter } from '../../examples/printer-p2p/raw-tcp-printer.node.ts';
import { GuestOrderApp } from '../../examples/restaurant-orders/guest-order.ts';
import { KitchenDisplayApp } from '../../examples/restaurant-orders/kitchen-display.ts';
import { createDevice, until } from '../support/devices.ts';

let server: SignalingServer;
const apps: { disconnect(): void }[] = [];

beforeEach(async () => {
  server = await createSignalingServer({ port: 0, host: '127.0.0.1' });
});

afterEach(async () => {
  for (const app of apps.splice(0)) app.disconnect();
  await server.close();
});

const options = () => ({ signalingServers: [server.url], iceServers: [] });

function started<App extends { disconnect(): void }>(app: App): App {
  apps.push(app);
  return app;
}

/** A receipt printer on TCP 9100 that has paper or not, and keeps what it prints. */
async function fakePrinter(hasPaper: boolean): Promise<{ port: number; printed: Buffer[]; close(): void }> {
  const printed: Buffer[] = [];
  const sockets = new Set<Socket>();
  const printer = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      printed.push(data);
      // DLE EOT n asks for a status byte; bits 5 and 6 of the fourth say that the paper is out.
      for (let at = data.indexOf('\x10\x04'); at >= 0; at = data.indexOf('\x10\x04', at + 2)) {
        const paperAsked = data[at + 2] === 4;
        socket.write(Uint8Array.of(paperAsked && !hasPaper ? 0x72 : 0x12));
      }
    });
  });
  await new Promise<void>((resolve) => printer.listen(0, '127.0.0.1', resolve));
  return {
    port: (printer.address() as AddressInfo).port,
    printed,
    close() {
      for (const socket of sockets) socket.destroy();
      printer.close();
    },
  };
}

const transaction = {
  transactionId: 'TXN-123',
  items: [
    { name: 'Room 205 (2 nights)', price: 150, quantity: 1 },
    { name: 'Breakfast', price: 25, quantity: 2 },
  ],
  total: 200,
  paymentMethod: 'Visa ****1234',
  guestName: 'John Smith',
};

describe('a guest and a kitchen display, without any page', () => {
  it('take an order from pending to served', async () => {
    const kitchen = started(new KitchenDisplayApp('hotel-abc-123', 'Main Kitchen', options()));
    await kitchen.connect();
    const guest = started(new GuestOrderApp(5, 'hotel-abc-123', options()));
    await guest.connect();
    const { orderId } = await guest.placeOrder([
      { itemId: 'burger', name: 'Cheeseburger', quantity: 1, notes: 'No onions' },
      { itemId: 'fries', name: 'French Fries', quantity: 1 },
    ]);
    await until(() => kitchen.tickets.length === 1, 'the ticket');
    expect(kitchen.tickets[0]).toMatchObject({ orderId, tableId: 5, status: 'pending' });
    for (const status of ['confirmed', 'preparing', 'ready', 'served']) {
      kitchen.advance(orderId);
      await until(() => guest.orders[0]?.status === status, `the guest to see "${status}"`);
    }
    expect(kitchen.tickets).toEqual([]);
  });

  it('find each other when the kitchen comes late', async () => {
    const guest = started(new GuestOrderApp(5, 'hotel-abc-123', options()));
    await guest.connect();
    await guest.placeOrder([{ itemId: 'burger', name: 'Cheeseburger', quantity: 2, price: 14.5 }]);
    const kitchen = started(new KitchenDisplayApp('hotel-abc-123', 'Main Kitchen', options()));
    await kitchen.connect();
    await until(() => kitchen.tickets.length === 1, 'the ticket');
    expect(kitchen.tickets[0]?.total).toEqual({ amountMinor: 2900, currency: 'USD' });
  });
});

describe('an order by a device whose clock is broken', () => {
  it('is cooked like any other, and keeps no display from seeing the rest', async () => {
    const kitchen = started(new KitchenDisplayApp('hotel-abc-123', 'Main Kitchen', options()));
    await kitchen.connect();
    const guest = started(
      createDevice(server.url, { deviceInfo: { type: 'guest', name: 'Table 9', capabilities: [] } }),
    );
    await guest.connect();
    const times = { placedAt: '9999-12-31T23:59:59.999Z', updatedAt: '9999-12-31T23:59:59.999Z' };
    const items = [{ itemId: 'burger', name: 'Burger', quantity: 1 }];
    guest.send({ type: 'order', order: { orderId: 'o-1', tableId: 9, items, total: 15, status: 'pending', ...times } });
    await until(() => kitchen.tickets.length === 1, 'the ticket');
    kitchen.advance('o-1');
    kitchen.advance('o-1');
    const second = started(new KitchenDisplayApp('hotel-abc-123', 'Cold Kitchen', options()));
    await second.connect();
    await until(() => second.tickets[0]?.status === 'preparing', 'the ticket on the second display');
  });
});

describe('a till and a printer, without any page', () => {
  it('print a receipt over TCP 9100, and the till learns it', async () => {
    const device = await fakePrinter(true);
    const output = rawTcpPrinter({ host: '127.0.0.1', port: device.port });
    const printer = started(
      new PrinterWebApp('hotel-abc-123', 'Front Desk Printer', 'receipt', { ...options(), output }),
    );
    await printer.connect();
    const till = started(new POSApp('hotel-abc-123', 'Front Desk POS', options()));
    await till.connect();
    expect(await till.processTransaction(transaction)).toMatchObject({ status: 'printed' });
    const paper = Buffer.concat(device.printed).toString('latin1');
    expect(paper).toContain('Breakfast');
    expect(paper).toContain('200.00');
    device.close();
  });

  it('say that the paper is out', async () => {
    const device = await fakePrinter(false);
    const output = rawTcpPrinter({ host: '127.0.0.1', port: device.port });
    const printer = started(
      new PrinterWebApp('hotel-abc-123', 'Front Desk Printer', 'receipt', { ...options(), output }),
    );
    await printer.connect();
    const till = started(new POSApp('hotel-abc-123', 'Front Desk POS', options()));
    await till.connect();
    const outcome = await till.processTransaction(transaction);
    expect(outcome.status).toBe('failed');
    expect(outcome.reason).toMatch(/paper/i);
    device.close();
  });

  it('say that there is no printer', async () => {
    const till = started(new POSApp('hotel-abc-123', 'Front Desk POS', { ...options(), printerWithinMs: 200 }));
    await till.connect();
    const outcome = await till.processTransaction(transaction);
    expect(outcome).toMatchObject({ status: 'failed', reason: expect.stringMatching(/printer/i) });
  });
});
