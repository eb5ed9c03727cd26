import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { ContestantEntry } from '../contestants/index.ts';
import type { Effort } from '../options.ts';
import type { BundleSize } from './bundle.ts';
import { type RoundMeasurement, TRANSFER_BYTES } from './measure.ts';
import { type Figure, rangeOfSmallPerSecond, type Summary } from './summary.ts';
import { formatNumber, formatRatio, formatTable } from './table.ts';

export interface ContestantReport {
  name: string;
  versions: Record<string, string>;
  bundle?: BundleSize;
  summary?: Summary;
  failures: string[];
  rounds: RoundMeasurement[];
}

export interface Report {
  startedAt: string;
  durationMs: number;
  machine: { cpu: string; cores: number; memoryBytes: number; platform: string; loadBefore: number; loadAfter: number };
  versions: { node: string; chromium: string; chromiumSource: string };
  effort: Effort;
  contestants: ContestantReport[];
}

export function describeMachine() {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    platform: `${process.platform}-${process.arch}`,
    loadBefore: loadavg()[0] ?? 0,
  };
}

interface Column {
  title: string;
  figure(contestant: ContestantReport): Figure | undefined;
}

interface Section {
  title: string;
  columns: Column[];
}

const introduction: Section = {
  title: 'introduction',
  columns: [
    { title: 'first echo ms', figure: ({ summary }) => summary?.firstEchoMs },
    { title: 'again ms', figure: ({ summary }) => summary?.echoAgainMs },
    { title: 'signaling B', figure: ({ summary }) => summary?.signalingBytes },
    { title: 'bundle KB', figure: ({ bundle }) => bundle && bundle.gzipBytes / 1000 },
  ],
};

const messages: Section = {
  title: 'messages',
  columns: [
    { title: 'RTT p50 ms', figure: ({ summary }) => summary?.roundTripP50Ms },
    { title: 'RTT p99 ms', figure: ({ summary }) => summary?.roundTripP99Ms },
    { title: `p99 in ${TRANSFER_BYTES / 1e6} MB ms`, figure: ({ summary }) => summary?.loadedP99Ms },
    { title: 'to idle', figure: loadedToIdle },
    { title: '300 B msg/s', figure: ({ summary }) => summary?.ordersPerSecond },
    { title: '1 KB msg/s', figure: ({ summary }) => summary?.smallPerSecond },
    { title: '200 KB MB/s', figure: ({ summary }) => summary?.largeMegabytesPerSecond },
  ],
};

const sections = [introduction, messages];

function loadedToIdle({ summary }: ContestantReport): string | undefined {
  return summary && formatRatio(asNumber(summary.loadedP99Ms), summary.roundTripP99Ms);
}

export function formatFigures(reports: ContestantReport[]): string {
  const format = (figure: Figure | undefined) => (typeof figure === 'string' ? figure : formatNumber(figure));
  const tables = sections.map(({ title, columns }) =>
    formatTable([
      [title, ...columns.map((column) => column.title)],
      ...reports.map((report) => [label(report), ...columns.map(({ figure }) => format(figure(report)))]),
    ]),
  );
  return tables.join('\n\n');
}

/** Each figure divided by the first contestant's. */
export function formatRatios(reports: ContestantReport[]): string {
  return sections.map((section) => formatSectionRatios(section, reports)).join('\n\n');
}

function formatSectionRatios({ title, columns }: Section, [reference, ...others]: ContestantReport[]): string {
  const compared = columns.filter(({ figure }) => reference && typeof figure(reference) === 'number');
  const ratio = ({ figure }: Column, report: ContestantReport) =>
    formatRatio(asNumber(figure(report)), asNumber(reference && figure(reference)));
  return formatTable([
    [`${title}, against ${reference?.name}`, ...compared.map((column) => column.title)],
    ...others.map((report) => [label(report), ...compared.map((column) => ratio(column, report))]),
  ]);
}

/** A wide range means that something else had the CPU, and that single figures deserve little trust. */
export function formatSteadiness([reference]: ContestantReport[]): string {
  if (!reference || reference.rounds.length < 2) return '';
  const [least, most] = rangeOfSmallPerSecond(reference.rounds).map(formatNumber);
  return `Between the rounds ${reference.name} ranged from ${least} to ${most} 1-KB messages/s.`;
}

function asNumber(figure: Figure | undefined): number | undefined {
  return typeof figure === 'number' ? figure : undefined;
}

function label({ name, versions }: ContestantReport): string {
  return [name, Object.values(versions)[0]].filter(Boolean).join(' ');
}

export function versionsOf({ packages }: ContestantEntry, versionOf: (name: string) => string): Record<string, string> {
  return Object.fromEntries(packages.map((name) => [name, versionOf(name)]));
}

export async function writeReport(path: string, report: Report): Promise<void> {
  const toMicroseconds = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toFixed(3)) : value);
  const listsOnOneLine = JSON.stringify(report, toMicroseconds, 2).replace(/\[[\d\s.,]+\]/g, (list) =>
    list.replace(/\s+/g, ''),
  );
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${listsOnOneLine}\n`);
}
