import { describe, expect, it } from 'vitest';
import type { RoundMeasurement, StreamMeasurement } from './measure.ts';
import { summarize } from './summary.ts';

const small: StreamMeasurement = {
  sizeBytes: 1024,
  sent: 1000,
  received: 1000,
  damaged: 0,
  outOfTurn: 0,
  elapsedMs: 100,
};
const large: StreamMeasurement = { ...small, sizeBytes: 200_000, sent: 10, received: 10 };
const round: RoundMeasurement = {
  firstEchoMs: [20, 30],
  echoAgainMs: [10],
  signaling: { dataBytes: 3692, dataFrames: 13, controlBytes: 8, controlFrames: 2 },
  roundTripsMs: [0.3, 0.1, 0.2],
  transfers: [{ ...large, roundTripsMs: [2, 4] }],
  orders: { ...small, sizeBytes: 300, elapsedMs: 50 },
  small,
  large,
};

describe('summarize', () => {
  it('takes medians over the rounds and leaves keepalives out of the signaling bytes', () => {
    const slower = { ...round, firstEchoMs: [40, 50], small: { ...small, elapsedMs: 200 }, roundTripsMs: [1, 1, 1] };
    expect(summarize([round, slower, round])).toEqual({
      firstEchoMs: 30,
      echoAgainMs: 10,
      signalingBytes: 3692,
      roundTripP50Ms: 0.2,
      roundTripP99Ms: 0.3,
      loadedP99Ms: 4,
      ordersPerSecond: 20_000,
      smallPerSecond: 10_000,
      largeMegabytesPerSecond: 20,
    });
  });

  it('gives no rate to a stream that lost messages in any round', () => {
    const lossy = { ...round, small: { ...small, received: 997 } };
    expect(summarize([round, lossy, lossy])).toMatchObject({ smallPerSecond: 'lost 6', largeMegabytesPerSecond: 20 });
  });

  it('gives none to one that damaged, repeated or disordered them, or never confirmed the total', () => {
    expect(summarize([{ ...round, large: { ...large, damaged: 2 } }])).toMatchObject({
      largeMegabytesPerSecond: 'wrong 2',
    });
    expect(summarize([{ ...round, large: { ...large, outOfTurn: 1 } }])).toMatchObject({
      largeMegabytesPerSecond: 'wrong 1',
    });
    expect(summarize([{ ...round, small: { ...small, elapsedMs: undefined } }])).toMatchObject({
      smallPerSecond: 'unconfirmed',
    });
  });

  it('takes the echoes of all transfers of a round together, and none where one of them lost messages', () => {
    const twice = { ...round, transfers: [...round.transfers, { ...large, roundTripsMs: [9, 1] }] };
    expect(summarize([twice])).toMatchObject({ loadedP99Ms: 9 });
    const lossy = { ...round, transfers: [{ ...large, received: 7, roundTripsMs: [2] }] };
    expect(summarize([round, lossy])).toMatchObject({ loadedP99Ms: 'lost 3', largeMegabytesPerSecond: 20 });
  });

  it('has nothing to say without a round', () => {
    expect(summarize([])).toBeUndefined();
  });
});
