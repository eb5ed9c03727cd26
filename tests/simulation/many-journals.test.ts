import { seededRandom } from '@innmesh/kit';
import { toBase64url } from '@innmesh/protocol';
import { expect, it } from 'vitest';
import { encodeRound } from '../../lib/webrtc/client/journal/seals.ts';
import { encodeSegment } from '../../lib/webrtc/client/journal/segment-codec.ts';
import { MemoryStore } from '../../lib/webrtc/client/journal/store/memory-store.ts';
import type { SimulatedDevice } from './simulated-device.ts';
import { World } from './world.ts';

const HOUR_MS = 3_600_000;

/** So many phones have ordered today, and are gone. */
async function remember({ disk }: SimulatedDevice, phones: number, nowMs: number): Promise<void> {
  const random = seededRandom(1);
  const store = new MemoryStore(disk);
  await store.open();
  const expiresAtMs = nowMs + HOUR_MS;
  for (let phone = 0; phone < phones; phone += 1) {
    const stream = `${toBase64url(random.bytes(32))} ${toBase64url(random.bytes(8))} 0`;
    const bytes = encodeRound({ after: 0, upTo: 1, groups: [] });
    const seals = encodeSegment(`seals ${stream}`, [{ seq: 1, expiresAtMs, bytes }]);
    await store.commit({ put: [seals], marks: [[`taken ${stream}`, `1@${expiresAtMs}`]] });
  }
}

it.each([0, 500])(
  'two devices link where one has 5,000 journals and the other verifies %i ms later [L6]',
  async (ms) => {
    const world = new World(1);
    const [hub, slow] = [world.addDevice(), world.addDevice()];
    await remember(hub, 5_000, world.time.nowMs());
    slow.verificationMs = ms;
    for (const device of [hub, slow]) device.arrive();
    await world.time.pass(4_000);
    expect([world.isWhole(), hub.linked.size, slow.linked.size]).toEqual([true, 1, 1]);
    slow.send('small', hub.peerId);
    await world.time.pass(2_000);
    expect([hub.got(slow.peerId, 'small', 1), hub.errors, slow.errors]).toEqual([true, [], []]);
  },
);
