import { parseArgs } from 'node:util';
import { chooseContestants } from '../../bench/contestants/index.ts';
import { chooseScenarios, scenarios } from './scenarios/index.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { INNMESH_IN_FIREFOX, ownContestants } from './stage.ts';

export interface LanOptions {
  scenarios: Scenario[];
  /** Names of the benchmark's contestants. */
  contestants: string[];
}

export const usage = `npm run lan -- [options]
  --only a,b           these scenarios only
  --contestants a,b    these contestants only: ${[...names(), INNMESH_IN_FIREFOX].join(', ')}

Scenarios:
${scenarios.map(({ name, title }) => `  ${name.padEnd(20)} ${title}`).join('\n')}`;

export function parseOptions(args: string[]): LanOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args, options: { only: text, contestants: text } });
  return { scenarios: chooseScenarios(listOf(values.only)), contestants: names(listOf(values.contestants)) };
}

const listOf = (value = '') => value.split(',').filter(Boolean);

/** Innmesh first, and also with one end in Node; in Firefox where that is asked for, as that is one browser more. */
function names(only: string[] = []): string[] {
  const own = ownContestants.filter((name) => (only.length === 0 ? name !== INNMESH_IN_FIREFOX : only.includes(name)));
  const others = only.filter((name) => !own.includes(name));
  if (only.length > 0 && others.length === 0) return own;
  return [
    ...own,
    ...chooseContestants(others)
      .map(({ name }) => name)
      .filter((name) => name !== 'innmesh'),
  ];
}
