import { seededRandom } from '@innmesh/kit';
import { describe, expect, it } from 'vitest';
import { repeatCommand, runCampaign } from './campaign.ts';
import { DecoderFuzzer } from './decoder-fuzzer.ts';
import { Findings } from './findings.ts';

const frames = 20_000;
const seeds = [1, Math.floor(Math.random() * 2 ** 32)];

describe(`${frames} frames, valid ones and broken ones, do no harm to the server, to links and to decoders`, () => {
  it.each(seeds)('with seed %i', async (seed) => {
    const { finding } = await runCampaign({ seed, frames });
    expect(finding, `Repeat with: ${repeatCommand({ seed, frames })}`).toBeNull();
  });
});

it.each(seeds)(
  '120,000 frames for decoders alone are refused, or taken for the one message they encode: seed %i',
  (seed) => {
    const findings = new Findings();
    const fuzzer = new DecoderFuzzer({ random: seededRandom(seed), findings });
    for (let left = 120_000; left > 0 && !findings.first; left--) fuzzer.step();
    expect(findings.first).toBeNull();
    const { accepted = 0, refused = 0 } = fuzzer.summary();
    expect(Math.min(accepted, refused)).toBeGreaterThan(10_000);
  },
);
