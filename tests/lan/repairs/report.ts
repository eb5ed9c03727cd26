import { formatTable } from '../../../bench/harness/table.ts';
import type { Figures } from './figures.ts';
import { type RepairsResult, type Sample, sum } from './repairs.ts';

/** What is wrong, in words; nothing where all is right. */
export function complaints({ samples, faults, mostUncollected }: RepairsResult): string[] {
  const end = samples.at(-1);
  const kept = (['till', 'kitchen'] as const).flatMap((host) => {
    const { open = 0, uncollected = 0 } = end?.[host] ?? {};
    return uncollected > open + MOST_KEPT ? [`Of a page of the ${host}, ${uncollected} are not collected.`] : [];
  });
  const wrong = Object.entries(faults).flatMap(([fault, count]) => (count > 0 ? [`${count} messages ${fault}.`] : []));
  const limit = mostUncollected >= CHROMIUM_LIMIT ? [`${mostUncollected} connections of one page at one time.`] : [];
  return [...kept, ...wrong, ...limit];
}

/** That are closed and not collected when all is. Some have been closed a moment ago. */
const MOST_KEPT = 20;
/** Of RTCPeerConnections in a renderer; the next one throws. */
const CHROMIUM_LIMIT = 500;

export function describeSample({ mended, till, kitchen }: Sample): string {
  const { restarted, replaced, madeAnew } = mended;
  const title = `${sum(mended)} repairs: ICE restarted ${restarted}, replaced ${replaced}, made anew ${madeAnew}`;
  return `${title}\n${formatTable([columns, ['till', ...cells(till)], ['kitchens', ...cells(kitchen)]])}\n`;
}

const columns = ['host', 'made', 'open', 'uncollected', 'heap MB', 'UDP sockets', 'files', 'threads', 'resident MB'];

function cells(figures: Figures): string[] {
  const { made, open, uncollected, heapBytes, udpSockets, files, threads, residentBytes } = figures;
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  const numbers = [made, open, uncollected, megabytes(heapBytes), udpSockets, files, threads, megabytes(residentBytes)];
  return numbers.map(String);
}

export function describeResult(result: RepairsResult): string {
  const { faults, sent, unlinked, mostUncollected, seconds } = result;
  const counted = `${sent} messages, each to all others: ${faults.lost} lost, ${faults.repeated} twice, ${faults['out of order']} out of order`;
  return [
    `${counted}. ${Math.round(seconds)} s.`,
    `At most ${mostUncollected} connections of a page were not collected. The till was told ${unlinked} times of a link that is gone.`,
    ...complaints(result),
    complaints(result).length > 0 ? 'FAILED' : 'Passed',
  ].join('\n');
}
