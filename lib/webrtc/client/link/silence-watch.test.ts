import { ManualClock } from '@innmesh/kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { SilenceWatch } from './silence-watch.ts';

let clock: ManualClock;
let silences: number;
let watch: SilenceWatch;

beforeEach(() => {
  clock = new ManualClock();
  silences = 0;
  watch = new SilenceWatch(clock, () => {
    silences += 1;
  });
});

describe('silence', () => {
  it('is told of when nothing comes for a second after something was sent', () => {
    watch.sent();
    clock.advance(999);
    expect(silences).toBe(0);
    clock.advance(1);
    expect(silences).toBe(1);
  });

  it('is none where nothing was sent', () => {
    clock.advance(60_000);
    expect(silences).toBe(0);
  });

  it('is over when something comes', () => {
    watch.sent();
    clock.advance(900);
    watch.heard();
    clock.advance(60_000);
    expect([silences, watch.silentMs]).toEqual([0, 60_000]);
  });

  it('begins with what was sent after the last word', () => {
    watch.sent();
    clock.advance(900);
    watch.heard();
    watch.sent();
    clock.advance(999);
    expect(silences).toBe(0);
    clock.advance(1);
    expect(silences).toBe(1);
  });

  it('is told of again where more is sent', () => {
    watch.sent();
    clock.advance(1_000);
    watch.sent();
    clock.advance(1_000);
    expect(silences).toBe(2);
  });

  it('is told of no more when the link has ended', () => {
    watch.sent();
    watch.stop();
    clock.advance(60_000);
    expect(silences).toBe(0);
  });
});
