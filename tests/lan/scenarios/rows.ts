import { formatNumber } from '../../../bench/harness/table.ts';
import { latencyMs, longestSilenceMs, untilNextMs, untilWholeMs } from '../measures.ts';
import type { PairResult } from './pairs.ts';
import type { Row } from './scenario.ts';

/** What a time means that never came. */
export const orNever = (timeMs: number | undefined): string => (timeMs === undefined ? 'never' : formatNumber(timeMs));

function counts({ contestant, crossings, faults }: PairResult): Row {
  return {
    contestant,
    sent: String(crossings.length),
    lost: String(faults.lost),
    twice: String(faults.repeated),
    'out of order': String(faults['out of order']),
  };
}

/** How a pair went through something that stopped its messages. */
export function interruptedRow(result: PairResult): Row {
  const { crossings, overAtMs } = result;
  return {
    ...counts(result),
    'first after ms': orNever(untilNextMs(crossings, overAtMs)),
    'all there after ms': orNever(untilWholeMs(crossings, overAtMs)),
    'longest silence ms': formatNumber(longestSilenceMs(crossings)),
  };
}

/** How a pair went through something that slowed it. */
export function slowedRow(result: PairResult): Row {
  const { crossings } = result;
  return {
    ...counts(result),
    'p50 ms': formatNumber(latencyMs(crossings, 0.5)),
    'p99 ms': formatNumber(latencyMs(crossings, 0.99)),
    'longest silence ms': formatNumber(longestSilenceMs(crossings)),
  };
}
