import type { StreamResult } from '../page/asking.ts';
import type { Tally } from '../page/tally.ts';
import type { RoundMeasurement, StreamMeasurement } from './measure.ts';
import { median, percentile } from './statistics.ts';

/** A number, or in words why there is none. */
export type Figure = number | string;

export interface Summary {
  firstEchoMs: number;
  echoAgainMs: number;
  signalingBytes: number;
  roundTripP50Ms: number;
  roundTripP99Ms: number;
  /** While a long transfer runs in the same direction. */
  loadedP99Ms: Figure;
  ordersPerSecond: Figure;
  smallPerSecond: Figure;
  largeMegabytesPerSecond: Figure;
}

/** Medians over the rounds; a stream that lost or damaged a message in any round has no rate. */
export function summarize(rounds: RoundMeasurement[]): Summary | undefined {
  if (rounds.length === 0) return undefined;
  const over = (measure: (round: RoundMeasurement) => number) => median(rounds.map(measure));
  return {
    firstEchoMs: median(rounds.flatMap(({ firstEchoMs }) => firstEchoMs)),
    echoAgainMs: median(rounds.flatMap(({ echoAgainMs }) => echoAgainMs)),
    signalingBytes: over(({ signaling }) => signaling.dataBytes),
    roundTripP50Ms: over(({ roundTripsMs }) => percentile(roundTripsMs, 0.5)),
    roundTripP99Ms: over(({ roundTripsMs }) => percentile(roundTripsMs, 0.99)),
    loadedP99Ms: flawOf(rounds.flatMap(({ transfers }) => transfers)) ?? over(loadedP99Ms),
    ordersPerSecond: rate(
      rounds.map(({ orders }) => orders),
      perSecond,
    ),
    smallPerSecond: rate(
      rounds.map(({ small }) => small),
      perSecond,
    ),
    largeMegabytesPerSecond: rate(
      rounds.map(({ large }) => large),
      (stream) => (perSecond(stream) * stream.sizeBytes) / 1e6,
    ),
  };
}

/** The least and the most of the rounds: how steady the machine was. */
export function rangeOfSmallPerSecond(rounds: RoundMeasurement[]): [number, number] {
  const rates = rounds.map(({ small }) => perSecond(small));
  return [Math.min(...rates), Math.max(...rates)];
}

function loadedP99Ms({ transfers }: RoundMeasurement): number {
  return percentile(
    transfers.flatMap(({ roundTripsMs }) => roundTripsMs),
    0.99,
  );
}

function perSecond({ received, elapsedMs = Number.NaN }: StreamMeasurement): number {
  return (received / elapsedMs) * 1000;
}

function rate(streams: StreamMeasurement[], measure: (stream: StreamMeasurement) => number): Figure {
  return flawOf(streams) ?? median(streams.map(measure));
}

type Streamed = StreamResult & Tally;

/** Why streams have no figure, in words. */
function flawOf(streams: Streamed[]): string | undefined {
  const lost = total(streams, ({ sent, received }) => Math.max(0, sent - received));
  const wrong = total(streams, ({ damaged, outOfTurn }) => Math.max(damaged, outOfTurn));
  if (lost > 0) return `lost ${lost}`;
  if (wrong > 0) return `wrong ${wrong}`;
  return streams.some(({ elapsedMs }) => elapsedMs === undefined) ? 'unconfirmed' : undefined;
}

function total(streams: Streamed[], count: (stream: Streamed) => number): number {
  return streams.reduce((sum, stream) => sum + count(stream), 0);
}
