import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SoakOptions } from './options.ts';
import { describe as inWords, isFlawless } from './report.ts';
import { soak } from './soak.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'innmesh-soak-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

const someSeed = () => Math.floor(Math.random() * 2 ** 32);
const few: Omit<SoakOptions, 'seed'> = { seconds: 12, nodes: 2, pages: 1, troubles: [] };

describe('devices in Node and in Chromium that write without end', { timeout: 180_000 }, () => {
  it('lose, repeat and disorder nothing where the server is killed and processes are stopped', async () => {
    const options = { ...few, seed: someSeed(), troubles: ['outage', 'stop'] };
    const result = await soak(join(folder, 'stopped'), options);
    expect(isFlawless(result), inWords(result, options)).toBe(true);
  });

  it('nor where they are killed, reloaded and crash', async () => {
    const options = { ...few, seed: someSeed() };
    const result = await soak(join(folder, 'killed'), options);
    expect(isFlawless(result), inWords(result, options)).toBe(true);
  });
});
