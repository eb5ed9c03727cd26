import { expect, it } from 'vitest';
import { formatElapsed, formatLatency, formatUsd } from './format.ts';

it.each([
  [-5000, '0:00'],
  [245_000, '4:05'],
  [3_845_000, '1:04:05'],
])('%i ms is %s', (ms, text) => {
  expect(formatElapsed(ms)).toBe(text);
});

it('costs are whole cents, and small ones exact', () => {
  expect([0, 0.25, 0.000045].map(formatUsd)).toEqual(['$0.00', '$0.25', '$0.000045']);
});

it('a latency is whole milliseconds', () => {
  expect([null, 0.4, 2.6].map(formatLatency)).toEqual(['measuring', '< 1 ms', '3 ms']);
});
