import { type CampaignResult, repeatCommand, runCampaign } from './campaign.ts';

/*
 * A million frames for the server, links and decoders, valid ones and broken ones. `INNMESH_SEED` repeats a run,
 * `INNMESH_FRAMES` makes it shorter or longer.
 */

const seed = Number(process.env.INNMESH_SEED ?? Math.floor(Math.random() * 2 ** 32));
const frames = Number(process.env.INNMESH_FRAMES ?? 1_000_000);

console.log(`Seed ${seed}, ${frames} frames`);
const result = await runCampaign({ seed, frames, collectGarbage: globalThis.gc });
console.log(describe(result));
if (result.finding) {
  console.error(`FAILED at frame ${result.frames}: ${result.finding}\nRepeat with: ${repeatCommand({ seed, frames })}`);
  process.exitCode = 1;
}

function describe({ frames, tookMs, heapGrowthBytes, counts }: CampaignResult): string {
  const perSecond = Math.round(frames / (tookMs / 1000));
  const heap = heapGrowthBytes === null ? 'not measured' : `${(heapGrowthBytes / 1024).toFixed(0)} KiB`;
  const outcome = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  const took = `${(tookMs / 1000).toFixed(1)} s`;
  return `${frames} frames in ${took} (${perSecond}/s), heap growth ${heap}, seed ${seed}: ${outcome.join(', ')}`;
}
