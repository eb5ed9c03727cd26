import { parseArgs } from 'node:util';

/** How much is measured; the same for every contestant. */
export interface Effort {
  rounds: number;
  /** Pairs of fresh pages per round and contestant; the last pair stays for the other measurements. */
  introductions: number;
  pings: number;
  streamMs: number;
  /** How often a transfer runs while orders cross. */
  transfers: number;
}

export interface Options extends Effort {
  /** Names of contestants; empty: all. */
  only: string[];
}

const full: Effort = { rounds: 5, introductions: 3, pings: 1000, streamMs: 1500, transfers: 3 };
const quick: Effort = { rounds: 1, introductions: 2, pings: 300, streamMs: 500, transfers: 1 };

export const usage = `npm run bench -- [options]
  --rounds N    rounds, each with every contestant (default ${full.rounds})
  --quick       a short form: one round, fewer pings, shorter streams; figures are rough
  --only a,b    these contestants only`;

export function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: { rounds: { type: 'string' }, quick: { type: 'boolean' }, only: { type: 'string' } },
  });
  const effort = values.quick ? quick : full;
  const rounds = values.rounds === undefined ? effort.rounds : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds wants a whole number of at least 1');
  return { ...effort, rounds, only: values.only?.split(',').filter(Boolean) ?? [] };
}
