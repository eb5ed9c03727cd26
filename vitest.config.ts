import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const everything = '{lib,apps,examples,bench,scripts,tests}/**/*.test.ts';
/** Neither browsers nor networks: what they need is time on a core. */
const calculating = ['lib/{kit,protocol,webrtc/client}/**/*.test.ts', 'tests/simulation/**/*.test.ts'];

const test = {
  // Devices of tests keep their keys where nobody else's are.
  env: { INNMESH_HOME: process.env.INNMESH_HOME ?? mkdtempSync(join(tmpdir(), 'innmesh-test-')) },
  testTimeout: 60_000,
  hookTimeout: 180_000,
};

export default defineConfig({
  test: {
    reporters: ['default', './tests/support/summary-reporter.ts'],
    projects: [
      {
        test: {
          ...test,
          name: 'calculating',
          include: calculating,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
          // On virtual time: how long one takes tells of nothing but the machine.
          testTimeout: 300_000,
        },
      },
      // Browser tests start real Chromium processes: one file at a time leaves the cores to them.
      {
        test: {
          ...test,
          name: 'running',
          include: [everything],
          exclude: ['**/node_modules/**', ...calculating],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
