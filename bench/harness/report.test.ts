import { describe, expect, it } from 'vitest';
import { type ContestantReport, formatFigures, formatRatios } from './report.ts';
import type { Summary } from './summary.ts';

const summary: Summary = {
  firstEchoMs: 40,
  echoAgainMs: 20,
  signalingBytes: 3692,
  roundTripP50Ms: 0.2,
  roundTripP99Ms: 0.5,
  loadedP99Ms: 10,
  ordersPerSecond: 40_000,
  smallPerSecond: 20_000,
  largeMegabytesPerSecond: 30,
};

const report = (name: string, figures: Partial<Summary> = {}): ContestantReport => ({
  name,
  versions: {},
  failures: [],
  rounds: [],
  summary: { ...summary, ...figures },
});

const [bare, other] = [report('bare'), report('other', { loadedP99Ms: 1, ordersPerSecond: 80_000 })];

describe('the tables of the benchmark', () => {
  it('say by how much an order is slower while a transfer runs', () => {
    const [, messages = ''] = formatFigures([bare, other]).split('\n\n');
    expect(messages).toMatch(/to idle/);
    expect(messages).toMatch(/^bare .* 10 +20\.00× +40,000 /m);
    expect(messages).toMatch(/^other .* 1 +2\.00× +80,000 /m);
  });

  it('divide each figure by the first contestant’s, but not one that is a ratio already', () => {
    const [introduction = '', messages = ''] = formatRatios([bare, other]).split('\n\n');
    expect(introduction).toMatch(/^other +1\.00× +1\.00× +1\.00×$/m);
    expect(messages).not.toContain('to idle');
    expect(messages).toMatch(/^other +1\.00× +1\.00× +0\.10× +2\.00× /m);
  });

  it('say in words why there is no figure, and compare nothing with it', () => {
    const lossy = report('lossy', { loadedP99Ms: 'lost 3' });
    expect(formatFigures([bare, lossy])).toMatch(/^lossy .* lost 3 +– /m);
    expect(formatRatios([bare, lossy])).toMatch(/^lossy +1\.00× +1\.00× +– +1\.00× /m);
  });
});
