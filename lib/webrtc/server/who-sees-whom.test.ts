import { ManualClock } from '@innmesh/kit';
import { Entitlements, type Role, roles } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { SignalingCore } from './signaling-core.ts';
import { answerTo, candidateFor, FakeDevice, idOf, joined, NEWS_MS, offerTo } from './test-support/fake-device.ts';

let clock: ManualClock;
let core: SignalingCore;

beforeEach(() => {
  clock = new ManualClock();
  core = new SignalingCore({}, { clock });
});

const enter = (name: string, type: Role) => joined(core, { name, type });
const news = (device: FakeDevice) => {
  clock.advance(NEWS_MS);
  return device.heard();
};

describe('a guest', () => {
  it('sees no other guest, when it comes and when others come and go [J13]', () => {
    const staff = enter('staff', 'staff');
    const first = enter('first', 'guest');
    const heard = new FakeDevice(core).join({ name: 'second', type: 'guest' });
    expect(heard).toMatchObject([{ type: 'welcome', roster: [{ peerId: idOf('staff') }] }]);
    enter('third', 'guest').hangUp();
    expect(news(first)).toEqual([]);
    expect(staff.heard().map(({ type }) => type)).toEqual(['joined', 'joined', 'joined', 'left']);
  });

  it('cannot signal to another, and is told no more than of an empty slot [J13]', () => {
    const [one, other] = [enter('one', 'guest'), enter('other', 'guest')];
    const empty = 99;
    for (const frameTo of [offerTo, answerTo, candidateFor]) {
      one.say(frameTo(other.slot));
      one.say(frameTo(empty));
    }
    const answers = [other.slot, empty].map((slot) => ({ type: 'unreachable', slot }));
    expect(one.heard()).toEqual([...answers, ...answers, ...answers]);
    expect([other.heard(), other.ending, one.ending]).toEqual([[], null, null]);
  });

  it('learns nobody of the roster by trying every slot, but those that it may link to [J13]', () => {
    const crowd = roles.map((role) => enter(role, role));
    const guest = enter('nosy', 'guest');
    for (let slot = 0; slot < 50; slot++) guest.say(offerTo(slot));
    const unreachable = new Set(guest.heard().map((message) => message.type === 'unreachable' && message.slot));
    const reached = crowd.filter(({ slot }) => !unreachable.has(slot)).map(({ slot }) => roles[slot]);
    expect(reached.sort()).toEqual(['hub', 'kitchen-display', 'pos', 'staff']);
  });
});

describe('an offer that comes along with a join', () => {
  const first = { attempt: 7, nonce: new Uint8Array(16), sdp: 'v=0\r\n' };

  it('goes to whoever came last, and the newcomer is told to whom [L1]', () => {
    const [early, late] = [enter('early', 'staff'), enter('late', 'staff')];
    for (const device of [early, late]) news(device);
    const newcomer = new FakeDevice(core);
    const heard = newcomer.join({ name: 'newcomer', offers: [first] });
    expect(heard).toMatchObject([{ type: 'welcome', offeredTo: [late.slot] }]);
    expect(late.heard()).toMatchObject([{ type: 'joined' }, { ...first, type: 'offer', peer: newcomer.slot }]);
    expect(news(early)).toMatchObject([{ type: 'joined' }]);
  });

  it('goes to nobody whom the newcomer may not see, nor to its own socket before [J13] [L1]', () => {
    const guest = enter('one', 'guest');
    const before = enter('other', 'guest');
    const heard = new FakeDevice(core).join({ name: 'other', type: 'guest', offers: [first] });
    expect(heard).toMatchObject([{ type: 'welcome', roster: [], offeredTo: [] }]);
    expect([news(guest), before.heard()]).toEqual([[], []]);
  });
});

describe('devices', () => {
  const entitlements = new Entitlements();
  const pairs = roles.flatMap((one) => roles.map((other): [Role, Role] => [one, other]));

  it.each(pairs)('of the roles %s and %s see each other as far as they may link [J13]', (one, other) => {
    const mayLink = entitlements.mayLink(one, other);
    const [first, second] = [enter('first', one), new FakeDevice(core)];
    const [welcome] = second.join({ name: 'second', type: other });
    expect(welcome?.type === 'welcome' && welcome.roster.length).toBe(mayLink ? 1 : 0);
    expect(first.heard().length).toBe(mayLink ? 1 : 0);
    first.say(offerTo(second.slot));
    second.say(offerTo(first.slot));
    expect([first, second].map((device) => device.heard()[0]?.type)).toEqual(
      mayLink ? ['offer', 'offer'] : ['unreachable', 'unreachable'],
    );
    second.hangUp();
    expect(news(first).length).toBe(mayLink ? 1 : 0);
  });

  it('see each other by the rules that the server was given', () => {
    const rules = { 'x-scale': [{ writers: ['printer'], readers: ['gateway'] }] } as const;
    core = new SignalingCore({ entitlements: rules }, { clock: new ManualClock() });
    const printer = enter('printer', 'printer');
    enter('gateway', 'gateway');
    expect(printer.heard()).toMatchObject([{ type: 'joined', peer: { peerId: idOf('gateway') } }]);
  });

  it('do not reach themselves', () => {
    const device = enter('device', 'staff');
    device.say(offerTo(device.slot));
    expect(device.heard()).toEqual([{ type: 'unreachable', slot: device.slot }]);
  });
});

describe('a device that comes back in another role', () => {
  it('has left for those who may not see it any more', () => {
    const [guest, hub] = [enter('guest', 'guest'), enter('hub', 'hub')];
    const before = enter('tablet', 'staff');
    for (const device of [guest, hub]) news(device);
    const after = enter('tablet', 'printer');
    expect(guest.heard()).toEqual([{ type: 'left', slot: before.slot }]);
    expect(hub.heard()).toMatchObject([{ type: 'joined', peer: { slot: after.slot } }]);
  });
});
