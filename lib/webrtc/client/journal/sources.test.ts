import { ManualClock } from '@innmesh/kit';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LinkReplication } from './link-replication.ts';
import type { Stream } from './replica.ts';
import { Sources } from './sources.ts';
import { idOf, streamOf } from './test-support/streams.ts';

const OWN_ID = idOf('m');

/** A link as far as sources know one. */
class FakeLink {
  readonly peerId: string;
  readonly peerIsHouse: boolean;
  has = 0;
  isRelyingOnThis = false;
  /** What it was asked for. */
  readonly said: string[] = [];

  constructor(name: string, peerIsHouse = true) {
    this.peerId = idOf(name);
    this.peerIsHouse = peerIsHouse;
  }

  peerHas = () => this.has;
  isWantedOf = () => this.isRelyingOnThis;
  want = () => this.said.push('want');
  enough = () => this.said.push('enough');
}

let clock: ManualClock;
let links: Map<string, LinkReplication>;
let stream: Stream;
let sources: Sources;

beforeEach(async () => {
  clock = new ManualClock();
  links = new Map();
  stream = await streamOf('writer');
  sources = new Sources(clock, OWN_ID, links);
});

const asLink = (link: FakeLink) => link as unknown as LinkReplication;

function linkTo(name: string, peerIsHouse = true): FakeLink {
  const link = new FakeLink(name, peerIsHouse);
  links.set(link.peerId, asLink(link));
  return link;
}

function tells(link: FakeLink, has: number): void {
  link.has = has;
  sources.heard(stream, asLink(link));
}

describe('a stream whose writer is not linked', () => {
  it('is asked of one device that has it, and of no second one', () => {
    const [hub, bar] = [linkTo('hub'), linkTo('bar')];
    tells(hub, 5);
    tells(bar, 9);
    expect([hub.said, bar.said]).toEqual([['want'], []]);
  });

  it('is asked of no device that has nothing of it, and of none that is no full replica', () => {
    const [bar, guest] = [linkTo('bar'), linkTo('guest', false)];
    tells(guest, 9);
    tells(bar, 0);
    expect([bar.said, guest.said]).toEqual([[], []]);
  });

  it('is asked of another one when its source falls behind and stays there', () => {
    const [hub, bar] = [linkTo('hub'), linkTo('bar')];
    tells(hub, 5);
    tells(bar, 9);
    stream.last = 5;
    clock.advance(300);
    expect(bar.said).toEqual([]);
    clock.advance(300);
    expect([hub.said, bar.said]).toEqual([['want', 'enough'], ['want']]);
  });

  it('stays with a source that goes on, however far others are', () => {
    const [hub, bar] = [linkTo('hub'), linkTo('bar')];
    tells(hub, 100);
    tells(bar, 100);
    for (let count = 0; count < 20; count += 1) {
      stream.last += 1;
      clock.advance(290);
    }
    expect([hub.said, bar.said]).toEqual([['want'], []]);
  });

  it('is looked after no longer than somebody has more of it', () => {
    const hub = linkTo('hub');
    tells(hub, 5);
    expect(clock.pendingTimers).toBe(1);
    stream.last = 5;
    clock.advance(300);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is asked of another one when the link to its source ends', () => {
    const [hub, bar] = [linkTo('hub'), linkTo('bar')];
    tells(hub, 5);
    tells(bar, 5);
    links.delete(hub.peerId);
    sources.closed(asLink(hub));
    expect(bar.said).toEqual(['want']);
  });

  it('is never relied on by two devices of each other: the greater id gives way', () => {
    const [smaller, greater] = [linkTo('a'), linkTo('z')];
    tells(smaller, 5);
    stream.last = 5;
    sources.wanted(stream, asLink(smaller));
    expect(smaller.said).toEqual(['want']);
    tells(greater, 5);
    sources = new Sources(clock, OWN_ID, links);
    tells(greater, 6);
    sources.wanted(stream, asLink(greater));
    expect(greater.said).toEqual(['want', 'enough']);
  });

  it('is not asked of a device that relies on this one for it and has no more', () => {
    const hub = linkTo('hub');
    stream.last = 5;
    hub.isRelyingOnThis = true;
    tells(hub, 5);
    expect(hub.said).toEqual([]);
    tells(hub, 6);
    expect(hub.said).toEqual(['want']);
  });
});

describe('a stream whose writer', () => {
  it('is linked is asked of nobody else', () => {
    linkTo('writer');
    const hub = linkTo('hub');
    tells(hub, 5);
    clock.advance(1_000);
    expect(hub.said).toEqual([]);
  });

  it('comes is not handed on by others any longer', () => {
    const hub = linkTo('hub');
    tells(hub, 5);
    sources.opened(asLink(linkTo('writer')), [stream]);
    expect(hub.said).toEqual(['want', 'enough']);
  });

  it('goes is asked of one of those that have it', () => {
    const [writer, hub] = [linkTo('writer'), linkTo('hub')];
    tells(hub, 5);
    links.delete(writer.peerId);
    sources.writerLeft([stream], writer.peerId);
    expect(hub.said).toEqual(['want']);
  });

  it('is this device is asked of nobody', async () => {
    stream = await streamOf('m');
    const hub = linkTo('hub');
    tells(hub, 5);
    expect(hub.said).toEqual([]);
  });
});

it('nothing is looked after once the device has stopped', () => {
  tells(linkTo('hub'), 5);
  sources.stop();
  expect(clock.pendingTimers).toBe(0);
});
