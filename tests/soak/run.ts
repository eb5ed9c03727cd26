import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseOptions, repeatCommand, usage } from './options.ts';
import { describe, isFlawless } from './report.ts';
import { soak } from './soak.ts';

/*
 * Devices that are killed, cut and stopped while they write: `npm run soak`. It proves from what they recorded that
 * nothing that was stored is lost, nothing is handed over twice, and each writer's order is kept.
 */

if (process.argv.includes('--help')) {
  console.log(usage);
} else {
  const options = readOptions();
  console.log(`${repeatCommand(options)}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'innmesh-soak-'));
  const result = await soak(folder, options);
  console.log(`\n${describe(result, options)}`);
  if (isFlawless(result)) rmSync(folder, { recursive: true });
  else console.log(`The ledgers and all that the devices kept: ${folder}`);
  process.exitCode = isFlawless(result) ? 0 : 1;
}

function readOptions() {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}
