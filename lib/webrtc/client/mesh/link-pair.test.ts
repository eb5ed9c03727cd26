import { expect, it } from 'vitest';
import type { Link } from '../link/link.ts';
import { LinkPair } from './link-pair.ts';

type Phase = 'opening' | 'open' | 'closing' | 'closed';

class FakeLink {
  phase: Phase;
  readonly isRelayed: boolean;

  constructor(phase: Phase, isRelayed = false) {
    this.phase = phase;
    this.isRelayed = isRelayed;
  }

  get isOpening(): boolean {
    return this.phase === 'opening';
  }

  get isOpen(): boolean {
    return this.phase === 'open';
  }

  get isStanding(): boolean {
    return this.phase === 'open' || this.phase === 'closing';
  }

  discard(): void {
    this.phase = 'closed';
  }
}

const linkThat = (phase: Phase, isRelayed?: boolean) => new FakeLink(phase, isRelayed) as FakeLink & Link;

/** As a peer's connections came about, one after the other. */
function pairOf(...links: Link[]): LinkPair {
  const pair = new LinkPair();
  for (const link of links) {
    if (link.isRelayed) pair.beginRelayed(link);
    else pair.begin(link);
  }
  return pair;
}

it('an attempt takes the place of the one before', () => {
  const [before, after] = [linkThat('opening'), linkThat('opening')];
  const pair = pairOf(before, after);
  expect([pair.current, pair.next, before.phase]).toEqual([after, null, 'closed']);
});

it('an attempt beside a link that stands leaves it alone, and takes the place of another one beside it', () => {
  const [standing, before, after] = [linkThat('open'), linkThat('opening'), linkThat('opening')];
  const pair = pairOf(standing, before, after);
  expect([pair.current, pair.next, standing.phase, before.phase]).toEqual([standing, after, 'open', 'closed']);
});

it('an attempt through the server leaves a direct one alone, and takes the place of another one through the server', () => {
  const [direct, before, after] = [linkThat('opening'), linkThat('opening', true), linkThat('opening', true)];
  const pair = pairOf(direct, before, after);
  expect([pair.current, pair.next]).toEqual([direct, after]);
  expect([direct.phase, before.phase]).toEqual(['opening', 'closed']);
});

it('the first that works is the link, and the one whose place it takes may say goodbye', () => {
  const [before, after] = [linkThat('open'), linkThat('opening')];
  const pair = pairOf(before, after);
  after.phase = 'open';
  expect([pair.opened(after), pair.current, pair.next, before.phase]).toEqual([before, after, null, 'open']);
});

it('a direct attempt goes on beside a link through the server, and ends where a direct link stands', () => {
  const [direct, relayed, again] = [linkThat('opening'), linkThat('opening', true), linkThat('opening')];
  const pair = pairOf(direct, relayed);
  relayed.phase = 'open';
  expect([pair.opened(relayed), pair.current, pair.next]).toEqual([null, relayed, direct]);
  pair.begin(again);
  again.phase = 'open';
  expect([pair.opened(again), pair.current, pair.next]).toEqual([relayed, again, null]);
  expect(direct.phase).toBe('closed');
});

it('what is made beside a link that ends takes its place', () => {
  const [before, after] = [linkThat('open'), linkThat('opening')];
  const pair = pairOf(before, after);
  pair.remove(linkThat('closed'));
  expect(pair.all).toEqual([after, before]);
  pair.remove(before);
  expect([pair.current, pair.next]).toEqual([after, null]);
  pair.remove(after);
  expect(pair.all).toEqual([]);
});
