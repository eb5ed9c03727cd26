import { encodeEntry } from '../journal/entry.ts';
import type { LinkMessage } from '../messages/link/index.ts';
import type { DeviceInfo } from '../messages/signaling/device-info.ts';
import type { DeviceMessage, RelayMessage, ServerMessage } from '../messages/signaling/index.ts';

/* One message of each kind, as the golden files have them. The lists hold what their names say, in no other order. */

export type Named<Message> = Record<string, Message>;

const ipad: DeviceInfo = { type: 'staff', name: 'Front Desk iPad', capabilities: ['orders', 'printing'] };
const guest: DeviceInfo = { type: 'guest', name: 'Müllers Händy 🍽️', capabilities: [] };

/** Bytes that count up: recognisable in the golden files. */
const counting = (length: number, from: number) => Uint8Array.from({ length }, (_, index) => (from + index) % 256);

const publicKey = counting(65, 4);
const signature = counting(64, 100);
const nonce = counting(16, 200);
const staffId = `staff${'A'.repeat(38)}`;
const guestId = `A_guest-1${'A'.repeat(34)}`;
const credential = 'eyJ0.eyJ1.c2ln';

export const deviceSamples: Named<DeviceMessage> = {
  join: {
    type: 'join',
    tenantId: 'hotel-abc-123',
    device: ipad,
    credential,
    publicKey,
    signature,
    offers: [{ attempt: 2 ** 32 - 1, nonce, sdp: 'v=0\r\n' }],
  },
  'join in development mode': {
    type: 'join',
    tenantId: 'hotel-abc-123',
    device: guest,
    credential: '',
    publicKey,
    signature,
    offers: [],
  },
  renew: { type: 'renew', credential },
  heartbeat: { type: 'heartbeat' },
};

export const serverSamples: Named<ServerMessage> = {
  challenge: { type: 'challenge', nonce, development: false },
  'challenge in development mode': { type: 'challenge', nonce, development: true },
  'welcome to an empty room': {
    type: 'welcome',
    slot: 0,
    heartbeatMs: 15_000,
    roster: [],
    offeredTo: [],
    relay: [],
    credential,
    issuerKeys: '{"keys":[]}',
  },
  welcome: {
    type: 'welcome',
    slot: 300,
    heartbeatMs: 15_000,
    roster: [
      { slot: 0, peerId: staffId, device: ipad },
      { slot: 128, peerId: guestId, device: guest },
    ],
    offeredTo: [128],
    relay: [{ burstBytes: 1024 * 1024, bytesPerSecond: 262_144 }],
    credential: '',
    issuerKeys: '',
  },
  joined: { type: 'joined', peer: { slot: 127, peerId: guestId, device: guest } },
  left: { type: 'left', slot: 16_384 },
  deny: { type: 'deny', list: credential },
  turn: {
    type: 'turn',
    urls: ['turn:turn.example.com:3478', 'turns:[2001:db8::1]:443?transport=tcp'],
    expiresAt: 2_000_000_000,
    password: counting(20, 50),
  },
  heartbeat: { type: 'heartbeat' },
  unreachable: { type: 'unreachable', slot: Number.MAX_SAFE_INTEGER },
  undelivered: { type: 'undelivered', peer: 128, attempt: 7, reason: 'slow-receiver' },
  pause: { type: 'pause', pauseMs: 300 },
};

const candidate = 'candidate:1 1 udp 2122260223 192.168.1.20 54321 typ host';

export const relaySamples: Named<RelayMessage> = {
  offer: { type: 'offer', peer: 1, attempt: 2 ** 32 - 1, nonce, sdp: 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n' },
  answer: { type: 'answer', peer: 128, attempt: 7, nonce, sdp: 'v=0\r\n' },
  candidate: { type: 'candidate', peer: 1, attempt: 7, candidate, mid: '0' },
  frame: { type: 'frame', peer: 128, attempt: 7, bytes: counting(20, 50) },
};

const printed = encodeEntry({
  writtenAt: 2 ** 52,
  lifetimeMs: 300_000,
  type: 'print',
  audience: { to: 'first', names: ['printer'] },
  body: Uint8Array.of(0, 2, 123, 125),
});

export const linkSamples: Named<LinkMessage> = {
  authenticate: { type: 'authenticate', version: 4, credential, publicKey, signature },
  hello: {
    type: 'hello',
    journals: [
      { origin: staffId, journal: counting(8, 1), cursors: [0, 300, 2, 0, 0, 1] },
      { origin: guestId, journal: counting(8, 9), cursors: [] },
    ],
  },
  'hello of a device that has nothing': { type: 'hello', journals: [] },
  stream: { type: 'stream', stream: 300, origin: guestId, journal: counting(8, 9), series: 5 },
  origin: { type: 'origin', origin: guestId, publicKey, credential },
  entry: { type: 'entry', stream: 0, seq: 1, distance: 1, ageMs: 300, bytes: printed },
  'entry without bytes': { type: 'entry', stream: 1, seq: 128, distance: 127, ageMs: 0, bytes: new Uint8Array() },
  seal: { type: 'seal', stream: 0, after: 3, upTo: 130, groups: [{ seqs: [4, 130], signature }] },
  sealed: {
    type: 'sealed',
    stream: 2,
    after: 0,
    upTo: 300,
    groups: [
      { entries: [{ seq: 128, ageMs: 1_000, bytes: printed }], signature },
      { entries: [], signature },
    ],
  },
  cursor: { type: 'cursor', stream: 1, seq: 300 },
  want: { type: 'want', stream: 128, after: 300 },
  enough: { type: 'enough', stream: 128 },
  ping: { type: 'ping', nonce: 42 },
  pong: { type: 'pong', nonce: 42 },
  bye: { type: 'bye' },
  renew: { type: 'renew', credential },
  deny: { type: 'deny', list: credential },
  signal: { type: 'signal', id: 300, from: guestId, to: staffId, hops: 8, frame: Uint8Array.of(1, 2, 3) },
};
