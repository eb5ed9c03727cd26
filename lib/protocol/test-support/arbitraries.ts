import fc from 'fast-check';
import type { Audience } from '../journal/audience.ts';
import { type Entry, MAX_LIFETIME_MS } from '../journal/entry.ts';
import { allSeries } from '../journal/series.ts';
import * as limits from '../limits.ts';
import type { LinkMessage, ReplicationMessage } from '../messages/link/index.ts';
import { MAX_SIGNAL_HOPS } from '../messages/link/signal.ts';
import { type DeviceInfo, deviceTypes } from '../messages/signaling/device-info.ts';
import type { DeviceMessage, RelayMessage, ServerMessage } from '../messages/signaling/index.ts';
import type { RosterEntry } from '../messages/signaling/roster-entry.ts';
import { toBase64url } from '../wire/base64url.ts';

/* Any message that its schema lets through, to try a promise on all of them. */

const natural = fc.oneof(fc.nat({ max: 300 }), fc.maxSafeNat());
const positive = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(Number.MAX_SAFE_INTEGER));
const attempt = fc.integer({ min: 0, max: 2 ** 32 - 1 });

/** Any code points, the byte order mark at the start among them. */
const text = (maxLength: number, minLength = 0) =>
  fc
    .tuple(fc.constantFrom('', '\ufeff'), fc.string({ unit: 'binary', minLength, maxLength }))
    .map(([mark, rest]) => mark + rest)
    .filter(({ length }) => length <= maxLength);

const device: fc.Arbitrary<DeviceInfo> = fc.record({
  type: fc.constantFrom(...deviceTypes),
  name: text(limits.deviceNameCharacters, 1),
  capabilities: fc.array(text(limits.capabilityCharacters, 1), { maxLength: 8 }),
});

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((each) => Uint8Array.from(each));
const peerId = bytes(32).map(toBase64url);
const credential = text(300);
const nonce = bytes(16);
const sdp = text(300);
const offers = fc.array(fc.record({ attempt, nonce, sdp }), { maxLength: 1 });
const proof = { credential, publicKey: bytes(65), signature: bytes(64) };
const turnUrls = fc.array(fc.constantFrom('turn:a', 'turns:b.example:443?transport=tcp'), {
  minLength: 1,
  maxLength: 4,
});
const rosterEntry: fc.Arbitrary<RosterEntry> = fc.record({ slot: natural, peerId, device });

export const deviceMessage: fc.Arbitrary<DeviceMessage> = fc.oneof(
  fc.record({ type: fc.constant('join'), tenantId: text(limits.tenantIdCharacters, 1), device, ...proof, offers }),
  fc.record({ type: fc.constant('renew'), credential }),
  fc.record({ type: fc.constant('heartbeat') }),
);

export const serverMessage: fc.Arbitrary<ServerMessage> = fc.oneof(
  fc.record({
    type: fc.constant('welcome'),
    slot: natural,
    heartbeatMs: fc.integer({ min: 1, max: 1_800_000 }),
    roster: fc.array(rosterEntry, { maxLength: 8 }),
    offeredTo: fc.array(natural, { maxLength: 1 }),
    relay: fc.array(fc.record({ burstBytes: fc.integer({ min: 65_536 }), bytesPerSecond: fc.integer({ min: 1 }) }), {
      maxLength: 1,
    }),
    credential,
    issuerKeys: text(300),
  }),
  fc.record({ type: fc.constant('challenge'), nonce, development: fc.boolean() }),
  fc.record({ type: fc.constant('deny'), list: credential }),
  fc.record({ type: fc.constant('turn'), urls: turnUrls, expiresAt: natural, password: bytes(20) }),
  fc.record({ type: fc.constant('joined'), peer: rosterEntry }),
  fc.record({ type: fc.constantFrom('left', 'unreachable'), slot: natural }),
  fc.record({ type: fc.constant('heartbeat') }),
  fc.record({
    type: fc.constant('undelivered'),
    peer: natural,
    attempt,
    reason: fc.constantFrom('off', 'rate', 'slow-receiver'),
  }),
  fc.record({ type: fc.constant('pause'), pauseMs: fc.integer({ min: 1, max: 60_000 }) }),
);

export const relayMessage: fc.Arbitrary<RelayMessage> = fc.oneof(
  fc.record({ type: fc.constantFrom('offer', 'answer'), peer: natural, attempt, nonce, sdp }),
  fc.record({ type: fc.constant('candidate'), peer: natural, attempt, candidate: text(80), mid: text(4) }),
  fc.record({ type: fc.constant('frame'), peer: natural, attempt, bytes: bytes(40) }),
);

const anyBytes = fc.uint8Array({ maxLength: 64 }).map((each) => Uint8Array.from(each));
const stream = fc.nat({ max: 100_000 });
const journal = bytes(8);
const seqs = fc.array(natural, { maxLength: 16 });
const few = { maxLength: 4 };
const handed = fc.record({ seq: natural, ageMs: natural, bytes: anyBytes });
const between = { stream, after: natural, upTo: natural };

const audience: fc.Arbitrary<Audience> = fc.oneof(
  fc.constant<Audience>({ to: 'all' }),
  fc.record({
    to: fc.constantFrom('devices', 'role', 'capability', 'first'),
    names: fc.array(text(50), { maxLength: 8 }),
  }),
);

export const journalEntry: fc.Arbitrary<Entry> = fc.record({
  writtenAt: natural,
  lifetimeMs: fc.integer({ min: 0, max: MAX_LIFETIME_MS }),
  type: text(64, 1),
  audience,
  body: anyBytes,
});

const replicationMessage: fc.Arbitrary<ReplicationMessage> = fc.oneof(
  fc.record({
    type: fc.constant('hello'),
    journals: fc.array(fc.record({ origin: peerId, journal, cursors: seqs }), few),
  }),
  fc.record({
    type: fc.constant('stream'),
    stream,
    origin: peerId,
    journal,
    series: fc.constantFrom(...allSeries),
  }),
  fc.record({ type: fc.constant('origin'), origin: peerId, publicKey: bytes(65), credential }),
  fc.record({
    type: fc.constant('entry'),
    stream,
    seq: natural,
    distance: fc.integer({ min: 1, max: 1_000 }),
    ageMs: natural,
    bytes: anyBytes,
  }),
  fc.record({
    type: fc.constant('seal'),
    ...between,
    groups: fc.array(fc.record({ seqs, signature: bytes(64) }), few),
  }),
  fc.record({
    type: fc.constant('sealed'),
    ...between,
    groups: fc.array(fc.record({ entries: fc.array(handed, few), signature: bytes(64) }), few),
  }),
  fc.record({ type: fc.constant('cursor'), stream, seq: natural }),
  fc.record({ type: fc.constant('want'), stream, after: natural }),
  fc.record({ type: fc.constant('enough'), stream }),
);

export const linkMessage: fc.Arbitrary<LinkMessage> = fc.oneof(
  fc.record({ type: fc.constant('authenticate'), version: positive, ...proof }),
  replicationMessage,
  fc.record({ type: fc.constant('renew'), credential }),
  fc.record({ type: fc.constant('deny'), list: credential }),
  fc.record({ type: fc.constantFrom('ping', 'pong'), nonce: natural }),
  fc.record({ type: fc.constant('bye') }),
  fc.record({
    type: fc.constant('signal'),
    id: natural,
    from: peerId,
    to: peerId,
    hops: fc.integer({ min: 0, max: MAX_SIGNAL_HOPS }),
    frame: bytes(9),
  }),
);

/** JSON as it comes back from the wire: there, `-0` is `0`. */
export const jsonValue = fc.jsonValue({ maxDepth: 4 }).map((value): unknown => JSON.parse(JSON.stringify(value)));
