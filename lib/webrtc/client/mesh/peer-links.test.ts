import { expect, it } from 'vitest';
import type { Link } from '../link/link.ts';
import { PeerLinks } from './peer-links.ts';

type Phase = 'opening' | 'open' | 'closing' | 'closed';

class FakeLink {
  phase: Phase;
  isOffering = false;
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
function linksOf(...begun: Link[]): PeerLinks {
  const links = new PeerLinks();
  for (const link of begun) {
    if (link.isRelayed) links.beginRelayed(link);
    else links.begin(link);
  }
  return links;
}

it('an attempt takes the place of the one before', () => {
  const [before, after] = [linkThat('opening'), linkThat('opening')];
  const links = linksOf(before, after);
  expect([links.current, links.next, before.phase]).toEqual([after, null, 'closed']);
});

it('an attempt beside a link that stands leaves it alone, and takes the place of another one beside it', () => {
  const [standing, before, after] = [linkThat('open'), linkThat('opening'), linkThat('opening')];
  const links = linksOf(standing, before, after);
  expect([links.current, links.next, standing.phase, before.phase]).toEqual([standing, after, 'open', 'closed']);
});

it('an attempt through the server leaves a direct one alone, and takes the place of another one through the server', () => {
  const [direct, before, after] = [linkThat('opening'), linkThat('opening', true), linkThat('opening', true)];
  const links = linksOf(direct, before, after);
  expect([links.current, links.next, links.relayed]).toEqual([direct, null, after]);
  expect([direct.phase, before.phase]).toEqual(['opening', 'closed']);
});

it('a direct attempt leaves one through the server alone, whichever came first', () => {
  const [relayed, direct] = [linkThat('opening', true), linkThat('opening')];
  const links = linksOf(relayed, direct);
  expect([links.current, links.relayed, relayed.phase]).toEqual([direct, relayed, 'opening']);
  links.begin(null);
  expect([links.current, links.beside, direct.phase]).toEqual([relayed, [], 'closed']);
});

it('beside a link that stands there are a direct attempt and one through the server, and the first to work is the link', () => {
  const [standing, direct, relayed] = [linkThat('open'), linkThat('opening'), linkThat('opening', true)];
  const links = linksOf(standing, direct, relayed);
  expect([links.current, links.next, links.relayed]).toEqual([standing, direct, relayed]);
  relayed.phase = 'open';
  expect([links.opened(relayed), links.current, links.beside]).toEqual([standing, relayed, [direct]]);
  expect([standing.phase, direct.phase]).toEqual(['open', 'opening']);
});

it('where a link says goodbye, an attempt takes its place, and the one beside it with it', () => {
  const [closing, beside, again, relayed] = [
    linkThat('open'),
    linkThat('opening'),
    linkThat('opening'),
    linkThat('opening', true),
  ];
  const links = linksOf(closing, beside);
  closing.phase = 'closing';
  links.begin(again);
  expect([links.all, beside.phase, closing.phase]).toEqual([[again], 'closed', 'closed']);
  links.beginRelayed(relayed);
  relayed.phase = 'open';
  links.opened(relayed);
  expect([links.current, links.beside]).toEqual([relayed, [again]]);
});

it('what was offered and is lost comes to nothing, and the other side’s offers are left alone', () => {
  const [standing, offered, taken] = [linkThat('open'), linkThat('opening'), linkThat('opening', true)];
  offered.isOffering = true;
  const links = linksOf(standing, offered, taken);
  links.withdraw('lost.');
  expect([links.current, links.beside, offered.phase]).toEqual([standing, [taken], 'closed']);
});

it('the first that works is the link, and the one whose place it takes may say goodbye', () => {
  const [before, after] = [linkThat('open'), linkThat('opening')];
  const links = linksOf(before, after);
  after.phase = 'open';
  expect([links.opened(after), links.current, links.next, before.phase]).toEqual([before, after, null, 'open']);
});

it('a direct attempt goes on beside a link through the server, and ends where a direct link stands', () => {
  const [direct, relayed, again] = [linkThat('opening'), linkThat('opening', true), linkThat('opening')];
  const links = linksOf(direct, relayed);
  relayed.phase = 'open';
  expect([links.opened(relayed), links.current, links.next]).toEqual([null, relayed, direct]);
  links.begin(again);
  again.phase = 'open';
  expect([links.opened(again), links.current, links.next]).toEqual([relayed, again, null]);
  expect(direct.phase).toBe('closed');
});

it('what is made beside a link that ends takes its place', () => {
  const [before, after] = [linkThat('open'), linkThat('opening')];
  const links = linksOf(before, after);
  links.remove(linkThat('closed'));
  expect(links.all).toEqual([after, before]);
  links.remove(before);
  expect([links.current, links.next]).toEqual([after, null]);
  links.remove(after);
  expect(links.all).toEqual([]);
});
