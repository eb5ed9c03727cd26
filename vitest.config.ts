import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{lib,apps,examples,bench,scripts,tests}/**/*.test.ts'],
    reporters: ['default', './tests/support/summary-reporter.ts'],
    // Browser tests start real Chromium processes: one file at a time leaves the two cores to them.
    fileParallelism: false,
    // Devices of tests keep their keys where nobody else's are.
    env: { INNMESH_HOME: process.env.INNMESH_HOME ?? mkdtempSync(join(tmpdir(), 'innmesh-test-')) },
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
});
