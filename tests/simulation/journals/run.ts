import { parseArgs } from 'node:util';
import { simulate } from './scenario.ts';

/*
 * Many seeds, or a large property: `npm run simulate -- --seeds 1000`, `npm run simulate -- --house 50 --guests 300
 * --orders 10000`. Exits with 1 when anything was lost, twice, out of order or in the wrong hands.
 */

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    house: { type: 'string', default: '8' },
    guests: { type: 'string', default: '12' },
    orders: { type: 'string', default: '300' },
    troubles: { type: 'string', default: '20' },
  },
});
const [seeds, first, house, guests, orders, troubles] = [
  values.seeds,
  values.seed,
  values.house,
  values.guests,
  values.orders,
  values.troubles,
].map(Number) as [number, number, number, number, number, number];

let failed = 0;
for (let seed = first; seed < first + seeds; seed++) {
  const startMs = performance.now();
  const outcome = await simulate(seed, { house, guests, orders }, { troubles, crashOneIn: 3_000, isMeasuring: true });
  const { violations, handedOver, crashes, linksEach, bytesPerOrder } = outcome;
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  console.log(
    `seed ${seed}: ${violations.length} violations; ${handedOver} handed over, ${crashes} crashes, ` +
      `${linksEach.toFixed(1)} links a device of the house, ${bytesPerOrder.toFixed(0)} B on the network an order (${seconds} s)`,
  );
  for (const violation of violations.slice(0, 10)) console.log(`  ${violation}`);
  if (violations.length > 0) failed += 1;
}
console.log(
  `${seeds - failed} of ${seeds} seeds passed, with ${house} devices of the house, ${guests} guests, ${orders} orders`,
);
if (failed > 0) {
  console.log(
    `Repeat one with: npm run simulate -- --seeds 1 --seed N --house ${house} --guests ${guests} --orders ${orders}`,
  );
  process.exitCode = 1;
}
