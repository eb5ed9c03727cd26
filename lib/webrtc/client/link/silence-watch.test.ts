import { ManualClock } from '@innmesh/kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { SilenceWatch } from './silence-watch.ts';

let clock: ManualClock;
let told: string[];
let watch: SilenceWatch;

beforeEach(() => {
  clock = new ManualClock();
  told = [];
  watch = new SilenceWatch(clock, { ask: () => told.push('ask'), silent: () => told.push('silent') });
});

describe('a link on which something goes', () => {
  it('is pinged when nothing comes for 600 ms, and silent when there is no answer for as long', () => {
    watch.used();
    clock.advance(599);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual(['ask']);
    clock.advance(599);
    expect(told).toEqual(['ask']);
    clock.advance(1);
    expect(told).toEqual(['ask', 'silent']);
  });

  it('is not pinged while something comes', () => {
    for (let round = 0; round < 20; round++) {
      watch.used();
      clock.advance(500);
      watch.heard();
    }
    expect(told).toEqual([]);
  });

  it('is not silent where it answers', () => {
    watch.used();
    clock.advance(600);
    watch.heard();
    clock.advance(600);
    expect([told, watch.silentMs]).toEqual([['ask', 'ask'], 600]);
  });

  it('is told to be silent once, until it is of use again', () => {
    watch.used();
    clock.advance(60_000);
    expect(told).toEqual(['ask', 'silent']);
    watch.used();
    clock.advance(60_000);
    expect(told).toEqual(['ask', 'silent', 'ask', 'silent']);
  });

  it('is left in peace when it has ended', () => {
    watch.used();
    clock.advance(600);
    watch.stop();
    watch.used();
    clock.advance(60_000);
    expect(told).toEqual(['ask']);
  });
});

describe('a link that nobody uses', () => {
  it('is left in peace', () => {
    watch.heard();
    clock.advance(60_000);
    expect(told).toEqual([]);
  });

  it('is left in peace three seconds after it was of use', () => {
    watch.used();
    let asked = 0;
    for (let round = 0; round < 100; round++) {
      clock.advance(100);
      if (told.length > asked) watch.heard();
      asked = told.length;
    }
    expect(told.length).toBeGreaterThan(2);
    expect(told.length).toBeLessThan(7);
    expect(told).not.toContain('silent');
  });
});
