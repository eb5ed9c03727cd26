import { ManualClock, type Random, seededRandom } from '@innmesh/kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { LinkError, TabSharingError } from '../errors.ts';
import type { Delivery } from '../public-types.ts';
import { FakeBrowser, type FakeTab } from './test-support/fake-browser.ts';
import { FakeRoom } from './test-support/fake-session.ts';
import { SharedTab } from './test-support/shared-tab.ts';
// Loaded before time begins: a test decides when, not a disk.
import './member.ts';

let clock: ManualClock;
let random: Random;
let browser: FakeBrowser;
let room: FakeRoom;
let opened: number;

function start(seed: number, isSecureContext: boolean): void {
  clock = new ManualClock(1_000);
  random = seededRandom(seed);
  browser = new FakeBrowser(clock, random, { isSecureContext });
  room = new FakeRoom();
  opened = 0;
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

async function pass(ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 10) {
    clock.advance(10);
    await settled();
  }
}

function openTab(): SharedTab {
  opened += 1;
  return new SharedTab(browser, room, random, `peer-${opened}`);
}

/** Tabs that are open and connected; the first leads. */
async function openTabs(count: number): Promise<SharedTab[]> {
  const tabs: SharedTab[] = [];
  for (let index = 0; index < count; index += 1) {
    tabs.push(openTab());
    await pass(1_000);
  }
  expect(tabs.map(({ outcome }) => outcome)).toEqual(tabs.map(() => 'joined'));
  expect(tabs.map(({ leads }) => leads)).toEqual(tabs.map((_, index) => index === 0));
  return tabs;
}

/** The tests name the tabs that they open. */
async function two(): Promise<[SharedTab, SharedTab]> {
  return (await openTabs(2)) as [SharedTab, SharedTab];
}

const numbersSent = () => room.sent.map(({ message }) => ('data' in message ? message.data : null));
const bothWays = [
  { ways: 'Web Locks', isSecureContext: true, takeOverMs: 1_000 },
  { ways: 'a lease', isSecureContext: false, takeOverMs: 5_000 },
];

describe.each(bothWays)('tabs that share a device by $ways', ({ isSecureContext, takeOverMs }) => {
  beforeEach(() => start(1, isSecureContext));

  it('are one device: one session, one id, one view of the room', async () => {
    const [leader, follower] = await two();
    expect(room.sessions).toHaveLength(1);
    expect(follower.session.peerId).toBe(leader.session.peerId);
    expect(follower.session.peers()).toEqual(leader.session.peers());
    expect(follower.told).toEqual(['discovered kitchen,bar', 'linked kitchen', 'linked bar']);
    leader.own?.meet('pos');
    await pass(100);
    expect(follower.told.slice(3)).toEqual(['peerJoined pos', 'linked pos']);
    expect(follower.session.linkedPeerIds()).toEqual(['kitchen', 'bar', 'pos']);
  });

  it('each get every message, once and in order', async () => {
    const tabs = await openTabs(3);
    for (const number of [1, 2, 3]) room.say('kitchen', number);
    await pass(100);
    for (const { numbers } of tabs) expect(numbers).toEqual([1, 2, 3]);
  });

  it('are told of errors in kind', async () => {
    const [leader, follower] = await two();
    leader.own?.fail(new LinkError('bar', 'it broke.'));
    await pass(100);
    expect(follower.errors).toEqual([expect.objectContaining({ code: 'LINK_FAILED', peerId: 'bar' })]);
    expect(follower.errors[0]).toBeInstanceOf(LinkError);
  });

  it('send through the one that leads, in order, and learn what became of it', async () => {
    const [leader, follower] = await two();
    const deliveries = [1, 2, 3].map((number) => follower.send(number, 'bar'));
    await pass(100);
    expect(numbersSent()).toEqual([1, 2, 3]);
    expect(room.sent.every(({ by, targetPeerId }) => by === leader.own && targetPeerId === 'bar')).toBe(true);
    await deliveries[0]?.stored;
    room.sent[0]?.delivery.succeed();
    room.sent[1]?.delivery.fail('expired');
    await pass(100);
    expect(deliveries.map(({ status }) => status)).toEqual(['delivered', 'failed', 'pending']);
    await expect(deliveries[1]?.delivered).rejects.toMatchObject({ code: 'NOT_DELIVERED', reason: 'expired' });
  });

  it('refuse at once what is invalid or for nobody, wherever they are', async () => {
    const [, follower] = await two();
    expect(() => follower.session.send({ type: 'order' })).toThrow(
      expect.objectContaining({ code: 'INVALID_MESSAGE' }),
    );
    expect(() => follower.send(1, 'stranger')).toThrow(expect.objectContaining({ code: 'UNKNOWN_PEER' }));
    const big = { type: 'x-big', data: new Uint8Array(17 * 1024 * 1024) };
    expect(() => follower.session.send(big)).toThrow(expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }));
    await pass(100);
    expect(room.sent).toEqual([]);
  });

  it('measure through the one that leads', async () => {
    const [, follower] = await two();
    const measured = follower.session.topology('bar');
    await pass(100);
    expect(await measured).toMatchObject({ peerId: 'bar', path: 'host' });
    const back = follower.session.comeBack();
    await pass(100);
    await back;
  });

  it('go on when the leader crashes: one takes its place, the others follow that one', async () => {
    const [leader, second, third] = (await openTabs(3)) as [SharedTab, SharedTab, SharedTab];
    room.present = ['kitchen', 'pos'];
    leader.crash();
    await pass(takeOverMs);
    expect([second, third].filter(({ leads }) => leads)).toHaveLength(1);
    for (const { told } of [second, third]) {
      expect(told.slice(3)).toEqual([
        'unlinked kitchen',
        'unlinked bar',
        'reconnecting',
        'peerLeft bar',
        'discovered kitchen,pos',
        'linked kitchen',
        'linked pos',
      ]);
    }
    expect(second.session.peerId).toBe(third.session.peerId);
    room.say('kitchen', 9);
    await pass(100);
    expect([second.numbers, third.numbers]).toEqual([[9], [9]]);
    const deliveries = [second.send(1), third.send(2)];
    await pass(100);
    for (const { delivery } of room.sent) delivery.succeed();
    await pass(100);
    expect(deliveries.map(({ status }) => status)).toEqual(['delivered', 'delivered']);
  });

  it('send again what a leader had not confirmed, and never what it had', async () => {
    const [leader, follower] = await two();
    const [stored, done] = [follower.send(1, 'bar'), follower.send(2, 'bar')];
    await pass(100);
    room.sent[1]?.delivery.succeed();
    await pass(100);
    leader.crash();
    const unconfirmed = follower.send(3, 'bar');
    await pass(takeOverMs);
    expect(numbersSent()).toEqual([1, 2, 3]);
    await expect(stored.delivered).rejects.toMatchObject({ code: 'NOT_DELIVERED', reason: 'disconnected' });
    expect([done.status, unconfirmed.status]).toEqual(['delivered', 'pending']);
    room.sent[2]?.delivery.succeed();
    await pass(100);
    expect(unconfirmed.status).toBe('delivered');
  });

  it('take nothing again that came through the tab before', async () => {
    const [leader, follower] = await two();
    room.say('kitchen', 1);
    await pass(100);
    leader.crash();
    await pass(takeOverMs);
    room.repeat('kitchen', 1);
    room.say('kitchen', 2);
    await pass(100);
    expect([follower.leads, follower.numbers]).toEqual([true, [1, 2]]);
  });

  it('hand over when the leader disconnects, and not while what it sent still crosses', async () => {
    const [leader, follower] = await two();
    let hasLeft = false;
    leader.session.leave().then(() => {
      hasLeft = true;
    });
    await pass(40);
    expect([hasLeft, follower.leads]).toEqual([false, false]);
    const delivery = follower.send(1);
    await pass(takeOverMs);
    expect([hasLeft, follower.leads]).toEqual([true, true]);
    expect(follower.told.slice(3, 6)).toEqual(['unlinked kitchen', 'unlinked bar', 'reconnecting']);
    expect([numbersSent(), delivery.status]).toEqual([[1], 'pending']);
  });

  it('come back under another leader after disconnect() and connect()', async () => {
    const [leader, follower] = await two();
    leader.session.leave();
    await pass(takeOverMs);
    const again = new SharedTab(browser, room, random, 'peer-again', { tab: leader.tab });
    await pass(takeOverMs);
    expect([again.outcome, again.leads, follower.leads]).toEqual(['joined', false, true]);
    expect(again.abandoned, 'what it had stored before would wait for ever').toBeGreaterThan(0);
  });

  it('do not wait for a leader that cannot join: the next one tries, and fails with what it found', async () => {
    room.serverIsUp = false;
    const tabs = [openTab(), openTab()];
    await pass(takeOverMs * 2);
    for (const { outcome } of tabs) expect(outcome).toMatchObject({ code: 'SIGNALING_UNREACHABLE' });
    expect(tabs.flatMap(({ errors }) => errors)).toEqual([]);
    room.serverIsUp = true;
    const later = openTab();
    await pass(takeOverMs);
    expect(later.outcome).toBe('joined');
  });

  it('go on trying where the server is away when the leader goes, and keep what is sent meanwhile', async () => {
    const [leader, follower] = await two();
    room.serverIsUp = false;
    leader.crash();
    await pass(takeOverMs + 3_000);
    expect(follower.errors.length).toBeGreaterThan(1);
    expect(follower.errors[0]).toMatchObject({ code: 'SIGNALING_UNREACHABLE' });
    const delivery = follower.send(1, 'bar');
    expect(numbersSent()).toEqual([]);
    expect(follower.session.peers().map(({ status }) => status)).toEqual(['discovered', 'discovered']);
    room.serverIsUp = true;
    await pass(2_000);
    room.sent[0]?.delivery.succeed();
    await pass(100);
    expect(delivery.status).toBe('delivered');
  });

  it('wait for an absent peer that another tab had met', async () => {
    const [leader, follower] = await two();
    room.present = ['kitchen'];
    leader.crash();
    await pass(takeOverMs);
    follower.send(1, 'bar');
    expect(room.sent).toMatchObject([{ targetPeerId: 'bar' }]);
  });

  it('are two devices where two objects of one page have the same name, whoever comes first in each', async () => {
    const pages = [browser.openTab(), browser.openTab()];
    const objects = [0, 0, 1, 1].map(
      (page, index) => new SharedTab(browser, room, random, `peer-${index}`, { tab: pages[page] as FakeTab }),
    );
    await pass(2_000);
    expect(objects.map(({ outcome }) => outcome)).toEqual(Array(4).fill('joined'));
    const [first, second, third, fourth] = objects.map(({ session }) => session.peerId);
    expect([first, second]).toEqual([third, fourth]);
    expect(first).not.toBe(second);
  });

  it('leave nothing behind, wherever disconnect() comes', async () => {
    for (let delayMs = 0; delayMs < 600; delayMs += 30) {
      start(delayMs + 1, isSecureContext);
      const tabs = [openTab(), openTab()];
      if (delayMs > 0) await pass(delayMs);
      for (const { session } of tabs) session.leave();
      await pass(2_000);
      expect(browser.channels.size, `after ${delayMs} ms`).toBe(0);
      expect(clock.pendingTimers, `after ${delayMs} ms`).toBe(0);
      expect(tabs.every(({ outcome }) => outcome !== 'joining')).toBe(true);
      const next = openTab();
      await pass(takeOverMs);
      expect([next.outcome, next.leads]).toEqual(['joined', true]);
    }
  });

  it('leave nothing behind when disconnect() comes from within the first event, or while the server is away', async () => {
    const hasty = openTab();
    hasty.onTold = () => hasty.session.leave();
    await pass(1_000);
    const [leader, follower] = await two();
    room.serverIsUp = false;
    leader.crash();
    await pass(takeOverMs);
    follower.session.leave();
    await pass(2_000);
    expect([browser.channels.size, clock.pendingTimers, room.lateJoins]).toEqual([0, 0, 0]);
  });

  it('are not kept waiting by a question that disconnect() overtakes', async () => {
    const [leader, follower] = await two();
    leader.tab.freeze();
    const measured = follower.session.topology('bar');
    follower.session.leave();
    await pass(100);
    expect(await measured).toBeNull();
  });

  it('learn at disconnect() that what they sent is in doubt', async () => {
    const [, follower] = await two();
    const [quick, slow] = [follower.send(1), follower.send(2)];
    await pass(100);
    follower.session.leave();
    room.sent[0]?.delivery.succeed();
    await pass(2_000);
    expect(quick.status).toBe('delivered');
    await expect(slow.delivered).rejects.toMatchObject({ reason: 'disconnected' });
  });
});

describe('a page whose code for sharing', () => {
  const openTabWith = (load: () => Promise<typeof import('./member.ts')>) =>
    new SharedTab(browser, room, random, `peer-${++opened}`, { load });
  const isMissing = () => Promise.reject(new TypeError('Failed to fetch'));

  beforeEach(() => start(1, true));

  it('cannot be loaded is connected all the same where it is alone, and is told', async () => {
    const alone = openTabWith(isMissing);
    await pass(1_000);
    expect(alone.outcome).toBe('joined');
    expect(alone.errors).toEqual([expect.objectContaining({ code: 'TAB_SHARING_FAILED' })]);
  });

  it('cannot be loaded does not connect as another device beside the tab that leads', async () => {
    await openTabs(1);
    const other = openTabWith(isMissing);
    await pass(1_000);
    expect(other.outcome).toMatchObject({ code: 'TAB_SHARING_FAILED', cause: { message: 'Failed to fetch' } });
    expect(room.sessions).toHaveLength(1);
  });

  it('comes after disconnect() does not bring it back', async () => {
    const arrived = Promise.withResolvers<typeof import('./member.ts')>();
    const hasty = [openTabWith(() => arrived.promise), openTabWith(() => arrived.promise)];
    await pass(1_000);
    for (const { session } of hasty) session.leave();
    await pass(1_000);
    arrived.resolve(await import('./member.ts'));
    await pass(1_000);
    expect(hasty.map(({ outcome }) => outcome)).toMatchObject(['joined', { code: 'NOT_CONNECTED' }]);
    expect([browser.channels.size, clock.pendingTimers]).toEqual([0, 0]);
  });
});

describe('a leader that is stopped and holds the lock', () => {
  beforeEach(() => start(1, true));

  it('makes requests fail with an error that says so', async () => {
    const [leader, follower] = await two();
    leader.tab.freeze();
    const late = openTab();
    const measured = follower.session.topology('bar').catch((error) => error);
    const delivery = follower.session.send({
      type: 'iot-command',
      command: { commandId: '1', deviceId: 'l', action: 'on' },
    });
    await pass(5_100);
    expect(await measured).toBeInstanceOf(TabSharingError);
    await pass(6_000);
    expect(follower.errors).toEqual([expect.objectContaining({ code: 'TAB_SHARING_FAILED' })]);
    await pass(20_000);
    expect(late.outcome).toMatchObject({ code: 'TAB_SHARING_FAILED' });
    await pass(10_000);
    await expect(delivery.delivered).rejects.toMatchObject({ reason: 'expired' });
    leader.tab.thaw();
    await pass(100);
    expect(room.sent).toEqual([]);
  });
});

describe('a leader that was stopped and has lost its lease', () => {
  beforeEach(() => start(1, false));

  it('follows the new one, gives up what it had stored, and does nothing of what it was asked', async () => {
    const [leader, follower] = await two();
    room.joinMs = 4_000;
    leader.tab.freeze();
    const delivery = follower.send(1, 'bar');
    await pass(12_000);
    expect([follower.leads, numbersSent()]).toEqual([true, [1]]);
    await leader.tab.thawSlowly();
    await pass(2_000);
    expect([leader.own?.hasLeft, leader.abandoned]).toEqual([true, 1]);
    expect(leader.session.peerId).toBe(follower.session.peerId);
    expect([numbersSent(), delivery.status]).toEqual([[1], 'pending']);
    expect(leader.told.slice(3)).toEqual([
      'unlinked kitchen',
      'unlinked bar',
      'reconnecting',
      'discovered kitchen,bar',
      'linked kitchen',
      'linked bar',
    ]);
    room.say('kitchen', 5);
    await pass(100);
    expect([leader.numbers, follower.numbers]).toEqual([[5], [5]]);
  });

  it('does not lead again those who have followed another since', async () => {
    const [first, second, third] = (await openTabs(3)) as [SharedTab, SharedTab, SharedTab];
    first.tab.freeze();
    await pass(6_000);
    const [leader, follower] = second.leads ? [second, third] : [third, second];
    leader.crash();
    first.tab.thaw();
    await pass(6_000);
    expect([first.own?.hasLeft, follower.leads]).toEqual([true, true]);
    expect(first.session.peerId).toBe(follower.session.peerId);
    expect(first.session.linkedPeerIds()).toEqual(['kitchen', 'bar']);
  });
});

const SEEDS = Array.from({ length: Number(process.env.INNMESH_SEEDS ?? 20) }, (_, seed) => seed + 1);

describe.each(bothWays)('whatever becomes of the tabs that share by $ways', ({ isSecureContext }) => {
  it('no message is sent twice, none is handed over twice, and each is settled in the end', async () => {
    for (const seed of SEEDS) {
      start(seed, isSecureContext);
      const repeat = `INNMESH_SEEDS=${seed}`;
      const tabs: SharedTab[] = [];
      const deliveries: { tab: SharedTab; delivery: Delivery }[] = [];
      let [number, heard] = [0, 0];
      for (let step = 0; step < 300; step += 1) {
        const living = tabs.filter(({ tab, outcome }) => tab.isAlive && outcome === 'joined');
        const tab = living[Math.floor(random.unit() * living.length)];
        const chance = random.unit();
        if (tabs.length === 0 || chance < 0.03) tabs.push(openTab());
        else if (chance < 0.05) tab?.crash();
        else if (chance < 0.4 && tab) deliveries.push({ tab, delivery: tab.send(++number) });
        else if (chance < 0.6) room.say('kitchen', ++heard);
        else room.sent[Math.floor(random.unit() * room.sent.length)]?.delivery.succeed();
        await pass(10 + random.unit() * 100);
      }
      const sent = numbersSent();
      expect(new Set(sent).size, `${repeat}: sent twice`).toBe(sent.length);
      for (const { numbers } of tabs)
        expect(new Set(numbers).size, `${repeat}: handed over twice`).toBe(numbers.length);
      for (const tab of tabs) if (tab.tab.isAlive) tab.leave(room);
      await pass(3_000);
      const pending = deliveries.filter(({ tab, delivery }) => tab.tab.isAlive && delivery.status === 'pending');
      expect(pending.length, `${repeat}: never settled`).toBe(0);
      const delivered = deliveries.filter(({ delivery }) => delivery.status === 'delivered').length;
      expect(delivered, repeat).toBeGreaterThan(10);
    }
  });
});
