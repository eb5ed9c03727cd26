import { expect, it } from 'vitest';
import { SeenEntries } from './seen-entries.ts';

it('an entry that was handed over, and those of its type before it, are seen; later ones are not', () => {
  const seen = new SeenEntries();
  expect(seen.has('journal-0-7', 'order')).toBe(false);
  seen.note('journal-0-7', 'order');
  expect([6, 7, 8].map((seq) => seen.has(`journal-0-${seq}`, 'order'))).toEqual([true, true, false]);
});

it('what is seen counts for one stream and one type alone', () => {
  const seen = new SeenEntries();
  seen.note('journal-0-7', 'order');
  expect([seen.has('journal-1-7', 'order'), seen.has('other-0-7', 'order'), seen.has('journal-0-7', 'print')]).toEqual([
    false,
    false,
    false,
  ]);
});

it('a journal whose id has a hyphen is told from others', () => {
  const seen = new SeenEntries();
  seen.note('a-b-0-7', 'order');
  expect([seen.has('a-b-0-7', 'order'), seen.has('a-0-7', 'order')]).toEqual([true, false]);
});

it('of more than 4,000 streams and types, those that were quiet for the longest are forgotten', () => {
  const seen = new SeenEntries();
  for (const name of ['quiet', 'talker']) seen.note(`${name}-0-7`, 'order');
  for (let count = 0; count < 3_998; count += 1) seen.note(`guest${count}-0-1`, 'order');
  seen.note('talker-0-8', 'order');
  expect([seen.has('quiet-0-7', 'order'), seen.has('talker-0-8', 'order')]).toEqual([true, true]);
  seen.note('one-more-0-1', 'order');
  expect([seen.has('quiet-0-7', 'order'), seen.has('talker-0-8', 'order')]).toEqual([false, true]);
});
