import type * as s from '../../schema/index.ts';
import { type CustomMessage, type CustomMessageShape, customMessage } from './custom.ts';
import { iotCommandMessage } from './iot-command.ts';
import { notificationMessage } from './notification.ts';
import { orderMessage } from './order.ts';
import { pingMessage } from './ping.ts';
import { pongMessage } from './pong.ts';
import { printMessage } from './print.ts';
import { roomAssignmentMessage } from './room-assignment.ts';
import { syncRequestMessage } from './sync-request.ts';
import { syncResponseMessage } from './sync-response.ts';

/** The nine message types, by name. */
export const applicationMessages = {
  order: orderMessage,
  print: printMessage,
  notification: notificationMessage,
  'room-assignment': roomAssignmentMessage,
  'iot-command': iotCommandMessage,
  'sync-request': syncRequestMessage,
  'sync-response': syncResponseMessage,
  ping: pingMessage,
  pong: pongMessage,
};

export { customMessage };

type Schemas = typeof applicationMessages;

/** The names of the nine types. */
export type P2PMessageType = keyof Schemas;

/** A message as it arrives: in its normal form, with defaults filled in. `Custom` declares an application's own. */
export type ReceivedMessage<Custom extends CustomMessageShape = CustomMessage> =
  | s.InferOutput<Schemas[P2PMessageType]>
  | Custom;

/** A message as `send()` takes it: as a `ReceivedMessage`, or with plain numbers for `Money` and without what has defaults. */
export type P2PMessage<Custom extends CustomMessageShape = CustomMessage> =
  | s.InferInput<Schemas[P2PMessageType]>
  | Custom;
