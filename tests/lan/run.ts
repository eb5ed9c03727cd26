import { join } from 'node:path';
import { formatTable } from '../../bench/harness/table.ts';
import { Evidence } from './evidence.ts';
import { LanUnavailableError } from './network/requirements.ts';
import { type LanOptions, parseOptions, usage } from './options.ts';
import type { Row, Scenario } from './scenarios/scenario.ts';

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
  const evidence = new Evidence(join(folder, scenario.name));
  try {
    console.log(`${formatRows(await scenario.run(taking, (name, stations) => evidence.keep(name, stations)))}\n`);
  } catch (error) {
    if (error instanceof LanUnavailableError) throw error;
    console.log(`It could not be measured: ${error instanceof Error ? error.stack : error}\n`);
  }
  // Where nobody put them to sleep, the machine was busy with something else, and the figures are its own.
  for (const stall of evidence.stalls) console.log(`${stall}\n`);
}

/** The columns of all rows, in the order in which they come up. */
function formatRows(rows: Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return formatTable([columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))]);
}

function readOptions(): LanOptions {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}
