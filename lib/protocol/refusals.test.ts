import { describe, expect, it } from 'vitest';
import { InvalidMessageError } from './errors.ts';
import { parseMessage } from './parse-message.ts';
import { applicationSamples } from './test-support/application-samples.ts';

/* Each row breaks one field of a message that is right, and says what the sender is told. */

const ABSENT = Symbol('absent');
type Row = readonly [sample: string, path: string, value: unknown, problem: string, reportedPath?: string];

const rows: readonly Row[] = [
  ['order', 'order', ABSENT, 'is missing'],
  ['order', 'table', 5, 'is no field here'],
  ['order', 'order', null, 'must be an object, not null'],
  ['order', 'order', 'burger', 'must be an object, not "burger"'],
  ['order', 'order.orderId', ABSENT, 'is missing'],
  ['order', 'order.orderId', 5, 'must be text, not 5'],
  ['order', 'order.orderId', '', 'must have at least 1 character, not 0'],
  ['order', 'order.orderId', 'x'.repeat(129), 'must have at most 128 characters, not 129'],
  ['order', 'order.tableId', ABSENT, 'is missing'],
  ['order', 'order.tableId', true, 'must be a table number or name'],
  ['order', 'order.tableId', 1.5, 'must be a whole number, not 1.5'],
  ['order', 'order.items', ABSENT, 'is missing'],
  ['order', 'order.items', {}, 'must be a list, not an object'],
  ['order', 'order.items', [], 'must have at least 1 entry, not 0'],
  ['order', 'order.items[0]', 'burger', 'must be an object, not "burger"'],
  ['order', 'order.items[0].itemId', ABSENT, 'is missing'],
  ['order', 'order.items[0].name', ABSENT, 'is missing'],
  ['order', 'order.items[0].quantity', ABSENT, 'is missing'],
  ['order', 'order.items[0].quantity', 0, 'must be at least 1, not 0'],
  ['order', 'order.items[0].quantity', 1000, 'must be at most 999, not 1000'],
  ['order', 'order.items[0].quantity', 1.5, 'must be a whole number, not 1.5'],
  ['order', 'order.items[0].quantity', '1', 'must be a number, not "1"'],
  ['order', 'order.items[0].price', 'free', 'must be Money or a plain number'],
  ['order', 'order.items[0].notes', 5, 'must be text, not 5'],
  ['order', 'order.total', ABSENT, 'is missing'],
  ['order', 'order.total', '15', 'must be Money or a plain number'],
  ['order', 'order.total', Number.NaN, 'must be Money or a plain number'],
  ['order', 'order.total', { currency: 'EUR' }, 'is missing', 'order.total.amountMinor'],
  ['order', 'order.total', { amountMinor: 1 }, 'is missing', 'order.total.currency'],
  [
    'order',
    'order.total',
    { amountMinor: 0.5, currency: 'EUR' },
    'must be a whole number, not 0.5',
    'order.total.amountMinor',
  ],
  ['order', 'order.currency', 'euro', 'must be an ISO 4217 code such as "EUR"'],
  ['order', 'order.status', ABSENT, 'is missing'],
  ['order', 'order.allergies', ['nuts', ''], 'must have at least 1 character, not 0', 'order.allergies[1]'],
  ['order', 'order.placedAt', '14:00', 'must be an ISO 8601 time such as "2024-01-15T14:00:00Z"'],
  ['receipt', 'printJob', ABSENT, 'is missing'],
  ['receipt', 'printJob.jobId', ABSENT, 'is missing'],
  ['receipt', 'printJob.content', ABSENT, 'must say what a queued job prints'],
  ['receipt', 'printJob.content.kind', ABSENT, 'is missing'],
  ['receipt', 'printJob.content.kind', 'fax', 'must be one of "receipt", "text", "bytes", not "fax"'],
  ['receipt', 'printJob.content.receipt', ABSENT, 'is missing'],
  ['receipt', 'printJob.content.receipt.transactionId', ABSENT, 'is missing'],
  ['receipt', 'printJob.content.receipt.items', ABSENT, 'is missing'],
  ['receipt', 'printJob.content.receipt.items[1].name', ABSENT, 'is missing'],
  ['receipt', 'printJob.content.receipt.items[1].price', ABSENT, 'is missing'],
  ['receipt', 'printJob.content.receipt.items[1].quantity', -1, 'must be at least 0, not -1'],
  ['receipt', 'printJob.content.receipt.total', ABSENT, 'is missing'],
  ['receipt', 'printJob.copies', 21, 'must be at most 20, not 21'],
  ['receipt', 'printJob.printerType', 'fax', 'must be one of "receipt", "kitchen", "label", "document", not "fax"'],
  ['print text', 'printJob.content.text', ABSENT, 'is missing'],
  ['print bytes', 'printJob.content.bytes', [27, 64], 'must be a Uint8Array, not a list of 2'],
  ['print bytes', 'printJob.content.language', 'pcl', 'must be one of "esc-pos", "star-prnt", "pdf", not "pcl"'],
  ['notification', 'notification', ABSENT, 'is missing'],
  ['notification', 'notification.notificationId', ABSENT, 'is missing'],
  ['notification', 'notification.title', ABSENT, 'is missing'],
  ['notification', 'notification.priority', 'loud', 'must be one of "low", "normal", "high", "urgent", not "loud"'],
  ['room-assignment', 'assignment', ABSENT, 'is missing'],
  ['room-assignment', 'assignment.assignmentId', ABSENT, 'is missing'],
  ['room-assignment', 'assignment.roomNumber', 205, 'must be text, not 205'],
  ['room-assignment', 'assignment.taskType', ABSENT, 'is missing'],
  ['room-assignment', 'assignment.assignedTo', ABSENT, 'is missing'],
  ['room-assignment', 'assignment.dueTime', 'soon', 'must be an ISO 8601 time such as "2024-01-15T14:00:00Z"'],
  ['iot-command', 'command', ABSENT, 'is missing'],
  ['iot-command', 'command.commandId', ABSENT, 'is missing'],
  ['iot-command', 'command.deviceId', ABSENT, 'is missing'],
  ['iot-command', 'command.action', ABSENT, 'is missing'],
  ['iot-command', 'command.parameters', { run: () => {} }, 'must be JSON, not a function', 'command.parameters.run'],
  ['sync-request', 'requestId', ABSENT, 'is missing'],
  ['sync-request', 'scope', ABSENT, 'is missing'],
  ['sync-response', 'requestId', ABSENT, 'is missing'],
  ['sync-response', 'scope', ABSENT, 'is missing'],
  ['sync-response', 'items', ABSENT, 'is missing'],
  ['sync-response', 'items', [1, new Date(0)], 'must be JSON, not a Date', 'items[1]'],
  ['ping', 'timestamp', 'now', 'must be a number, not "now"'],
  ['pong', 'timestamp', Number.POSITIVE_INFINITY, 'must be a finite number, not Infinity'],
];

type Container = Record<string, unknown>;

/** A copy of the sample with `value` at `path`. */
function broken(sample: string, path: string, value: unknown): unknown {
  const message = structuredClone(applicationSamples[sample]) as unknown as Container;
  const keys = path.split(/[.[\]]+/).filter(Boolean);
  const last = keys.pop() as string;
  const parent = keys.reduce((container, key) => container[key] as Container, message);
  if (value === ABSENT) delete parent[last];
  else parent[last] = value;
  return message;
}

const titled = rows.map(([sample, path, value, problem, reportedPath = path]) => ({
  title: `${sample}: "${reportedPath}" ${problem}`,
  message: broken(sample, path, value),
  path: reportedPath,
  problem,
}));

describe('a wrong field is named by its exact path, in words', () => {
  it.each(titled)('$title', ({ message, path, problem }) => {
    expect(() => parseMessage(message)).toThrow(InvalidMessageError);
    expect(() => parseMessage(message)).toThrow(
      expect.objectContaining({ code: 'INVALID_MESSAGE', path, message: `Invalid message: "${path}" ${problem}.` }),
    );
  });

  it.each([null, undefined, 5, 'order', () => {}])('%s is no message at all', (message) => {
    expect(() => parseMessage(message)).toThrow('Invalid message: it must be an object with a "type".');
  });

  it.each([{}, { type: 5 }, { type: 'orders' }, { type: 'toString' }, { type: '__proto__' }])(
    '%j has no known type',
    (message) => {
      expect(() => parseMessage(message)).toThrow(
        'Invalid message: "type" must be one of order, print, notification, room-assignment, iot-command, sync-request, sync-response, ping, pong, or your own that begins with "x-".',
      );
    },
  );
});
