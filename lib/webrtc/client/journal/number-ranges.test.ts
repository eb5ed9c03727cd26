import { expect, it } from 'vitest';
import { readRanges, writeRanges } from './number-ranges.ts';

it.each([
  [[], ''],
  [[7], '7'],
  [[7, 8, 9], '7-9'],
  [[3, 7, 8, 10, 11, 12, 20], '3,7-8,10-12,20'],
])('ascending numbers are written as ranges, and read as those that they were: %j', (numbers, text) => {
  expect(writeRanges(numbers)).toBe(text);
  const has = readRanges(text);
  const upTo21 = Array.from({ length: 22 }, (_, number) => number);
  expect(upTo21.filter(has)).toEqual(numbers);
});
