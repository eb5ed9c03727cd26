export * from './close-codes.ts';
export * from './errors.ts';
export * from './limits.ts';
export type { CustomMessage, CustomMessageShape } from './messages/application/custom.ts';
export type { P2PMessage, P2PMessageType, ReceivedMessage } from './messages/application/index.ts';
export { applicationMessages, customMessage } from './messages/application/index.ts';
export type { IotCommandMessage } from './messages/application/iot-command.ts';
export type { NotificationMessage } from './messages/application/notification.ts';
export { type OrderItem, type OrderMessage, type OrderStatus, orderStatuses } from './messages/application/order.ts';
export type { PingMessage } from './messages/application/ping.ts';
export type { PongMessage } from './messages/application/pong.ts';
export type { PrinterType, PrintMessage, PrintStatus, Receipt } from './messages/application/print.ts';
export type { RoomAssignmentMessage } from './messages/application/room-assignment.ts';
export type { SyncRequestMessage } from './messages/application/sync-request.ts';
export type { SyncResponseMessage } from './messages/application/sync-response.ts';
export { type LinkMessage, linkMessages } from './messages/link/index.ts';
export { type DeviceInfo, type DeviceType, deviceInfoSchema, deviceTypes } from './messages/signaling/device-info.ts';
export * from './messages/signaling/index.ts';
export type { RosterEntry } from './messages/signaling/roster-entry.ts';
export { parseMessage } from './parse-message.ts';
export type { JsonValue } from './values/json.ts';
export { formatMoney, type Money, minorDigits, type Price, toMoney } from './values/money.ts';
export * from './version.ts';
export { batchedSize, cutIntoPieces, MAX_BATCHED_BYTES, packBatch, RecordAssembler } from './wire/channel-frame.ts';
export { decodeLinkMessage, encodeLinkMessage } from './wire/link-codec.ts';
export { decodeMessage, encodeMessage } from './wire/message-codec.ts';
export {
  decodeForDevice,
  decodeForServer,
  encodeSignaling,
  isRelayFrame,
  openRelayFrame,
} from './wire/signaling-codec.ts';
