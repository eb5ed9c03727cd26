import { ManualClock } from '@innmesh/kit';
import { closeCodes, encodeSignaling, type RelayMessage } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { SignalingCore, type SignalingCoreOptions } from './signaling-core.ts';
import { FakeDevice, joined, NEWS_MS, offerTo } from './test-support/fake-device.ts';

const KIB = 1024;
const frameTo = (peer: number, length = 8 * KIB): RelayMessage & { type: 'frame' } => {
  return { type: 'frame', peer, attempt: 7, bytes: new Uint8Array(length).fill(9) };
};
/** As the server counts it. */
const costOf = (message: RelayMessage) => encodeSignaling(message).length + 256;
const limits = (device: number, tenant = 1024 * KIB): SignalingCoreOptions['limits'] => ({
  device: { sealedBytes: { burst: device, perSecond: device } },
  tenant: { sealedBytes: { burst: tenant, perSecond: tenant } },
});

let clock: ManualClock;
let refusals: [number, string][];

function pairIn(options: SignalingCoreOptions = {}) {
  const core = new SignalingCore(options, { clock, refused: (code, _, kind) => refusals.push([code, kind]) });
  const [sender, receiver] = [joined(core, { name: 'a' }), joined(core, { name: 'b' })];
  for (const device of [sender, receiver]) device.heard();
  return { core, sender, receiver };
}

/** Until something is heard in answer; how many frames went before. */
function sayUntilAnswered(sender: FakeDevice, message: RelayMessage, most = 10_000) {
  for (let frames = 1; frames <= most; frames++) {
    sender.say(message);
    const heard = sender.heard();
    if (heard.length > 0 || sender.ending) return { frames, heard };
  }
  return { frames: most, heard: [] };
}

beforeEach(() => {
  clock = new ManualClock();
  refusals = [];
});

describe('a sealed frame', () => {
  it('is handed on as it is, with its sender’s slot in place of its receiver’s [F2] [J14]', () => {
    const { sender, receiver } = pairIn();
    sender.say(frameTo(receiver.slot));
    expect(receiver.heard()).toEqual([frameTo(sender.slot)]);
  });

  it('for nobody is answered like any other [J13]', () => {
    const { sender } = pairIn();
    sender.say(frameTo(99));
    expect(sender.heard()).toEqual([{ type: 'unreachable', slot: 99 }]);
  });

  it('of an attempt that no device can have, and that cannot be handed on, ends its sender’s place [W4]', () => {
    const { sender, receiver } = pairIn({ relayFrames: false });
    const frame = encodeSignaling({ ...frameTo(receiver.slot, 1), attempt: 2 ** 32 - 1 });
    // As a varint, its last byte is 15 of at most 127.
    const last = frame.lastIndexOf(15);
    sender.sendRaw(frame.with(last, 31));
    expect([sender.heard(), sender.ending]).toEqual([[], expect.objectContaining({ code: closeCodes.malformedFrame })]);
  });

  it('from guest to guest reaches nobody [J13] [R6]', () => {
    const { core } = pairIn();
    const [one, other] = [joined(core, { name: 'g', type: 'guest' }), joined(core, { name: 'h', type: 'guest' })];
    one.heard();
    one.say(frameTo(other.slot));
    expect([one.heard(), other.heard()]).toEqual([[{ type: 'unreachable', slot: other.slot }], []]);
  });

  it('before the join closes the socket, and is counted like all else [J9]', () => {
    const { core } = pairIn();
    const stranger = new FakeDevice(core);
    stranger.say(frameTo(0));
    expect(stranger.ending).toMatchObject({ code: 4400 });
  });

  it('is on another account than all other frames, each way [F7]', () => {
    const { sender, receiver } = pairIn({
      limits: { ...limits(64 * KIB), device: { frames: { burst: 3, perSecond: 0.001 }, ...limits(64 * KIB)?.device } },
    });
    const { heard } = sayUntilAnswered(sender, frameTo(receiver.slot));
    expect(heard).toMatchObject([{ type: 'pause' }]);
    sender.say(offerTo(receiver.slot));
    sender.say(offerTo(receiver.slot));
    expect([sender.ending, receiver.heard().at(-1)?.type]).toEqual([null, 'offer']);
  });
});

describe('a device that sends more than it may', () => {
  it('is told in its welcome what it may [F7]', () => {
    const { core } = pairIn({ limits: limits(64 * KIB) });
    const welcome = new FakeDevice(core).join({ name: 'c' }).find(({ type }) => type === 'welcome');
    expect(welcome).toMatchObject({ relay: [{ burstBytes: 64 * KIB, bytesPerSecond: 64 * KIB }] });
  });

  it('is told once for how long to pause, and what it has sent by then still goes on [F7]', () => {
    const { sender, receiver } = pairIn({ limits: limits(64 * KIB) });
    const message = frameTo(receiver.slot);
    const { frames, heard } = sayUntilAnswered(sender, message);
    expect((frames - 1) * costOf(message)).toBeLessThanOrEqual(64 * KIB);
    expect(frames * costOf(message)).toBeGreaterThan(64 * KIB);
    expect(heard).toEqual([{ type: 'pause', pauseMs: expect.any(Number) }]);
    sender.say(message);
    expect(sender.heard()).toEqual([]);
    expect(receiver.heard()).toHaveLength(frames + 1);
  });

  it('and goes on all the same is told of each frame that is dropped, and keeps its socket [F8]', () => {
    const { sender, receiver } = pairIn({ limits: limits(64 * KIB) });
    const message = frameTo(receiver.slot);
    const { frames } = sayUntilAnswered(sender, message);
    const more = sayUntilAnswered(sender, message);
    expect(more.heard).toEqual([{ type: 'undelivered', peer: receiver.slot, attempt: 7, reason: 'rate' }]);
    expect((frames + more.frames - 1) * costOf(message)).toBeLessThanOrEqual(128 * KIB);
    expect(receiver.heard()).toHaveLength(frames + more.frames - 1);
    expect([sender.ending, refusals]).toEqual([null, [[0, 'device_sealed_bytes']]]);
  });

  it('and does not stop then either is a flood, and its socket is closed [F8]', () => {
    const { sender, receiver } = pairIn({ limits: limits(64 * KIB) });
    for (let frames = 0; frames < 10_000 && !sender.ending; frames++) sender.say(frameTo(receiver.slot));
    expect(sender.ending).toMatchObject({ code: 4429 });
  });

  it('may go on when the time is over', () => {
    const { sender, receiver } = pairIn({ limits: limits(64 * KIB) });
    const [{ pauseMs } = { pauseMs: 0 }] = sayUntilAnswered(sender, frameTo(receiver.slot)).heard as {
      pauseMs: number;
    }[];
    clock.advance(pauseMs);
    sender.say(frameTo(receiver.slot, 10));
    expect(sender.heard().filter(({ type }) => type === 'undelivered')).toEqual([]);
    clock.advance(2_000);
    expect(sayUntilAnswered(sender, frameTo(receiver.slot)).heard).toMatchObject([{ type: 'pause' }]);
  });

  it('pays for tiny frames as well [F7]', () => {
    const { sender, receiver } = pairIn({ limits: limits(64 * KIB) });
    expect(sayUntilAnswered(sender, frameTo(receiver.slot, 1)).frames).toBeLessThan(64 * 4);
  });

  it('with others of its tenant is told as well, and those of another tenant are not [F7]', () => {
    const { core, sender, receiver } = pairIn({ limits: limits(1024 * KIB, 64 * KIB) });
    const { heard } = sayUntilAnswered(sender, frameTo(receiver.slot));
    expect(heard).toMatchObject([{ type: 'pause' }]);
    const more = sayUntilAnswered(receiver, frameTo(sender.slot));
    expect([more.frames, more.heard.at(-1)]).toMatchObject([1, { type: 'pause' }]);
    const [stranger] = ['x', 'y'].map((name) => joined(core, { tenantId: 'other', name }));
    stranger?.heard();
    stranger?.say(frameTo(1));
    expect(stranger?.heard()).toEqual([]);
  });
});

describe('a server', () => {
  it('drops what a slow reader would have to keep, tells the sender, and does not cut the reader off [F8]', () => {
    const { sender, receiver } = pairIn({ maxBufferedBytes: 1024 * KIB });
    receiver.socket.bufferedBytes = 256 * KIB;
    sender.say(frameTo(receiver.slot));
    expect([sender.heard(), receiver.heard()]).toEqual([[], [frameTo(sender.slot)]]);
    receiver.socket.bufferedBytes += 1;
    sender.say(frameTo(receiver.slot));
    expect(sender.heard()).toEqual([{ type: 'undelivered', peer: receiver.slot, attempt: 7, reason: 'slow-receiver' }]);
    expect([receiver.heard(), receiver.ending, refusals]).toEqual([[], null, [[0, 'slow_receiver']]]);
    sender.say(offerTo(receiver.slot));
    expect(receiver.heard()).toMatchObject([{ type: 'offer' }]);
  });

  it('that hands none on says so, in the welcome and in answer to one [F9]', () => {
    const { core, sender, receiver } = pairIn({ relayFrames: false });
    const welcome = new FakeDevice(core).join({ name: 'c' }).find(({ type }) => type === 'welcome');
    expect(welcome).toMatchObject({ relay: [] });
    clock.advance(NEWS_MS);
    sender.heard();
    sender.say(frameTo(receiver.slot));
    expect(sender.heard()).toEqual([{ type: 'undelivered', peer: receiver.slot, attempt: 7, reason: 'off' }]);
    expect(refusals).toEqual([[0, 'relay_off']]);
  });
});
