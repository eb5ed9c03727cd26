import { describe, expect, it } from 'vitest';
import { lanes } from '../link/transport.ts';
import { Inbox } from './inbox.ts';

const { entries, bulk } = lanes;

describe('an entry', () => {
  it('is taken once, and never again [L15]', () => {
    const inbox = new Inbox();
    expect([1, 2, 2, 1, 3].map((seq) => inbox.take('desk', entries, seq))).toEqual([true, true, false, false, true]);
  });

  it('may come after a gap: those between were for others', () => {
    const inbox = new Inbox();
    expect([inbox.take('desk', entries, 5), inbox.take('desk', entries, 4)]).toEqual([true, false]);
    expect(inbox.cursorsFor('desk').cursors).toEqual([5, 0]);
  });

  it('counts for its writer and its lane alone', () => {
    const inbox = new Inbox();
    inbox.take('desk', entries, 9);
    expect([inbox.take('desk', bulk, 1), inbox.take('kitchen', entries, 1)]).toEqual([true, true]);
    expect(['desk', 'kitchen', 'bar'].map((peer) => inbox.cursorsFor(peer).cursors)).toEqual([
      [9, 1],
      [1, 0],
      [0, 0],
    ]);
  });
});

describe('a device that lost its memory', () => {
  const [before, after] = [new Uint8Array(8).fill(1), new Uint8Array(8).fill(2)];

  it('begins another journal, whose entries are counted from the first [L15]', () => {
    const inbox = new Inbox();
    inbox.follow('desk', before);
    inbox.take('desk', entries, 7);
    inbox.follow('desk', after);
    expect(inbox.cursorsFor('desk')).toEqual({ journal: after, cursors: [0, 0] });
    expect(inbox.take('desk', entries, 1)).toBe(true);
  });

  it('and goes on where it was in one that it had kept', () => {
    const inbox = new Inbox();
    inbox.follow('desk', before);
    inbox.take('desk', entries, 7);
    inbox.follow('desk', after);
    inbox.follow('desk', before);
    expect([inbox.take('desk', entries, 7), inbox.take('desk', entries, 8)]).toEqual([false, true]);
  });
});

describe('among more than 2,000 devices', () => {
  it('those that were not heard of for the longest are forgotten', () => {
    const inbox = new Inbox();
    inbox.take('quiet', entries, 7);
    inbox.take('talker', entries, 7);
    for (let peer = 0; peer < 1_998; peer++) inbox.take(`guest-${peer}`, entries, 1);
    inbox.take('talker', entries, 8);
    expect(inbox.cursorsFor('quiet').cursors).toEqual([7, 0]);
    inbox.take('one-more', entries, 1);
    expect(['quiet', 'talker'].map((peer) => inbox.cursorsFor(peer).cursors)).toEqual([
      [0, 0],
      [8, 0],
    ]);
  });
});
