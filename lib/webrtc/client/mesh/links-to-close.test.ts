import { describe, expect, it } from 'vitest';
import { linksToClose, type StandingLink } from './links-to-close.ts';

const LIMIT = 8;
const allStand = { count: 6, standing: 6 };
const link = (peerId: string, rest: Partial<StandingLink> = {}): StandingLink => {
  return { peerId, idleMs: 60_000, talk: 0, isAwaited: false, ...rest };
};

describe('of the links that are not chosen', () => {
  it('one on which nothing was said for a minute ends', () => {
    expect(linksToClose([link('a'), link('b', { idleMs: 59_999 })], allStand, LIMIT)).toEqual(['a']);
  });

  it('those with most talk stay, as many as there is room for', () => {
    const links = [link('a', { talk: 1 }), link('b', { talk: 3 }), link('c', { talk: 2 })];
    expect(linksToClose(links, allStand, LIMIT)).toEqual(['a']);
    expect(linksToClose(links, { count: 2, standing: 2 }, 2)).toEqual(['b', 'c', 'a']);
  });

  it('one that is in use takes the room of one that is not, and does not end however many there are', () => {
    const links = ['a', 'b', 'c'].map((peerId) => link(peerId, { idleMs: 0 }));
    expect(linksToClose([link('d', { talk: 9 }), ...links], allStand, LIMIT)).toEqual(['d']);
  });

  it('one over which something is still to arrive does not end', () => {
    expect(linksToClose([link('a', { isAwaited: true })], allStand, LIMIT)).toEqual([]);
  });

  it('as many stay, whatever was said on them, while a chosen one does not stand: it makes up for that', () => {
    const links = ['a', 'b', 'c', 'd'].map((peerId) => link(peerId));
    expect(linksToClose(links, { count: 6, standing: 5 }, LIMIT)).toEqual(['d']);
  });
});
