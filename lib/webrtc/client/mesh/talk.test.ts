import { expect, it } from 'vitest';
import { Talk } from './talk.ts';

it('what was said counts half after ten minutes', () => {
  const talk = new Talk();
  expect(talk.amountAt(1_700_000_000_000)).toBe(0);
  talk.count(1_700_000_000_000);
  talk.count(1_700_000_000_000);
  expect(talk.amountAt(1_700_000_600_000)).toBeCloseTo(1);
  talk.count(1_700_000_600_000);
  expect(talk.amountAt(1_700_001_200_000)).toBeCloseTo(1);
});
