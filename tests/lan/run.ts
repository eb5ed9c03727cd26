import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatTable } from '../../bench/harness/table.ts';
import { LanUnavailableError } from './network/requirements.ts';
import { type LanOptions, parseOptions, usage } from './options.ts';
import type { Keep, Row, Scenario } from './scenarios/scenario.ts';

/*
 * What becomes of messages on a hotel's network in trouble: `npm run lan`. It measures and judges nobody: whatever a
 * contestant does, it goes on.
 */

const folder = join(import.meta.dirname, '../../artifacts/lan');

if (process.argv.includes('--help')) {
  console.log(usage);
} else {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const { scenarios, contestants } = readOptions();
  for (const scenario of scenarios) await measure(scenario, contestants);
  console.log(`All that the stations recorded: ${folder}`);
  process.exit();
}

async function measure(scenario: Scenario, contestants: string[]): Promise<void> {
  const taking = scenario.isForInnmesh ? contestants.filter((name) => name === 'innmesh') : contestants;
  if (taking.length === 0) return;
  console.log(`${scenario.name}: ${scenario.title}\n`);
  try {
    console.log(`${formatRows(await scenario.run(taking, keepIn(join(folder, scenario.name))))}\n`);
  } catch (error) {
    if (error instanceof LanUnavailableError) throw error;
    console.log(`It could not be measured: ${error instanceof Error ? error.stack : error}\n`);
  }
}

/** The columns of all rows, in the order in which they come up. */
function formatRows(rows: Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return formatTable([columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))]);
}

/** A file for each contestant: what its stations noted, in the order in which it happened, and all of their lines. */
function keepIn(place: string): Keep {
  return async (name, stations) => {
    mkdirSync(place, { recursive: true });
    const parts = stations.map(async (station) => {
      const [lines, trace] = [await station.lines(), await station.trace()];
      return { name: station.name, lines, trace };
    });
    const records = await Promise.all(parts);
    const story = records.flatMap((record) => [
      ...record.trace.map((line) => ({ ...line, station: record.name })),
      ...record.lines.flatMap((line) => (line.kind === 'noted' ? [{ ...line, station: record.name }] : [])),
    ]);
    story.sort((a, b) => a.atMs - b.atMs);
    const tell = (line: (typeof story)[number]) =>
      `${new Date(line.atMs).toISOString().slice(11, 23)}  ${line.station.padEnd(10)}  ${line.what}`;
    writeFileSync(join(place, `${name}.txt`), `${story.map(tell).join('\n')}\n`);
    writeFileSync(join(place, `${name}.json`), JSON.stringify(records));
  };
}

function readOptions(): LanOptions {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}
