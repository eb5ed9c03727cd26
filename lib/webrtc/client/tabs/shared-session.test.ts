import { limits } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { LinkError, TabSharingError } from '../errors.ts';
import type { FakeTab } from './test-support/fake-browser.ts';
import type { SharedTab } from './test-support/shared-tab.ts';
import { bothWays, TabWorld } from './test-support/tab-world.ts';

let world: TabWorld;

/** Tabs that are open and connected; the first leads. */
async function openTabs(count: number): Promise<SharedTab[]> {
  const tabs: SharedTab[] = [];
  for (let index = 0; index < count; index += 1) {
    tabs.push(world.openTab());
    await world.pass(1_000);
  }
  expect(tabs.map(({ outcome }) => outcome)).toEqual(tabs.map(() => 'joined'));
  expect(tabs.map(({ leads }) => leads)).toEqual(tabs.map((_, index) => index === 0));
  return tabs;
}

/** The tests name the tabs that they open. */
async function two(): Promise<[SharedTab, SharedTab]> {
  return (await openTabs(2)) as [SharedTab, SharedTab];
}

describe.each(bothWays)('tabs that share a device by $ways', ({ isSecureContext, takeOverMs }) => {
  beforeEach(() => {
    world = new TabWorld(1, isSecureContext);
  });

  it('are one device: one session, one id, one view of the room', async () => {
    const [leader, follower] = await two();
    expect(world.room.sessions).toHaveLength(1);
    expect(follower.session.peerId).toBe(leader.session.peerId);
    expect(follower.session.peers()).toEqual(leader.session.peers());
    expect(follower.told).toEqual(['discovered kitchen,bar', 'linked kitchen', 'linked bar']);
    leader.own?.meet('pos');
    await world.pass(100);
    expect(follower.told.slice(3)).toEqual(['peerJoined pos', 'linked pos']);
    expect(follower.session.linkedPeerIds()).toEqual(['kitchen', 'bar', 'pos']);
  });

  it('each get every message, once and in order', async () => {
    const tabs = await openTabs(3);
    for (const number of [1, 2, 3]) world.room.say('kitchen', number);
    await world.pass(100);
    for (const { numbers } of tabs) expect(numbers).toEqual([1, 2, 3]);
  });

  it('are told of errors in kind', async () => {
    const [leader, follower] = await two();
    leader.own?.fail(new LinkError('bar', 'it broke.'));
    await world.pass(100);
    expect(follower.errors).toEqual([expect.objectContaining({ code: 'LINK_FAILED', peerId: 'bar' })]);
    expect(follower.errors[0]).toBeInstanceOf(LinkError);
  });

  it('send through the one that leads, in order, and learn what became of it', async () => {
    const [leader, follower] = await two();
    const deliveries = [1, 2, 3].map((number) => follower.send(number, 'bar'));
    await world.pass(100);
    expect(world.numbersSent()).toEqual([1, 2, 3]);
    expect(world.room.sent.every(({ by, target }) => by === leader.own && target === 'bar')).toBe(true);
    await deliveries[0]?.stored;
    world.room.sent[0]?.delivery.succeed();
    world.room.sent[1]?.delivery.fail('expired');
    await world.pass(100);
    expect(deliveries.map(({ status }) => status)).toEqual(['delivered', 'failed', 'pending']);
    await expect(deliveries[1]?.delivered).rejects.toMatchObject({ code: 'NOT_DELIVERED', reason: 'expired' });
  });

  it('refuse at once what is invalid or for nobody, wherever they are', async () => {
    const [, follower] = await two();
    expect(() => follower.session.send({ type: 'order' })).toThrow(
      expect.objectContaining({ code: 'INVALID_MESSAGE' }),
    );
    expect(() => follower.send(1, 'stranger')).toThrow(expect.objectContaining({ code: 'UNKNOWN_PEER' }));
    const big = { type: 'x-big', data: new Uint8Array(limits.messageBytes + 1) };
    expect(() => follower.session.send(big)).toThrow(expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }));
    await world.pass(100);
    expect(world.room.sent).toEqual([]);
  });

  it('measure through the one that leads', async () => {
    const [, follower] = await two();
    const measured = follower.session.topology('bar');
    await world.pass(100);
    expect(await measured).toMatchObject({ peerId: 'bar', path: 'host' });
    const back = follower.session.comeBack();
    await world.pass(100);
    await back;
  });

  it('know for a diagnosis what the one that leads knows of the room', async () => {
    const [leader, follower] = await two();
    const told = [leader.session.room(), follower.session.room()];
    await world.pass(100);
    const [known, heard] = await Promise.all(told);
    expect(known).toMatchObject({ isInRoom: true, peers: [{ peerId: 'kitchen', state: 'linked' }, { peerId: 'bar' }] });
    expect(heard).toEqual(known);
  });

  it('go on when the leader crashes: one takes its place, the others follow that one', async () => {
    const [leader, second, third] = (await openTabs(3)) as [SharedTab, SharedTab, SharedTab];
    world.room.present = ['kitchen', 'pos'];
    leader.crash();
    await world.pass(takeOverMs);
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
    world.room.say('kitchen', 9);
    await world.pass(100);
    expect([second.numbers, third.numbers]).toEqual([[9], [9]]);
    const deliveries = [second.send(1), third.send(2)];
    await world.pass(100);
    for (const { delivery } of world.room.sent) delivery.succeed();
    await world.pass(100);
    expect(deliveries.map(({ status }) => status)).toEqual(['delivered', 'delivered']);
  });

  it('go on when the one that leads is put away, and it is one of them when it is back', async () => {
    const [first, second] = await two();
    const kept = first.send(0, 'bar');
    first.tab.putAway();
    await world.pass(1_000);
    expect([first.leads, second.leads]).toEqual([false, true]);
    world.room.present = ['kitchen', 'pos'];
    second.own?.meet('till');
    const sent = second.send(1, 'kitchen');
    await world.pass(60_000);
    first.tab.bringBack();
    await world.pass(5_000);
    expect([first.leads, second.leads]).toEqual([false, true]);
    expect(first.told.slice(3)).toEqual([
      'unlinked kitchen',
      'unlinked bar',
      'reconnecting',
      'peerLeft bar',
      'discovered kitchen,pos,till',
      'linked kitchen',
      'linked pos',
      'linked till',
    ]);
    world.room.say('kitchen', 9);
    const late = first.send(2, 'till');
    await world.pass(100);
    expect([first.numbers, second.numbers]).toEqual([[9], [9]]);
    for (const { delivery } of world.room.sent) delivery.succeed();
    await world.pass(100);
    expect([kept, sent, late].map(({ status }) => status)).toEqual(['delivered', 'delivered', 'delivered']);
    expect(world.numbersSent()).toEqual([0, 1, 2]);
  });

  it('are led by none that is put away, and one that was follows whoever leads when it is back', async () => {
    const [first, second, third] = (await openTabs(3)) as [SharedTab, SharedTab, SharedTab];
    second.tab.putAway();
    await world.pass(1_000);
    first.crash();
    await world.pass(takeOverMs + 5_000);
    expect(third.leads).toBe(true);
    second.tab.bringBack();
    await world.pass(5_000);
    expect([second.leads, third.leads]).toEqual([false, true]);
    expect(second.session.linkedPeerIds()).toEqual(['kitchen', 'bar']);
    world.room.say('kitchen', 9);
    await world.pass(100);
    expect([second.numbers, third.numbers]).toEqual([[9], [9]]);
    third.crash();
    await world.pass(takeOverMs);
    expect(second.leads).toBe(true);
  });

  it('are led by none that was put away while it was leaving, the first or a later one', async () => {
    const tabs = await openTabs(3);
    const leader = () => tabs.find(({ leads }) => leads) as SharedTab;
    for (const hasNext of [true, false]) {
      const leaving = leader();
      leaving.leave();
      leaving.tab.putAway();
      await world.pass(takeOverMs);
      expect(leader()).not.toBe(leaving);
      leaving.tab.bringBack();
      const sessions = world.room.sessions.length;
      if (!hasNext) leader().crash();
      await world.pass(takeOverMs + 5_000);
      expect([leaving.leads, world.room.sessions.length]).toEqual([false, sessions]);
    }
  });

  it('are led by a new one where the others are put away', async () => {
    const [first, second] = await two();
    first.tab.putAway();
    await world.pass(1_000);
    second.crash();
    const late = world.openTab();
    await world.pass(takeOverMs);
    expect([late.outcome, late.leads]).toEqual(['joined', true]);
  });

  it('send again what a leader had not taken, and never what it had: that is followed through the next', async () => {
    const [leader, follower] = await two();
    const [stored, done] = [follower.send(1, 'bar'), follower.send(2, 'bar')];
    await world.pass(100);
    world.room.sent[1]?.delivery.succeed();
    await world.pass(100);
    leader.crash();
    const unconfirmed = follower.send(3, 'bar');
    await world.pass(takeOverMs);
    expect(world.numbersSent()).toEqual([1, 2, 3]);
    expect([stored.status, done.status, unconfirmed.status]).toEqual(['pending', 'delivered', 'pending']);
    for (const { delivery } of world.room.sent) delivery.succeed();
    await world.pass(100);
    expect([stored.status, unconfirmed.status]).toEqual(['delivered', 'delivered']);
  });

  it('learn through each next leader what became of what the first one had kept', async () => {
    const [first, second, third] = (await openTabs(3)) as [SharedTab, SharedTab, SharedTab];
    const deliveries = new Map([second, third].map((tab) => [tab, tab.send(1, 'bar')]));
    await world.pass(100);
    first.crash();
    await world.pass(takeOverMs);
    const [next, last] = second.leads ? [second, third] : [third, second];
    next.crash();
    await world.pass(takeOverMs);
    expect([last.leads, deliveries.get(last)?.status]).toEqual([true, 'pending']);
    for (const { delivery } of world.room.sent) delivery.succeed();
    await world.pass(100);
    expect([world.room.sent.length, deliveries.get(last)?.status]).toEqual([2, 'delivered']);
  });

  it('take nothing again that came through the tab before', async () => {
    const [leader, follower] = await two();
    world.room.say('kitchen', 1);
    await world.pass(100);
    leader.crash();
    await world.pass(takeOverMs);
    world.room.repeat('kitchen', 1);
    world.room.say('kitchen', 2);
    await world.pass(100);
    expect([follower.leads, follower.numbers]).toEqual([true, [1, 2]]);
  });

  it('hand over when the leader disconnects, and not while what it sent still crosses', async () => {
    const [leader, follower] = await two();
    let hasLeft = false;
    leader.session.leave().then(() => {
      hasLeft = true;
    });
    await world.pass(40);
    expect([hasLeft, follower.leads]).toEqual([false, false]);
    const delivery = follower.send(1);
    await world.pass(takeOverMs);
    expect([hasLeft, follower.leads]).toEqual([true, true]);
    expect(follower.told.slice(3, 6)).toEqual(['unlinked kitchen', 'unlinked bar', 'reconnecting']);
    expect([world.numbersSent(), delivery.status]).toEqual([[1], 'pending']);
  });

  it('come back under another leader after disconnect() and connect()', async () => {
    const [leader, follower] = await two();
    const deliveries = [leader.send(1, 'bar'), leader.send(2, 'bar')];
    leader.session.leave();
    await world.pass(takeOverMs);
    const again = world.openTab({ tab: leader.tab, page: leader.page });
    await world.pass(takeOverMs);
    expect([again.outcome, again.leads, follower.leads]).toEqual(['joined', false, true]);
    expect(deliveries.map(({ status }) => status)).toEqual(['pending', 'pending']);
    world.room.sent[0]?.delivery.succeed();
    world.room.sent[1]?.delivery.fail('expired');
    await world.pass(100);
    expect(deliveries.map(({ status }) => status)).toEqual(['delivered', 'failed']);
    expect(again.page.openDeliveries.size).toBe(0);
  });

  it('do not wait for a leader that cannot join: the next one tries, and fails with what it found', async () => {
    world.room.serverIsUp = false;
    const tabs = [world.openTab(), world.openTab()];
    await world.pass(takeOverMs * 2);
    for (const { outcome } of tabs) expect(outcome).toMatchObject({ code: 'SIGNALING_UNREACHABLE' });
    expect(tabs.flatMap(({ errors }) => errors)).toEqual([]);
    world.room.serverIsUp = true;
    const later = world.openTab();
    await world.pass(takeOverMs);
    expect(later.outcome).toBe('joined');
  });

  it('go on trying where the server is away when the leader goes, and keep what is sent meanwhile', async () => {
    const [leader, follower] = await two();
    world.room.serverIsUp = false;
    leader.crash();
    await world.pass(takeOverMs + 3_000);
    expect(follower.errors.length).toBeGreaterThan(1);
    expect(follower.errors[0]).toMatchObject({ code: 'SIGNALING_UNREACHABLE' });
    const delivery = follower.send(1, 'bar');
    expect(world.numbersSent()).toEqual([]);
    expect(follower.session.peers().map(({ status }) => status)).toEqual(['discovered', 'discovered']);
    world.room.serverIsUp = true;
    await world.pass(2_000);
    world.room.sent[0]?.delivery.succeed();
    await world.pass(100);
    expect(delivery.status).toBe('delivered');
  });

  it('wait for an absent peer that another tab had met', async () => {
    const [leader, follower] = await two();
    world.room.present = ['kitchen'];
    leader.crash();
    await world.pass(takeOverMs);
    follower.send(1, 'bar');
    expect(world.room.sent).toMatchObject([{ target: 'bar' }]);
  });

  it('are two devices where two objects of one page have the same name, whoever comes first in each', async () => {
    const pages = [world.browser.openTab(), world.browser.openTab()];
    const objects = [0, 0, 1, 1].map((page, index) =>
      world.openTab({ tab: pages[page] as FakeTab, name: `desk#${1 + (index % 2)}` }),
    );
    await world.pass(2_000);
    expect(objects.map(({ outcome }) => outcome)).toEqual(Array(4).fill('joined'));
    const [first, second, third, fourth] = objects.map(({ session }) => session.peerId);
    expect([first, second]).toEqual([third, fourth]);
    expect(first).not.toBe(second);
  });

  it('leave nothing behind, wherever disconnect() comes', async () => {
    for (let delayMs = 0; delayMs < 600; delayMs += 30) {
      world = new TabWorld(delayMs + 1, isSecureContext);
      const tabs = [world.openTab(), world.openTab()];
      if (delayMs > 0) await world.pass(delayMs);
      for (const { session } of tabs) session.leave();
      await world.pass(2_000);
      expect(world.browser.channels.size, `after ${delayMs} ms`).toBe(0);
      expect(world.clock.pendingTimers, `after ${delayMs} ms`).toBe(0);
      expect(tabs.every(({ outcome }) => outcome !== 'joining')).toBe(true);
      const next = world.openTab();
      await world.pass(takeOverMs);
      expect([next.outcome, next.leads]).toEqual(['joined', true]);
    }
  });

  it('leave nothing behind when disconnect() comes from within the first event, or while the server is away', async () => {
    const hasty = world.openTab();
    hasty.onTold = () => hasty.session.leave();
    await world.pass(1_000);
    const [leader, follower] = await two();
    world.room.serverIsUp = false;
    leader.crash();
    await world.pass(takeOverMs);
    follower.session.leave();
    await world.pass(2_000);
    expect([world.browser.channels.size, world.clock.pendingTimers, world.room.lateJoins]).toEqual([0, 0, 0]);
  });

  it('are not kept waiting by a question that disconnect() overtakes', async () => {
    const [leader, follower] = await two();
    leader.tab.freeze();
    const measured = follower.session.topology('bar');
    follower.session.leave();
    await world.pass(100);
    expect(await measured).toBeNull();
  });

  it('learn at disconnect() that what they sent is in doubt', async () => {
    const [, follower] = await two();
    const [quick, slow] = [follower.send(1), follower.send(2)];
    await world.pass(100);
    follower.session.leave();
    world.room.sent[0]?.delivery.succeed();
    await world.pass(2_000);
    expect(quick.status).toBe('delivered');
    await expect(slow.delivered).rejects.toMatchObject({ reason: 'disconnected' });
  });
});

describe('a page whose code for sharing', () => {
  const openTabWith = (load: () => Promise<typeof import('./member.ts')>) => world.openTab({ load });
  const isMissing = () => Promise.reject(new TypeError('Failed to fetch'));

  beforeEach(() => {
    world = new TabWorld(1, true);
  });

  it('cannot be loaded is connected all the same where it is alone, and is told', async () => {
    const alone = openTabWith(isMissing);
    await world.pass(2_000);
    expect(alone.outcome).toBe('joined');
    expect(alone.errors).toEqual([expect.objectContaining({ code: 'TAB_SHARING_FAILED' })]);
  });

  it('cannot be loaded does not connect as another device beside the tab that leads', async () => {
    await openTabs(1);
    const other = openTabWith(isMissing);
    await world.pass(1_000);
    expect(other.outcome).toMatchObject({ code: 'TAB_SHARING_FAILED', cause: { message: 'Failed to fetch' } });
    expect(world.room.sessions).toHaveLength(1);
  });

  it('comes after disconnect() does not bring it back', async () => {
    const arrived = Promise.withResolvers<typeof import('./member.ts')>();
    const hasty = [openTabWith(() => arrived.promise), openTabWith(() => arrived.promise)];
    await world.pass(1_000);
    for (const { session } of hasty) session.leave();
    await world.pass(1_000);
    arrived.resolve(await import('./member.ts'));
    await world.pass(1_000);
    expect(hasty.map(({ outcome }) => outcome)).toMatchObject(['joined', { code: 'NOT_CONNECTED' }]);
    expect([world.browser.channels.size, world.clock.pendingTimers]).toEqual([0, 0]);
  });
});

describe('a leader that is stopped and holds the lock', () => {
  beforeEach(() => {
    world = new TabWorld(1, true);
  });

  it('makes requests fail with an error that says so', async () => {
    const [leader, follower] = await two();
    leader.tab.freeze();
    const late = world.openTab();
    const measured = follower.session.topology('bar').catch((error) => error);
    const room = follower.session.room().catch((error) => error);
    const delivery = follower.session.send({
      type: 'iot-command',
      command: { commandId: '1', deviceId: 'l', action: 'on' },
    });
    await world.pass(5_100);
    expect(await measured).toBeInstanceOf(TabSharingError);
    expect(await room).toBeInstanceOf(TabSharingError);
    await world.pass(6_000);
    expect(follower.errors).toEqual([expect.objectContaining({ code: 'TAB_SHARING_FAILED' })]);
    await world.pass(20_000);
    expect(late.outcome).toMatchObject({ code: 'TAB_SHARING_FAILED' });
    await world.pass(10_000);
    await expect(delivery.delivered).rejects.toMatchObject({ reason: 'expired' });
    leader.tab.thaw();
    await world.pass(100);
    expect(world.room.sent).toEqual([]);
  });
});

describe('a leader that was stopped and has lost its lease', () => {
  beforeEach(() => {
    world = new TabWorld(1, false);
  });

  it('follows the new one, and what it had kept through that one, and does nothing of what it was asked', async () => {
    const [leader, follower] = await two();
    world.room.joinMs = 4_000;
    const own = leader.send(0, 'bar');
    leader.tab.freeze();
    const delivery = follower.send(1, 'bar');
    await world.pass(12_000);
    expect([follower.leads, world.numbersSent()]).toEqual([true, [0, 1]]);
    await leader.tab.thawSlowly();
    await world.pass(2_000);
    expect([leader.own?.hasLeft, own.status, leader.page.openDeliveries.size]).toEqual([true, 'pending', 1]);
    expect(leader.session.peerId).toBe(follower.session.peerId);
    expect([world.numbersSent(), delivery.status]).toEqual([[0, 1], 'pending']);
    expect(leader.told.slice(3)).toEqual([
      'unlinked kitchen',
      'unlinked bar',
      'reconnecting',
      'discovered kitchen,bar',
      'linked kitchen',
      'linked bar',
    ]);
    world.room.say('kitchen', 5);
    await world.pass(100);
    expect([leader.numbers, follower.numbers]).toEqual([[5], [5]]);
  });

  it('does not lead again those who have followed another since', async () => {
    const [first, second, third] = (await openTabs(3)) as [SharedTab, SharedTab, SharedTab];
    first.tab.freeze();
    await world.pass(6_000);
    const [leader, follower] = second.leads ? [second, third] : [third, second];
    leader.crash();
    first.tab.thaw();
    await world.pass(6_000);
    expect([first.own?.hasLeft, follower.leads]).toEqual([true, true]);
    expect(first.session.peerId).toBe(follower.session.peerId);
    expect(first.session.linkedPeerIds()).toEqual(['kitchen', 'bar']);
  });
});
