import { systemClock } from '@innmesh/kit';
import { Entitlements, encodeSignaling } from '@innmesh/protocol';
import { assembleAuth } from '../../lib/webrtc/server/auth/assemble-auth.ts';
import { fixedKeys } from '../../lib/webrtc/server/auth/issuer-key-source.ts';
import { generateSigningKey } from '../../lib/webrtc/server/auth/signatures.ts';
import type { Allowance } from '../../lib/webrtc/server/limits/allowance.ts';
import { JoinGate } from '../../lib/webrtc/server/limits/join-gate.ts';
import { noMetrics } from '../../lib/webrtc/server/metrics/server-metrics.ts';
import { readOptions } from '../../lib/webrtc/server/options.ts';
import { anywhere } from '../../lib/webrtc/server/remote.ts';
import { Room } from '../../lib/webrtc/server/room.ts';
import { Session, type SessionDeps } from '../../lib/webrtc/server/session.ts';
import type { Socket } from '../../lib/webrtc/server/socket.ts';
import { visibilityOf } from '../../lib/webrtc/server/visibility.ts';
import { type EnrolledDevice, enrolledDevices } from './clients.ts';

/** Sessions on sockets that go nowhere: what the core does, and nothing else. */
type Gate = Parameters<typeof assembleAuth>[0]['gate'];

const HOST = 'signaling.bench';
const DEVICES_PER_ROOM = 50;
const settings = readOptions({ limits: { device: { frames: { burst: 1e9, perSecond: 1 } } } });
const visibility = visibilityOf(new Entitlements());
const unlimited: Allowance = {
  take: () => null,
  takeSealed: () => ({ refused: null, pauseMs: 0 }),
  release() {},
};
const issuer = generateSigningKey().key;

export const openGate = (): Gate => ({
  refuseToTry: () => null,
  admit: () => ({ admitted: true, allowance: unlimited }),
});
export const joinGate = (): Gate => new JoinGate(settings.limits, systemClock);

/** Keeps the first frame, the challenge; the rest goes nowhere. */
class Nowhere implements Socket {
  readonly isOpen = true;
  readonly bufferedBytes = 0;
  challenge: Uint8Array<ArrayBuffer> | null = null;
  send(frame: Uint8Array<ArrayBuffer>): void {
    this.challenge ??= frame;
  }
  close(): void {}
  terminate(): void {}
}

function sessionDeps(gate: Gate): SessionDeps {
  const rooms = new Map<string, Room>();
  const trust = { keys: fixedKeys({ keys: [issuer.jwk] }), hosts: [] };
  const { admission } = assembleAuth({ clock: systemClock, gate, trust, denyListChanged() {}, failed() {} });
  return {
    ...settings,
    clock: systemClock,
    relayRates: [],
    admission,
    remote: { ...anywhere, host: HOST },
    metrics: noMetrics,
    turn: null,
    denyListOf: () => null,
    roomOf(tenantId) {
      const room = rooms.get(tenantId) ?? new Room(tenantId, visibility);
      rooms.set(tenantId, room);
      return room;
    },
    ended() {},
    refused(_, reason) {
      throw new Error(reason);
    },
  };
}

/** Sockets that are open, and what each device answers to its challenge. */
function openAll(gate: Gate, devices: EnrolledDevice[]): { session: Session; join: Uint8Array<ArrayBuffer> }[] {
  const deps = sessionDeps(gate);
  return devices.map((device) => {
    const socket = new Nowhere();
    const session = new Session(socket, deps);
    return { session, join: device.answer(socket.challenge ?? new Uint8Array(), HOST) };
  });
}

/** Joins a second, and frames a second between two devices of the last room. */
export function measureCore(gate: Gate, joins: number, frames: number): { joinsPerS: number; framesPerS: number } {
  const all = openAll(gate, enrolledDevices(joins, DEVICES_PER_ROOM, issuer));
  const joinedAtMs = performance.now();
  for (const { session, join } of all) session.received(join);
  const joinMs = performance.now() - joinedAtMs;
  const sender = all.at(-1)?.session;
  const offer = encodeSignaling({ type: 'candidate', peer: 0, attempt: 1, candidate: 'candidate:1 1 udp 1', mid: '0' });
  const sentAtMs = performance.now();
  for (let frame = 0; frame < frames; frame++) sender?.received(offer);
  const frameMs = performance.now() - sentAtMs;
  for (const { session } of all) session.closed();
  return { joinsPerS: (joins / joinMs) * 1000, framesPerS: (frames / frameMs) * 1000 };
}
