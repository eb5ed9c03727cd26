import { parseArgs } from 'node:util';
import { showGrowth } from './growth.ts';
import { type Outcome, simulate } from './scenario.ts';
import type { Spread } from './traffic.ts';

/*
 * Many seeds, or a large property: `npm run simulate -- --seeds 1000`, `npm run simulate -- --seeds 1 --house 50
 * --guests 300 --orders 10000`. Exits with 1 when anything was lost, twice, out of order or in the wrong hands.
 * `npm run simulate -- --growth` shows links and bytes against the number of devices.
 */

const { values } = parseArgs({
  options: {
    growth: { type: 'boolean', default: false },
    seeds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    house: { type: 'string', default: '8' },
    guests: { type: 'string', default: '12' },
    orders: { type: 'string', default: '300' },
    minutes: { type: 'string', default: '2' },
    troubles: { type: 'string', default: '20' },
    'crash-one-in': { type: 'string', default: '3000' },
    'no-room-for-marks': { type: 'boolean', default: false },
  },
});
const numbers = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
const { seeds = 0, seed: first = 0, house = 0, guests = 0, orders = 0, minutes = 0, troubles = 0 } = numbers;

async function runSeeds(): Promise<void> {
  const crashOneIn = numbers['crash-one-in'];
  const marksFindRoom = !values['no-room-for-marks'];
  const options = { durationMs: minutes * 60_000, troubles, crashOneIn, marksFindRoom, isMeasuring: true };
  let failed = 0;
  for (let seed = first; seed < first + seeds; seed++) {
    const startMs = performance.now();
    const outcome = await simulate(seed, { house, guests, orders }, options);
    show(seed, outcome, (performance.now() - startMs) / 1000);
    if (outcome.violations.length > 0) failed += 1;
  }
  console.log(
    `${seeds - failed} of ${seeds} seeds passed, with ${house} devices of the house, ${guests} guests, ${orders} orders`,
  );
  if (failed === 0) return;
  console.log(`Repeat one with: npm run simulate -- ${process.argv.slice(2).join(' ')} --seeds 1 --seed N`);
  process.exitCode = 1;
}

function show(seed: number, { violations, handedOver, crashes, links, costs }: Outcome, seconds: number): void {
  console.log(
    `seed ${seed}: ${violations.length} violations; ${handedOver} handed over, ${crashes} crashes (${seconds.toFixed(1)} s)\n` +
      `  a device of the house: ${shown(links.each, 1)} links, ${shown(links.intoHouse, 1)} into the house; ${shown(costs.bytesEach)} B received an order\n` +
      `  on all links ${costs.bytes.toFixed(0)} B an order, ${(costs.bytes / costs.leastBytes).toFixed(2)} times the least of ${costs.leastBytes.toFixed(0)}: ` +
      costs.byType.map(([type, bytes]) => `${type} ${bytes.toFixed(0)}`).join(', '),
  );
  for (const violation of violations.slice(0, 10)) console.log(`  ${violation}`);
}

const shown = ({ mean, most }: Spread, digits = 0) => `${mean.toFixed(digits)} (at most ${most.toFixed(0)})`;

if (values.growth) await showGrowth();
else await runSeeds();
