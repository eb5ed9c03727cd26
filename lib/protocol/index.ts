export * from './close-codes.ts';
export { Entitlements, type Party } from './entitlement/entitlements.ts';
export { type EntitlementRule, type EntitlementRules, house } from './entitlement/rules.ts';
export * from './errors.ts';
export { type Audience, isAmong, type Reader } from './journal/audience.ts';
export { decodeEntry, type Entry, encodeEntry, MAX_LIFETIME_MS } from './journal/entry.ts';
export { allSeries, isBulk, isKept, isShared, type Series, series } from './journal/series.ts';
export * as limits from './limits.ts';
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
export {
  isHelloRecord,
  JOURNAL_ID_BYTES,
  MAX_HELLO_BYTES,
} from './messages/link/hello.ts';
export { type LinkMessage, linkMessages, type ReplicationMessage } from './messages/link/index.ts';
export { MAX_SEALED_ENTRIES } from './messages/link/seal.ts';
export { MAX_SIGNAL_HOPS } from './messages/link/signal.ts';
export {
  capabilitiesSchema,
  type DeviceInfo,
  type DeviceType,
  deviceInfoSchema,
  deviceNameSchema,
  deviceTypes,
} from './messages/signaling/device-info.ts';
export type { FirstOffer } from './messages/signaling/first-offer.ts';
export * from './messages/signaling/index.ts';
export type { RelayRate } from './messages/signaling/relay-rate.ts';
export type { RosterEntry } from './messages/signaling/roster-entry.ts';
export { turnUrlsBounds } from './messages/signaling/turn.ts';
export type { UndeliveredReason } from './messages/signaling/undelivered.ts';
export { parseMessage } from './parse-message.ts';
export {
  CLOCK_SKEW_MS,
  CREDENTIAL_TYPE,
  type Credential,
  type CredentialClaims,
  checkClaims,
  type Expectations,
  readCredential,
} from './trust/credential.ts';
export { DENY_LIST_TYPE, type DenyList, readDenyList } from './trust/deny-list.ts';
export { PUBLIC_KEY_BYTES, SIGNATURE_BYTES, thumbprintInput } from './trust/device-key.ts';
export {
  type IssuerKey,
  type JsonWebKeyLike,
  type JsonWebKeySet,
  readKeySet,
  type SignatureAlgorithm,
} from './trust/issuer-keys.ts';
export { type Jws, prepareJws, signingKeyOf } from './trust/jws.ts';
export { isRelayedDescription, readRelayedDescription, writeRelayedDescription } from './trust/relayed-description.ts';
export { type Role, roles } from './trust/roles.ts';
export {
  encodeFrameContext,
  encodeJoinTranscript,
  encodeLinkTranscript,
  encodeSealTranscript,
  fingerprintOf,
  type JoinTranscript,
  type LinkSide,
  type LinkTranscript,
  NONCE_BYTES,
  type SealTranscript,
} from './trust/transcripts.ts';
export { iceUrlSchema, turnUrlSchema } from './values/ice-url.ts';
export type { JsonValue } from './values/json.ts';
export { formatMoney, type Money, minorDigits, type Price, toMoney } from './values/money.ts';
export * from './version.ts';
export { fromBase64url, toBase64url } from './wire/base64url.ts';
export { ByteReader, ByteWriter, decodeText, encodeText } from './wire/bytes.ts';
export {
  FrameWriter,
  MAX_BATCHED_BYTES,
  type OutgoingRecord,
  RecordAssembler,
  recordBytes,
} from './wire/channel-frame.ts';
export { decodeLinkMessage, encodeLinkMessage } from './wire/link-codec.ts';
export { decodeMessage, encodeMessage } from './wire/message-codec.ts';
export {
  contentKinds,
  decodeSealedContent,
  encodeSealedContent,
  laneOf,
  partKind,
  type SealedContent,
} from './wire/sealed-content.ts';
export {
  decodeForDevice,
  decodeForServer,
  encodeSignaling,
  isRelayFrame,
  isSealedFrame,
  openRelayFrame,
} from './wire/signaling-codec.ts';
