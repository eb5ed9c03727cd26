import { describe, expect, it } from 'vitest';
import { repeatCommand, runCampaign } from './campaign.ts';

const frames = 20_000;
const seeds = [1, Math.floor(Math.random() * 2 ** 32)];

describe(`${frames} frames, valid ones and broken ones, do no harm to the server, to links and to decoders`, () => {
  it.each(seeds)('with seed %i', async (seed) => {
    const { finding } = await runCampaign({ seed, frames });
    expect(finding, `Repeat with: ${repeatCommand({ seed, frames })}`).toBeNull();
  });
});
