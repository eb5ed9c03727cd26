import { describe, expect, it } from 'vitest';
import { areNeighbours } from './neighbours.ts';

describe('neighbours', () => {
  it.each([
    ['192.0.2.2', '192.0.2.77', true],
    ['2001:db8::1', '2001:db8::1', true],
    ['192.0.2.2', '198.51.100.2', false],
    ['2001:db8::1', '2001:db8::2', false],
    ['printer.local', '192.0.2.2', false],
  ])('%s and %s: %s', (one, other, expected) => {
    expect(areNeighbours(one, other)).toBe(expected);
  });
});
