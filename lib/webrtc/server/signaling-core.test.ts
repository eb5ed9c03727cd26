import { ManualClock } from '@innmesh/kit';
import { closeCodes } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { SignalingCore } from './signaling-core.ts';
import {
  advanceAnswering,
  deviceNamed,
  FakeDevice,
  idOf,
  joined,
  NEWS_MS,
  offerTo,
} from './test-support/fake-device.ts';

let clock: ManualClock;
let core: SignalingCore;

beforeEach(() => {
  clock = new ManualClock();
  core = new SignalingCore({ heartbeatMs: 10_000, joinTimeoutMs: 5_000 }, { clock });
});

/** With that of others who come and go. */
const news = (device: FakeDevice) => {
  clock.advance(NEWS_MS);
  return device.heard();
};

describe('a device that joins', () => {
  it('is welcomed with its slot, the heartbeat interval and everyone who is there', () => {
    joined(core, { name: 'a' });
    joined(core, { name: 'b' });
    expect(new FakeDevice(core).join({ name: 'c' })).toEqual([
      {
        type: 'welcome',
        slot: 2,
        heartbeatMs: 10_000,
        roster: [
          { slot: 0, peerId: idOf('a'), device: deviceNamed('a') },
          { slot: 1, peerId: idOf('b'), device: deviceNamed('b') },
        ],
        offeredTo: [],
        relay: [{ burstBytes: 1024 * 1024, bytesPerSecond: 256 * 1024 }],
        credential: expect.stringMatching(/^eyJ/),
        issuerKeys: expect.stringContaining('"keys"'),
      },
    ]);
  });

  it('is told to the others, once, and not to itself', () => {
    const [a, b] = [joined(core, { name: 'a' }), joined(core, { name: 'b' })];
    news(a);
    joined(core, { name: 'c' });
    const ofC = [{ type: 'joined', peer: { slot: 2, peerId: idOf('c'), device: deviceNamed('c') } }];
    expect([a.heard(), b.heard()]).toEqual([ofC, ofC]);
  });

  it('and leaves is told to the others', () => {
    const [a, b] = [joined(core, { name: 'a' }), joined(core, { name: 'b' })];
    news(a);
    b.hangUp();
    b.hangUp();
    expect(news(a)).toEqual([{ type: 'left', slot: 1 }]);
  });

  it('and others with it are told in one, but before anything that they send', () => {
    const watcher = joined(core, { name: 'watcher' });
    const [first, second, third] = ['first', 'second', 'third'].map((name) => joined(core, { name }));
    expect(watcher.heard()).toMatchObject([{ type: 'joined', peer: { slot: first?.slot } }]);
    third?.say(offerTo(watcher.slot));
    expect(watcher.heard()).toMatchObject([
      { type: 'joined', peer: { slot: second?.slot } },
      { type: 'joined', peer: { slot: third?.slot } },
      offerTo(third?.slot ?? -1),
    ]);
    for (const device of [first, second]) device?.hangUp();
    expect(watcher.heard()).toEqual([]);
    const left = [first, second].map((device) => ({ type: 'left', slot: device?.slot }));
    expect(news(watcher)).toEqual(left);
  });

  it('has left before the answer to a frame for it', () => {
    const [watcher, peer] = [joined(core, { name: 'watcher' }), joined(core, { name: 'peer' })];
    watcher.heard();
    peer.hangUp();
    watcher.say(offerTo(peer.slot));
    expect(watcher.heard().map(({ type }) => type)).toEqual(['left', 'unreachable']);
  });

  it('never gets a slot that was given before, so that a late frame cannot reach a newcomer [J14]', () => {
    const stayer = joined(core, { name: 'stayer' });
    const slots = [stayer.slot];
    for (let round = 0; round < 20; round++) {
      const visitor = joined(core, { name: `p${round % 3}` });
      slots.push(visitor.slot);
      visitor.hangUp();
    }
    expect(slots).toEqual(Array.from({ length: 21 }, (_, index) => index));
  });

  it('may join in two tenants under one id: they are strangers to each other', () => {
    const here = joined(core, { tenantId: 'here', name: 'same' });
    const there = joined(core, { tenantId: 'there', name: 'same' });
    expect([here.ending, there.ending, here.heard()]).toEqual([null, null, []]);
  });
});

describe('a frame for another device', () => {
  it("arrives with the sender's slot and nothing else changed, and at nobody else [J14]", () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => joined(core, { name })) as [FakeDevice, FakeDevice, FakeDevice];
    for (const device of [a, b]) news(device);
    b.say({ type: 'candidate', peer: a.slot, attempt: 99, candidate: 'candidate:1', mid: '0' });
    expect(a.heard()).toEqual([{ type: 'candidate', peer: b.slot, attempt: 99, candidate: 'candidate:1', mid: '0' }]);
    expect([b.heard(), c.heard()]).toEqual([[], []]);
  });

  it('is answered with unreachable when that device has left', () => {
    const [a, b] = [joined(core, { name: 'a' }), joined(core, { name: 'b' })];
    b.hangUp();
    news(a);
    a.say(offerTo(b.slot));
    expect(a.heard()).toEqual([{ type: 'unreachable', slot: b.slot }]);
  });
});

describe('the same device through another socket', () => {
  it('takes over: the old socket is closed, the others see the new slot and nobody leaving [J12]', () => {
    const watcher = joined(core, { name: 'watcher' });
    const before = joined(core, { name: 'tablet' });
    news(watcher);
    const after = new FakeDevice(core);
    const welcome = after.join({ name: 'tablet' });
    expect(before.ending).toEqual({ code: closeCodes.replaced, reason: expect.stringContaining('another socket') });
    expect(watcher.heard()).toEqual([
      { type: 'joined', peer: { slot: 2, peerId: idOf('tablet'), device: deviceNamed('tablet') } },
    ]);
    expect(welcome).toMatchObject([{ type: 'welcome', slot: 2, roster: [{ peerId: idOf('watcher') }] }]);
    before.hangUp();
    expect([news(watcher), core.stats()]).toEqual([[], { rooms: 1, devices: 2, sockets: 2 }]);
  });

  it('is the one that frames reach from then on, and the old slot reaches nobody', () => {
    const watcher = joined(core, { name: 'watcher' });
    const before = joined(core, { name: 'tablet' });
    const after = joined(core, { name: 'tablet' });
    news(watcher);
    watcher.say(offerTo(before.slot));
    watcher.say(offerTo(after.slot));
    expect(watcher.heard()).toEqual([{ type: 'unreachable', slot: before.slot }]);
    expect([before.heard(), after.heard()]).toEqual([[], [offerTo(watcher.slot)]]);
  });

  it('may do so alone in its room, again and again', () => {
    for (let round = 0; round < 5; round++) joined(core, { name: 'tablet' });
    expect(core.stats()).toEqual({ rooms: 1, devices: 1, sockets: 1 });
  });
});

describe('the heartbeat', () => {
  it('puts out a device that was silent for two intervals, and keeps one that answers', () => {
    const live = joined(core, { name: 'live' });
    const silent = joined(core, { name: 'silent' });
    advanceAnswering(clock, 19_000, 1_000, [live]);
    expect([live.ending, silent.ending]).toEqual([null, null]);
    clock.advance(1_000);
    expect([live.ending, silent.ending]).toEqual([null, 'terminated']);
    expect(live.heard()).toContainEqual({ type: 'left', slot: silent.slot });
    live.say({ type: 'heartbeat' });
    advanceAnswering(clock, 200_000, 1_000, [live]);
    expect([live.ending, core.stats()]).toEqual([null, { rooms: 1, devices: 1, sockets: 1 }]);
  });

  it('that no longer gets through to one device ends that one alone', () => {
    const [slow, live] = [joined(core, { name: 'slow' }), joined(core, { name: 'live' })];
    slow.socket.bufferedBytes = Number.POSITIVE_INFINITY;
    live.heard();
    clock.advance(10_000);
    expect([slow.ending, live.ending]).toEqual(['terminated', null]);
    expect(live.heard()).toEqual([{ type: 'left', slot: slow.slot }, { type: 'heartbeat' }]);
  });

  it('takes any frame for a sign of life', () => {
    const [a, b] = [joined(core, { name: 'a' }), joined(core, { name: 'b' })];
    for (let round = 0; round < 10; round++) {
      clock.advance(9_000);
      a.say(offerTo(b.slot));
      b.say(offerTo(a.slot));
    }
    expect([a.ending, b.ending]).toEqual([null, null]);
  });
});

describe('rooms and numbers', () => {
  it('count what is there: sockets that have not joined as well, and rooms only while somebody is in them', () => {
    expect(core.stats()).toEqual({ rooms: 0, devices: 0, sockets: 0 });
    const waiting = new FakeDevice(core);
    const [a, b] = [joined(core, { tenantId: 'one' }), joined(core, { tenantId: 'two' })];
    expect(core.stats()).toEqual({ rooms: 2, devices: 2, sockets: 3 });
    for (const device of [a, b, waiting]) device.hangUp();
    expect(core.stats()).toEqual({ rooms: 0, devices: 0, sockets: 0 });
    expect(clock.pendingTimers).toBe(1);
  });
});

describe('stop()', () => {
  it('sends every device away with 1001, tells none of the others leaving, and leaves no timer', () => {
    const devices = ['a', 'b', 'c'].map((name) => joined(core, { name }));
    const waiting = new FakeDevice(core);
    for (const device of devices) device.heard();
    core.stop();
    for (const device of [...devices, waiting]) {
      expect(device.ending).toEqual({ code: closeCodes.goingAway, reason: 'The server stops.' });
      expect(device.heard()).toEqual([]);
    }
    expect(core.stats()).toEqual({ rooms: 0, devices: 0, sockets: 0 });
    expect(clock.pendingTimers).toBe(0);
  });
});
