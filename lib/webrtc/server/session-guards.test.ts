import { ManualClock } from '@innmesh/kit';
import { closeCodes, encodeSignaling, limits } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { SignalingCore, type SignalingCoreOptions } from './signaling-core.ts';
import { joinMessage } from './test-support/device-keys.ts';
import { FakeDevice, joined, NEWS_MS, offerTo } from './test-support/fake-device.ts';

type Frame = Uint8Array<ArrayBuffer>;

let clock: ManualClock;
let refusals: [number, string][];

function coreWith(options: SignalingCoreOptions = {}): SignalingCore {
  return new SignalingCore(options, { clock, refused: (code, reason) => refusals.push([code, reason]) });
}

beforeEach(() => {
  clock = new ManualClock();
  refusals = [];
});

const joinFrame = encodeSignaling(joinMessage(new Uint8Array(16)));
const bytes = (...values: number[]): Frame => Uint8Array.from(values);

const offences: { what: string; frame: Frame | null; code: number; reason: RegExp }[] = [
  { what: 'a text frame', frame: null, code: 4400, reason: /^Expected binary frames, received text\.$/ },
  { what: 'an empty frame', frame: bytes(), code: 4400, reason: /ends in the middle/ },
  { what: 'garbage', frame: bytes(1, 255, 255, 255), code: 4400, reason: /./ },
  { what: 'an unknown type', frame: bytes(99), code: 4400, reason: /has the code 99/ },
  {
    what: "a server's message",
    frame: encodeSignaling({ type: 'left', slot: 0 }),
    code: 4400,
    reason: /has the code 4/,
  },
  { what: 'a relay frame without a slot', frame: bytes(16), code: 4400, reason: /ends in the middle/ },
  {
    what: 'a relay frame with an endless slot',
    frame: bytes(16, ...new Array(40).fill(255)),
    code: 4400,
    reason: /2\^53/,
  },
  {
    what: 'a frame over the limit',
    frame: new Uint8Array(limits.signalingFrameBytes + 1),
    code: 1009,
    reason: /^A frame of 16385 bytes; the limit is 16384\.$/,
  },
];

describe('a socket that breaks the protocol is closed with a reason, and nobody else notices', () => {
  it.each(offences.filter(({ what }) => !what.startsWith('a relay')))(
    '$what, before the join [J9]',
    ({ frame, code, reason }) => {
      const core = coreWith();
      const neighbour = joined(core, { name: 'neighbour' });
      const offender = new FakeDevice(core);
      offender.sendRaw(frame);
      expect(offender.ending).toEqual({ code, reason: expect.stringMatching(reason) });
      expect(refusals).toEqual([[code, expect.stringMatching(reason)]]);
      expect([neighbour.heard(), neighbour.ending]).toEqual([[], null]);
      expect(core.stats()).toEqual({ rooms: 1, devices: 1, sockets: 1 });
    },
  );

  it.each(offences)('$what, after the join: the others see it leave [W4]', ({ frame, code, reason }) => {
    const core = coreWith();
    const neighbour = joined(core, { name: 'neighbour' });
    const offender = joined(core, { name: 'offender' });
    neighbour.heard();
    offender.sendRaw(frame);
    expect(offender.ending).toEqual({ code, reason: expect.stringMatching(reason) });
    clock.advance(NEWS_MS);
    expect(neighbour.heard()).toEqual([{ type: 'left', slot: offender.slot }]);
    expect(neighbour.ending).toBeNull();
  });

  it('a second join [J9]', () => {
    const device = joined(coreWith(), { name: 'p' });
    device.sendRaw(joinFrame);
    expect(device.ending).toEqual({ code: 4400, reason: 'A second join on one socket.' });
  });

  it('a frame for a device before the join [J9]', () => {
    const core = coreWith();
    const neighbour = joined(core, { name: 'neighbour' });
    const offender = new FakeDevice(core);
    offender.say(offerTo(neighbour.slot));
    expect(offender.ending).toEqual({ code: 4400, reason: 'A frame for a device before the join.' });
    expect(neighbour.heard()).toEqual([]);
  });

  it('whatever it sends after its end is not looked at', () => {
    const core = coreWith();
    const offender = new FakeDevice(core);
    offender.sendRaw(null);
    offender.sendRaw(joinFrame);
    offender.sendRaw(null);
    expect([core.stats(), refusals.length, offender.heard()]).toEqual([{ rooms: 0, devices: 0, sockets: 0 }, 1, []]);
  });

  it('a frame of exactly the limit is let through', () => {
    const core = coreWith();
    const [a, b] = [joined(core, { name: 'a' }), joined(core, { name: 'b' })];
    const overhead = encodeSignaling(offerTo(b.slot, 'x'.repeat(1_000))).length - 1_000;
    a.say(offerTo(b.slot, 'x'.repeat(limits.signalingFrameBytes - overhead - 1)));
    expect([a.ending, b.heard().length]).toEqual([null, 1]);
  });
});

describe('the reason of a close', () => {
  it('is at most 123 bytes of ASCII on one line, whatever a stranger wrote (RFC 6455 §5.5)', () => {
    const strangers = ['ü'.repeat(200), '\n\u0000\u2028forged line', '🍽️'.repeat(100), '"'.repeat(300)];
    for (const type of strangers) {
      const offender = new FakeDevice(coreWith());
      offender.say(joinMessage(offender.challenge, { type: type as 'staff' }));
      const { code, reason } = offender.ending as { code: number; reason: string };
      expect(code).toBe(4400);
      expect(reason).toMatch(/^[\x20-\x7e]{1,123}$/);
    }
    for (const [, reason] of refusals) expect(reason).not.toMatch(/[\n\r]/);
  });
});

describe('time', () => {
  it('to join runs out with 4408 [J9]', () => {
    const core = coreWith({ joinTimeoutMs: 5_000 });
    const device = new FakeDevice(core);
    clock.advance(4_999);
    expect(device.ending).toBeNull();
    clock.advance(1);
    expect(device.ending).toEqual({ code: 4408, reason: 'No join within 5000 ms.' });
    expect(core.stats().sockets).toBe(0);
  });

  it('to join is bounded, and the bound is gone with the join', () => {
    const core = coreWith({ joinTimeoutMs: 5_000, heartbeatMs: 60_000 });
    const [waiting, member] = [new FakeDevice(core), joined(core)];
    clock.advance(5_000);
    expect(waiting.ending).toMatchObject({ code: closeCodes.timedOut });
    expect(member.ending).toBeNull();
  });

  it('for heartbeats comes after the join', () => {
    const device = new FakeDevice(coreWith());
    device.say({ type: 'heartbeat' });
    expect(device.ending).toEqual({ code: closeCodes.malformedFrame, reason: 'A heartbeat before the join.' });
  });
});

describe('a flood', () => {
  const limits = { device: { frames: { burst: 10, perSecond: 2 } } };

  it('beyond the burst ends with 4429', () => {
    const device = joined(coreWith({ limits }));
    for (let frames = 0; frames < 10; frames++) device.say({ type: 'heartbeat' });
    expect(device.ending).toBeNull();
    device.say({ type: 'heartbeat' });
    expect(device.ending).toEqual({ code: 4429, reason: 'More than 10 frames at once or 2 a second.' });
  });

  it('is none where the rate is kept', () => {
    const device = joined(coreWith({ limits, heartbeatMs: 1_000_000 }));
    for (let second = 0; second < 100; second++) {
      clock.advance(1_000);
      for (let frames = 0; frames < 2; frames++) device.say({ type: 'heartbeat' });
    }
    expect(device.ending).toBeNull();
  });

  it('goes on counting when the device comes back through another socket', () => {
    const core = coreWith({ limits });
    for (let frames = 0, device = joined(core); frames < 10; frames++, device = joined(core)) {
      device.say({ type: 'heartbeat' });
      device.hangUp();
    }
    const device = joined(core);
    device.say({ type: 'heartbeat' });
    expect(device.ending).toMatchObject({ code: closeCodes.flooding });
  });

  it('of garbage counts too', () => {
    const device = joined(coreWith({ limits: { device: { frames: { burst: 1, perSecond: 1 } } } }));
    device.say({ type: 'heartbeat' });
    device.sendRaw(null);
    expect(device.ending).toMatchObject({ code: closeCodes.flooding });
  });

  it('of pings counts too, before the join and after', () => {
    const core = coreWith({ limits });
    const [stranger, member] = [new FakeDevice(core), joined(core)];
    const answered = (device: FakeDevice) =>
      Array.from({ length: 100 }, () => device.events.pinged(125)).filter(Boolean);
    expect([answered(stranger).length, answered(member).length]).toEqual([20, 10]);
    expect([stranger.ending, member.ending]).toEqual([
      { code: 4429, reason: 'More than 20 frames before the join at once or 4 a second.' },
      { code: 4429, reason: 'More than 10 frames at once or 2 a second.' },
    ]);
  });
});

describe('a device that reads too slowly', () => {
  it('is cut rather than kept in memory, and its room goes on', () => {
    const core = coreWith({ maxBufferedBytes: 1_000 });
    const [slow, quick] = [joined(core, { name: 'slow' }), joined(core, { name: 'quick' })];
    slow.heard();
    slow.socket.bufferedBytes = 1_000;
    quick.say(offerTo(slow.slot));
    expect([slow.ending, slow.heard().length]).toEqual([null, 1]);
    slow.socket.bufferedBytes = 1_001;
    quick.say(offerTo(slow.slot));
    expect([slow.ending, slow.heard()]).toEqual(['terminated', []]);
    expect(quick.heard()).toEqual([{ type: 'left', slot: slow.slot }]);
    expect(refusals).toEqual([[closeCodes.timedOut, 'Over 1000 bytes wait to be read.']]);
  });

  it('is cut before it has joined as well, rather than answered ping after ping', () => {
    const stranger = new FakeDevice(coreWith({ maxBufferedBytes: 1_000 }));
    stranger.socket.bufferedBytes = 1_001;
    expect([stranger.events.pinged(125), stranger.ending]).toEqual([false, 'terminated']);
  });

  it('and was alone does not take the room with it when it is cut by a newcomer', () => {
    const core = coreWith({ maxBufferedBytes: 1_000 });
    const slow = joined(core, { name: 'slow' });
    slow.socket.bufferedBytes = 1_001;
    const [first, second] = [joined(core, { name: 'first' }), joined(core, { name: 'second' })];
    expect([slow.ending, core.stats()]).toEqual(['terminated', { rooms: 1, devices: 2, sockets: 2 }]);
    clock.advance(NEWS_MS);
    first.heard();
    second.say(offerTo(first.slot));
    expect(first.heard()).toEqual([offerTo(second.slot)]);
  });
});
