import type { P2PMessage } from '../messages/application/index.ts';
import type { Named } from './samples.ts';

/** As an application sends them: plain numbers where there is money, and no more than is needed. */
export const applicationSamples: Named<P2PMessage> = {
  order: {
    type: 'order',
    order: {
      orderId: 'order-123',
      tableId: 5,
      items: [{ itemId: 'burger', name: 'Burger', quantity: 1 }],
      total: 15,
      status: 'pending',
    },
  },
  'order with everything': {
    type: 'order',
    order: {
      orderId: 'order-124',
      tableId: 'Terrace 3',
      items: [
        { itemId: 'burger', name: 'Cheeseburger', quantity: 2, price: 12.5, notes: 'No onions' },
        { itemId: 'tea', name: 'Tee', quantity: 1, price: { amountMinor: 350, currency: 'EUR' }, hot: true },
      ],
      total: 28.5,
      currency: 'EUR',
      status: 'rejected',
      allergies: ['nuts'],
      placedAt: '2024-01-15T13:00:00Z',
      updatedAt: '2024-01-15T13:05:00.250+02:00',
      reason: 'The kitchen is closed',
      loyalty: { card: 'A-1', points: [1, 2.5, null] },
    },
  },
  receipt: {
    type: 'print',
    printJob: {
      jobId: 'job-1',
      content: {
        kind: 'receipt',
        receipt: {
          transactionId: 'TXN-123',
          items: [
            { name: 'Room 205 (2 nights)', price: 150, quantity: 1 },
            { name: 'Breakfast', price: 25, quantity: 2 },
          ],
          total: 200,
          paymentMethod: 'Visa ****1234',
          guestName: 'John Smith',
        },
      },
    },
  },
  'print text': {
    type: 'print',
    printJob: { jobId: 'job-2', printerType: 'kitchen', copies: 2, content: { kind: 'text', text: '2 × Burger' } },
  },
  'print bytes': {
    type: 'print',
    printJob: {
      jobId: 'job-3',
      content: { kind: 'bytes', language: 'esc-pos', bytes: Uint8Array.of(0x1b, 0x40, 0x0a) },
    },
  },
  'print failed': {
    type: 'print',
    printJob: { jobId: 'job-1', status: 'failed', reason: 'The paper is out' },
  },
  notification: { type: 'notification', notification: { notificationId: 'n-1', title: 'Table 5 asks for the bill' } },
  'room-assignment': {
    type: 'room-assignment',
    assignment: {
      assignmentId: 'assign-123',
      roomNumber: '205',
      taskType: 'clean',
      assignedTo: 'staff-456',
      dueTime: '2024-01-15T14:00:00Z',
      notes: 'Guest checking out at 12pm',
    },
  },
  'iot-command': {
    type: 'iot-command',
    command: { commandId: 'c-1', deviceId: 'thermostat-205', action: 'set-temperature', parameters: { celsius: 21 } },
  },
  'sync-request': { type: 'sync-request', requestId: 'r-1', scope: 'orders', since: '2024-01-15T00:00:00Z' },
  'sync-response': { type: 'sync-response', requestId: 'r-1', scope: 'orders', items: [{ orderId: 'order-123' }, 1] },
  ping: { type: 'ping', timestamp: 1_705_320_000_000 },
  pong: { type: 'pong', timestamp: 1_705_320_000_000 },
  'x- with JSON': { type: 'x-minibar.taken', data: { room: '205', items: ['cola'], note: null } },
  'x- with null': { type: 'x-lights', data: null },
  'x- with bytes': { type: 'x-photo', data: Uint8Array.of(255, 216, 255) },
};
