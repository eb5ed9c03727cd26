import { parseArgs } from 'node:util';

export const usage = `npm run repairs -- [options]
  --repairs N    links that are broken and mended at the till (default 1000)`;

export function parseRepairs(args: string[]): number {
  const { values } = parseArgs({ args, options: { repairs: { type: 'string' } } });
  const repairs = Number(values.repairs ?? 1_000);
  if (!Number.isInteger(repairs) || repairs < 1) throw new Error('--repairs wants a whole number of at least 1');
  return repairs;
}
