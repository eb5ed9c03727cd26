import { systemClock } from '@innmesh/kit';
import { encodeSignaling } from '@innmesh/protocol';
import type { Allowance } from '../../lib/webrtc/server/limits/allowance.ts';
import { JoinGate } from '../../lib/webrtc/server/limits/join-gate.ts';
import { noMetrics } from '../../lib/webrtc/server/metrics/server-metrics.ts';
import { readOptions } from '../../lib/webrtc/server/options.ts';
import { anywhere } from '../../lib/webrtc/server/remote.ts';
import { Room } from '../../lib/webrtc/server/room.ts';
import { Session, type SessionDeps } from '../../lib/webrtc/server/session.ts';
import type { Socket } from '../../lib/webrtc/server/socket.ts';

/** Sessions on sockets that go nowhere: what the core does, and nothing else. */
type Gate = SessionDeps['gate'];

const DEVICES_PER_ROOM = 50;
const settings = readOptions({ limits: { device: { frames: { burst: 1e9, perSecond: 1 } } } });
const nowhere: Socket = { isOpen: true, bufferedBytes: 0, send() {}, close() {}, terminate() {} };
const unlimited: Allowance = { take: () => null, release() {} };

export const openGate = (): Gate => ({
  refuseToTry: () => null,
  admit: () => ({ admitted: true, allowance: unlimited }),
});
export const joinGate = (): Gate => new JoinGate(settings.limits, systemClock);

function joinAll(gate: Gate, joins: Uint8Array<ArrayBuffer>[]): Session[] {
  const rooms = new Map<string, Room>();
  const roomOf = (tenantId: string) => {
    const room = rooms.get(tenantId) ?? new Room(tenantId);
    rooms.set(tenantId, room);
    return room;
  };
  const refused = (_: number, reason: string) => {
    throw new Error(reason);
  };
  const deps = {
    ...settings,
    clock: systemClock,
    gate,
    remote: anywhere,
    metrics: noMetrics,
    roomOf,
    ended() {},
    refused,
  };
  return joins.map((frame) => {
    const session = new Session(nowhere, deps);
    session.received(frame);
    return session;
  });
}

function joinFrames(count: number): Uint8Array<ArrayBuffer>[] {
  const device = { type: 'staff', name: 'Front Desk iPad', capabilities: ['orders'] } as const;
  return Array.from({ length: count }, (_, index) => {
    const tenantId = `hotel-${Math.floor(index / DEVICES_PER_ROOM)}`;
    return encodeSignaling({
      type: 'join',
      tenantId,
      peerId: `peer-${index}`,
      device: { ...device, capabilities: [] },
    });
  });
}

/** Joins a second, and frames a second between two devices of the last room. */
export function measureCore(gate: Gate, joins: number, frames: number): { joinsPerS: number; framesPerS: number } {
  const all = joinFrames(joins);
  const joinedAtMs = performance.now();
  const sessions = joinAll(gate, all);
  const joinMs = performance.now() - joinedAtMs;
  const sender = sessions.at(-1);
  const offer = encodeSignaling({ type: 'candidate', peer: 0, attempt: 1, candidate: 'candidate:1 1 udp 1', mid: '0' });
  const sentAtMs = performance.now();
  for (let frame = 0; frame < frames; frame++) sender?.received(offer);
  const frameMs = performance.now() - sentAtMs;
  for (const session of sessions) session.closed();
  return { joinsPerS: (joins / joinMs) * 1000, framesPerS: (frames / frameMs) * 1000 };
}
