import { simulate } from './scenario.ts';

const HOUSES = [5, 10, 20, 50];
const GUESTS = [0, 50, 300];
/** An order each four seconds, so that hardly any crosses together with another. */
const ORDERS = 300;
const DURATION_MS = ORDERS * 4_000;

/** Links and bytes against the number of devices, on a day without trouble, as the table in docs/decisions/0015 has it. */
export async function showGrowth(): Promise<void> {
  console.log(
    '| house, guests | links each (most) | into the house | B received each, an order | B on all links | times the least |',
  );
  console.log('| --- | ---: | ---: | ---: | ---: | ---: |');
  for (const house of HOUSES) {
    for (const guests of GUESTS) console.log(await rowOf(house, guests));
  }
}

async function rowOf(house: number, guests: number): Promise<string> {
  const options = { durationMs: DURATION_MS, troubles: 0, isMeasuring: true };
  const { violations, links, costs } = await simulate(1, { house, guests, orders: ORDERS }, options);
  if (violations.length > 0) throw new Error(violations.join('\n'));
  const { each, intoHouse } = links;
  const cells = [
    `${house}, ${guests}`,
    `${each.mean.toFixed(1)} (${each.most})`,
    `${intoHouse.mean.toFixed(1)} (${intoHouse.most})`,
    costs.bytesEach.mean.toFixed(0),
    costs.bytes.toFixed(0),
    (costs.bytes / costs.leastBytes).toFixed(2),
  ];
  return `| ${cells.join(' | ')} |`;
}
