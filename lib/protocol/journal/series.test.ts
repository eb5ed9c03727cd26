import { expect, it } from 'vitest';
import { allSeries, isBulk, isKept, isShared, series } from './series.ts';

const { shared, sharedBulk, direct, directBulk, passing, passingBulk } = series;

it('each series has its number on the wire [L15]', () => {
  expect(allSeries).toEqual([0, 1, 2, 3, 4, 5]);
  expect([shared, sharedBulk, direct, directBulk, passing, passingBulk]).toEqual(allSeries);
});

it('long entries have series of their own, so that they hold up no short ones', () => {
  expect(allSeries.filter(isBulk)).toEqual([sharedBulk, directBulk, passingBulk]);
});

it('only what is shared is handed on by others, and what passes is not kept over a restart', () => {
  expect(allSeries.filter(isShared)).toEqual([shared, sharedBulk]);
  expect(allSeries.filter(isKept)).toEqual([shared, sharedBulk, direct, directBulk]);
});
