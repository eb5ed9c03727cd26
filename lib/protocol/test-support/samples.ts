import type { LinkMessage } from '../messages/link/index.ts';
import type { DeviceInfo } from '../messages/signaling/device-info.ts';
import type { DeviceMessage, RelayMessage, ServerMessage } from '../messages/signaling/index.ts';

/* One message of each kind, as the golden files have them. The lists hold what their names say, in no other order. */

export type Named<Message> = Record<string, Message>;

const ipad: DeviceInfo = { type: 'staff', name: 'Front Desk iPad', capabilities: ['orders', 'printing'] };
const guest: DeviceInfo = { type: 'guest', name: 'Müllers Händy 🍽️', capabilities: [] };

export const deviceSamples: Named<DeviceMessage> = {
  join: { type: 'join', tenantId: 'hotel-abc-123', peerId: 'abcdefgh234567', device: ipad },
  heartbeat: { type: 'heartbeat' },
};

export const serverSamples: Named<ServerMessage> = {
  'welcome to an empty room': { type: 'welcome', slot: 0, heartbeatMs: 15_000, roster: [] },
  welcome: {
    type: 'welcome',
    slot: 300,
    heartbeatMs: 15_000,
    roster: [
      { slot: 0, peerId: 'abcdefgh234567', device: ipad },
      { slot: 128, peerId: 'A_guest-1', device: guest },
    ],
  },
  joined: { type: 'joined', peer: { slot: 127, peerId: 'A_guest-1', device: guest } },
  left: { type: 'left', slot: 16_384 },
  heartbeat: { type: 'heartbeat' },
  unreachable: { type: 'unreachable', slot: Number.MAX_SAFE_INTEGER },
};

const candidate = 'candidate:1 1 udp 2122260223 192.168.1.20 54321 typ host';

export const relaySamples: Named<RelayMessage> = {
  offer: { type: 'offer', peer: 1, attempt: 2 ** 32 - 1, sdp: 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n' },
  answer: { type: 'answer', peer: 128, attempt: 7, sdp: 'v=0\r\n' },
  candidate: { type: 'candidate', peer: 1, attempt: 7, candidate, mid: '0' },
};

export const linkSamples: Named<LinkMessage> = {
  hello: { type: 'hello', version: 1, cursors: [0, 300] },
  entry: { type: 'entry', seq: 1, body: Uint8Array.of(0, 2, 123, 125) },
  'entry without a body': { type: 'entry', seq: 128, body: new Uint8Array() },
  cursor: { type: 'cursor', lane: 1, seq: 300 },
  ping: { type: 'ping', nonce: 42 },
  pong: { type: 'pong', nonce: 42 },
  bye: { type: 'bye' },
};
