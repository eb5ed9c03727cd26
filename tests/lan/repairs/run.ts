import { parseRepairs, usage } from './options.ts';
import { countRepairs } from './repairs.ts';
import { complaints, describeResult, describeSample } from './report.ts';

/* Whether a page in Chromium holds more after a thousand links of it were broken and mended: `npm run repairs`. */

const SAMPLES_AT = [100, 500];

if (process.argv.includes('--help')) {
  console.log(usage);
} else {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const result = await countRepairs(readRepairs(), SAMPLES_AT, (sample) => console.log(describeSample(sample)));
  console.log(describeResult(result));
  process.exit(complaints(result).length > 0 ? 1 : 0);
}

function readRepairs(): number {
  try {
    return parseRepairs(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}
