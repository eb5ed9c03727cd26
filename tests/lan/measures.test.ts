import { describe, expect, it } from 'vitest';
import {
  crossings,
  faultsOf,
  latencyMs,
  longestSilenceMs,
  type Records,
  untilNextMs,
  untilWholeMs,
} from './measures.ts';
import type { StationLine } from './stations/program.ts';

const sent = (number: number, atMs: number): StationLine => {
  return { kind: 'stored', number, id: `${number}`, to: ['kitchen'], isForOne: false, atMs };
};
const handed = (number: number, atMs: number): StationLine => {
  return { kind: 'handed', from: 'till', number, id: `${number}`, start: 1, atMs };
};
const recorded = (till: StationLine[], kitchen: StationLine[]): Records =>
  new Map([
    ['till', till],
    ['kitchen', kitchen],
  ]);
const across = (till: StationLine[], kitchen: StationLine[]) => crossings(recorded(till, kitchen), 'till', 'kitchen');

describe('what stations recorded', () => {
  const three = [sent(1, 0), sent(2, 50), sent(3, 100)];

  it('shows what is lost, comes twice, or out of order', () => {
    expect(faultsOf(recorded(three, [handed(1, 1), handed(2, 51), handed(3, 101)]))).toMatchObject({
      lost: 0,
      repeated: 0,
    });
    expect(faultsOf(recorded(three, [handed(1, 1), handed(3, 101)]))).toMatchObject({ lost: 1 });
    expect(faultsOf(recorded(three, [handed(1, 1), handed(1, 2), handed(2, 51), handed(3, 101)]))).toMatchObject({
      repeated: 1,
    });
    expect(faultsOf(recorded(three, [handed(2, 51), handed(1, 60), handed(3, 101)]))).toMatchObject({
      'out of order': 1,
    });
  });

  it('shows when messages crossed again, and when all were there', () => {
    const late = across(three, [handed(1, 1), handed(2, 700), handed(3, 800)]);
    expect(untilNextMs(late, 500)).toBe(200);
    expect(untilWholeMs(late, 500)).toBe(300);
    expect(longestSilenceMs(late)).toBe(699);
    expect(latencyMs(late, 0.5)).toBe(650);
  });

  it('says nothing of what never happened', () => {
    const dead = across(three, [handed(1, 1)]);
    expect(untilNextMs(dead, 500)).toBeUndefined();
    expect(untilWholeMs(dead, 500)).toBeUndefined();
    expect(longestSilenceMs(dead)).toBeUndefined();
    expect(latencyMs(across(three, []), 0.5)).toBeUndefined();
  });

  it('looks at the first hand-over of what comes twice', () => {
    expect(latencyMs(across([sent(1, 0)], [handed(1, 5), handed(1, 900)]), 1)).toBe(5);
  });
});
