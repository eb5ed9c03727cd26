import { parseArgs } from 'node:util';
import { chooseContestants } from '../../bench/contestants/index.ts';
import { chooseScenarios, scenarios } from './scenarios/index.ts';
import type { Scenario } from './scenarios/scenario.ts';

export interface LanOptions {
  scenarios: Scenario[];
  /** Names of the benchmark's contestants. */
  contestants: string[];
}

export const usage = `npm run lan -- [options]
  --only a,b           these scenarios only
  --contestants a,b    these contestants only: ${names().join(', ')}

Scenarios:
${scenarios.map(({ name, title }) => `  ${name.padEnd(20)} ${title}`).join('\n')}`;

export function parseOptions(args: string[]): LanOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args, options: { only: text, contestants: text } });
  return { scenarios: chooseScenarios(listOf(values.only)), contestants: names(listOf(values.contestants)) };
}

const listOf = (value = '') => value.split(',').filter(Boolean);

/** Innmesh first. */
function names(only: string[] = []): string[] {
  const chosen = chooseContestants(only).map(({ name }) => name);
  return chosen.sort((a, b) => Number(b === 'innmesh') - Number(a === 'innmesh'));
}
