import { formatTable } from '../../bench/harness/table.ts';
import type { Line } from './ledger.ts';
import { repeatCommand, type SoakOptions } from './options.ts';
import type { SoakResult } from './soak.ts';
import { faults, type Violation } from './verdict.ts';

const MOST_EXAMPLES = 10;

export const isFlawless = ({ violations, failures }: SoakResult) => violations.length + failures.length === 0;

export function describe(result: SoakResult, options: SoakOptions): string {
  const troubles = [...result.troubles].map(([kind, count]) => `${count} ${kind}`).join(', ');
  const parts = [
    formatCounts(result),
    `Troubles in ${options.seconds} s: ${troubles || 'none'}`,
    ...result.failures,
    formatExamples(result.violations),
    `${isFlawless(result) ? 'Passed' : 'FAILED'} with seed ${options.seed}. Repeat with: ${repeatCommand(options)}`,
  ];
  return parts.filter(Boolean).join('\n\n');
}

/** A row for each device: what it wrote, and what it was handed or should have been. */
function formatCounts({ ledgers, starts, repeatsAfterEnd, violations }: SoakResult): string {
  const rows = [...ledgers].map(([name, lines]) => {
    const own = violations.filter(({ device }) => device === name);
    const counts = [count(lines, 'stored'), count(lines, 'handed'), repeatsAfterEnd.get(name) ?? 0];
    return { name, cells: [starts.get(name) ?? 0, ...counts, ...faultCounts(own)] };
  });
  const sums = rows[0]?.cells.map((_, column) => rows.reduce((sum, { cells }) => sum + (cells[column] ?? 0), 0)) ?? [];
  const all = [...sums.slice(0, -faults.length), ...faultCounts(violations)];
  return formatTable([
    ['device', 'starts', 'stored', 'handed over', 'again after its end', ...faults],
    ...[...rows, { name: 'all', cells: all }].map(({ name, cells }) => [name, ...cells.map(String)]),
  ]);
}

const count = (lines: Line[], kind: Line['kind']) => lines.filter((line) => line.kind === kind).length;

function faultCounts(violations: Violation[]): number[] {
  return faults.map((fault) => violations.filter((violation) => violation.fault === fault).length);
}

function formatExamples(violations: Violation[]): string {
  const examples = violations
    .slice(0, MOST_EXAMPLES)
    .map(({ fault, device, about }) => `${fault} at ${device}: ${about}`);
  const left = violations.length - examples.length;
  return [...examples, ...(left > 0 ? [`and ${left} more`] : [])].join('\n');
}
