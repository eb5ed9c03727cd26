import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Browser } from 'playwright-core';
import { findChromium, launchChromium } from '../scripts/chromium.ts';
import { type ContestantEntry, chooseContestants } from './contestants/index.ts';
import { bundlePage, type Files, measureBundle } from './harness/bundle.ts';
import { measureRound, meetTwice, type Stage } from './harness/measure.ts';
import { startPageServer } from './harness/page-server.ts';
import {
  type ContestantReport,
  describeMachine,
  formatFigures,
  formatRatios,
  formatSteadiness,
  versionsOf,
  writeReport,
} from './harness/report.ts';
import { summarize } from './harness/summary.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { startCountingProxy } from './signaling/counting-proxy.ts';

const resultFile = join(import.meta.dirname, 'results', 'latest.json');
const log = (line = '') => console.log(line);

interface Entry {
  contestant: ContestantEntry;
  report: ContestantReport;
}

interface Ready extends Entry {
  stage: Stage;
}

async function main(options: Options): Promise<ContestantReport[]> {
  const startedAt = new Date();
  const machine = describeMachine();
  const chromium = await findChromium({ log });
  const browser = await launchChromium({ chromium });
  const versions = { node: process.version, chromium: browser.version(), chromiumSource: chromium.source };
  log(
    `Chromium ${versions.chromium} from ${chromium.source}, Node ${versions.node}, ${machine.cores} × ${machine.cpu}`,
  );
  if (machine.loadBefore > machine.cores / 2) log(`This machine is busy (load ${machine.loadBefore.toFixed(1)}).`);

  const entries = chooseContestants(options.only).map((contestant) => ({
    contestant,
    report: createReport(contestant),
  }));
  const ready = await prepare(entries, browser);
  for (let round = 0; round < options.rounds; round++) await runRound(rotate(ready, round), round, options);
  await browser.close();

  const contestants = entries.map(({ report }) => ({ ...report, summary: summarize(report.rounds) }));
  const { only: _, ...effort } = options;
  await writeReport(resultFile, {
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    machine: { ...machine, loadAfter: loadavg()[0] ?? 0 },
    versions,
    effort,
    contestants,
  });
  return contestants;
}

function createReport(contestant: ContestantEntry): ContestantReport {
  return { name: contestant.name, versions: versionsOf(contestant, versionOf), failures: [], rounds: [] };
}

/** Who cannot be bundled, started or introduced once is left out, with the reason in the report. */
async function prepare(entries: Entry[], browser: Browser): Promise<Ready[]> {
  const pages = new Map<string, Files>();
  const pageServer = await startPageServer(pages);
  const ready: Ready[] = [];
  for (const { contestant, report } of entries) {
    try {
      report.bundle = await measureBundle(contestant);
      pages.set(contestant.name, await bundlePage(contestant));
      const proxy = await startCountingProxy((await contestant.startSignaling()).port);
      const stage = { browser, proxy, pageUrl: pageServer.url(contestant.name) };
      await meetTwice(stage, contestant); // a browser's first is slow; nobody should have to be it
      ready.push({ contestant, report, stage });
    } catch (error) {
      fail(report, 'left out', error);
    }
  }
  return ready;
}

async function runRound(order: Ready[], round: number, options: Options): Promise<void> {
  for (const { contestant, report, stage } of order) {
    log(`round ${round + 1} of ${options.rounds}: ${contestant.name}`);
    try {
      report.rounds.push(await measureRound(stage, contestant, options));
    } catch (error) {
      fail(report, `round ${round + 1}`, error);
    }
  }
}

function fail(report: ContestantReport, when: string, error: unknown): void {
  log(`${report.name}: ${when}`);
  report.failures.push(`${when}: ${stripVTControlCharacters(error instanceof Error ? error.message : String(error))}`);
}

function rotate<Item>(items: Item[], by: number): Item[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

function versionOf(packageName: string): string {
  const path = findPackageJSON(packageName, import.meta.url);
  return path ? (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version : 'unknown';
}

function print(reports: ContestantReport[]): void {
  const failures = reports.flatMap(({ name, failures }) => failures.map((failure) => `${name} ${failure.trim()}`));
  const ratios = reports.length > 1 ? formatRatios(reports) : '';
  const parts = [formatFigures(reports), ratios, formatSteadiness(reports), ...failures, `All values: ${resultFile}`];
  log(`\n${parts.filter(Boolean).join('\n\n')}`);
}

function readOptions(): Options {
  try {
    const options = parseOptions(process.argv.slice(2));
    chooseContestants(options.only);
    return options;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}

if (process.argv.includes('--help')) {
  log(usage);
} else {
  const reports = await main(readOptions());
  print(reports);
  // PeerServer has timers that nothing stops.
  process.exit(reports.some(({ failures }) => failures.length > 0) ? 1 : 0);
}
