import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{lib,apps,examples,bench,scripts,tests}/**/*.test.ts'],
    reporters: ['default', './tests/support/summary-reporter.ts'],
    // Browser tests start real Chromium processes: one file at a time leaves the two cores to them.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
});
