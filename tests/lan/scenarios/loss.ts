import { setTimeout as sleep } from 'node:timers/promises';
import { runPairs, type Scene } from './pairs.ts';
import { slowedRow } from './rows.ts';
import type { Scenario } from './scenario.ts';

export function loss(percent: number): Scenario {
  return {
    name: `loss-${percent}`,
    title: `${percent} % of what comes to either device is lost, for 60 s`,
    async run(contestants, keep) {
      const course = {
        beforeMs: 0,
        afterMs: 0,
        patienceMs: 30_000,
        async trouble({ kitchen, till }: Scene) {
          for (const host of [kitchen, till]) await host.lose(percent / 100);
          await sleep(60_000);
        },
      };
      return (await runPairs(contestants, course, keep)).map(slowedRow);
    },
  };
}
