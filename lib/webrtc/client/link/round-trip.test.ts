import { ManualClock } from '@innmesh/kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { RoundTrip } from './round-trip.ts';

const KEEPALIVE_MS = 1_000;

let clock: ManualClock;
let pings: number[];
let deaths: number;
let roundTrip: RoundTrip;

beforeEach(() => {
  clock = new ManualClock();
  pings = [];
  deaths = 0;
  roundTrip = new RoundTrip({
    clock,
    keepaliveMs: KEEPALIVE_MS,
    sendPing: (nonce) => pings.push(nonce),
    dead: () => {
      deaths += 1;
    },
  });
});

const answerLast = () => roundTrip.answered(pings.at(-1) ?? Number.NaN);

/** One ping and its answer after so long. */
function measure(ms: number): void {
  roundTrip.probe(10_000);
  clock.advance(ms);
  answerLast();
}

describe('the round trip', () => {
  it('is unknown before the first answer, and not measured while a page may still be loading', () => {
    roundTrip.start();
    expect([roundTrip.smoothedMs, pings.length]).toEqual([null, 0]);
    clock.advance(KEEPALIVE_MS);
    clock.advance(12);
    answerLast();
    expect(roundTrip.smoothedMs).toBe(12);
  });

  it('takes an eighth of each further measurement (RFC 6298 §2.3)', () => {
    measure(80);
    measure(160);
    expect(roundTrip.smoothedMs).toBe(90);
    measure(10);
    expect(roundTrip.smoothedMs).toBe(80);
  });

  it('deviates by a quarter of each further difference (RFC 6298 §2.3), from the second measurement on', () => {
    measure(80);
    expect(roundTrip.jitterMs).toBe(null);
    measure(160);
    expect(roundTrip.jitterMs).toBe(80);
    measure(90);
    expect(roundTrip.jitterMs).toBe(60);
  });

  it('does not count an answer to nothing, nor one a second time', () => {
    measure(80);
    clock.advance(1_000);
    answerLast();
    roundTrip.answered(99);
    expect(roundTrip.smoothedMs).toBe(80);
  });
});

describe('a probe', () => {
  it('tells of the answer when it comes', async () => {
    const probe = roundTrip.probe(500);
    clock.advance(499);
    answerLast();
    await expect(probe).resolves.toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives up when its time is over', async () => {
    const probe = roundTrip.probe(500);
    clock.advance(500);
    await expect(probe).resolves.toBe(false);
  });

  it('ends when the link does', async () => {
    roundTrip.start();
    const probe = roundTrip.probe(500);
    roundTrip.stop();
    await expect(probe).resolves.toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a link', () => {
  it('is dead after two pings without an answer', () => {
    roundTrip.start();
    clock.advance(3 * KEEPALIVE_MS - 1);
    expect([pings.length, deaths]).toEqual([2, 0]);
    clock.advance(1);
    expect([pings.length, deaths]).toEqual([2, 1]);
  });

  it('is alive while one of two is answered', () => {
    roundTrip.start();
    for (let beats = 1; beats <= 20; beats++) {
      clock.advance(KEEPALIVE_MS);
      if (beats % 2 === 1) answerLast();
    }
    expect(deaths).toBe(0);
  });

  it('is not taken for dead when several probes are on their way at a keepalive', () => {
    roundTrip.start();
    answerLast();
    clock.advance(KEEPALIVE_MS - 1);
    for (let probes = 0; probes < 5; probes++) roundTrip.probe(2_000);
    clock.advance(1);
    expect(deaths).toBe(0);
  });
});
